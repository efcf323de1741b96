// shapes.ts: what the API answers, as far as these pages read it: the program's own types (answers.d.ts, which
// `rusuban api types` writes and a test compares), and the few that it has no name for.
import type { Api, Item } from "./answers";
export type {
    Alarm,
    Approval,
    ChangedFile,
    Changes,
    Commit,
    Deciders,
    Diff,
    DiffFile,
    Estimate,
    Figure,
    Found,
    Home,
    Item,
    ItemArgs,
    Live,
    Lock,
    Loss,
    Marker,
    Output,
    PageHour,
    Pages,
    PageShown,
    Release,
    ReleaseShown,
    Saved,
    ServiceHost,
    ServiceHosts,
    Step,
    Table,
    Tile,
    Traffic,
    TrafficSide,
    Verdict,
    TileArgs,
    Zone,
} from "./answers";

export interface List<T> {
    items: T[];
    next: number | null;
    timezone?: string | null;
}
export type Releases = Api["GET /releases"]["answer"];
export type How = Item["how"];
