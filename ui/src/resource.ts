// resource.ts: one address of the API as something a page can watch: its last answer at once, then the fresh one, then
// again whenever the server says that one of its topics changed. Whoever uses the same address shares the same
// resource.
//
//     const release = use_resource<Release>("/releases/web/12", ["release:web/12"]);
//     release.data.value
import { batch, signal, type Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError, get, known } from "./api";
import { on_change, type Topic } from "./live";
import { me } from "./state";

export interface Resource<T> {
    readonly path: string;
    readonly data: Signal<T | undefined>;
    readonly error: Signal<ApiError | undefined>;
    readonly at: Signal<number>; // when data was true, by our clock
    refresh(): Promise<void>;
}

interface Shared extends Resource<unknown> {
    users: number;
    stop?: () => void;
}
const all = new Map<string, Shared>();

function make(path: string): Shared {
    const before = known(path);
    const r: Shared = {
        path,
        data: signal(before?.data),
        error: signal(undefined),
        at: signal(before?.at ?? 0),
        users: 0,
        refresh,
    };
    let running: Promise<void> | undefined;
    let again = false;

    async function once(): Promise<void> {
        try {
            const answer = await get<unknown>(path);
            batch(() => {
                r.data.value = answer.data;
                r.at.value = answer.at;
                r.error.value = undefined;
            });
        } catch (e) {
            if (!(e instanceof ApiError)) throw e;
            r.error.value = e;
        }
    }
    // One request at a time; what changed while it was under way is asked once more.
    function refresh(): Promise<void> {
        if (running) {
            again = true;
            return running;
        }
        running = once().finally(() => {
            running = undefined;
            if (again && r.users) {
                again = false;
                void refresh();
            }
        });
        return running;
    }
    return r;
}

export function use_resource<T>(path: string, topics: Topic[] = []): Resource<T> {
    let r = all.get(path);
    if (!r) all.set(path, (r = make(path)));
    const shared = r;
    useEffect(() => {
        // The others are served by the first one's. A page that took the place of one with the same address drew
        // before that one left, and with it the resource: it is put back, or the next drawing would make another.
        all.set(path, shared);
        if (shared.users++ === 0) void shared.refresh();
        const stop = on_change(topics, () => void shared.refresh());
        const stop_me = me.subscribe((who) => {
            if (typeof who !== "string" && shared.error.peek()?.code === "signed_out") void shared.refresh();
        });
        return () => {
            stop();
            stop_me();
            if (--shared.users === 0 && all.get(path) === shared) all.delete(path);
        };
    }, [path]);
    return shared as unknown as Resource<T>;
}
