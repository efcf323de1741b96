// shapes.ts: what the API answers, as far as these pages read it.
export interface List<T> {
    items: T[];
    next: number | null;
    timezone?: string | null;
}
export interface Step {
    state: string;
    host: string | null;
    step: string;
    attempt: number;
    result: string | null;
    detail: string;
    took_ms: number | null;
    begun_at: string | null;
    done_at: string | null;
}
export interface Approval {
    who: string;
    answer: "approve" | "reject";
    note: string;
    at: string;
}
export interface Release {
    service: string;
    number: number;
    kind: "release" | "rollback";
    state: string;
    label: string;
    over: boolean;
    why: string;
    target: number;
    base: number;
    wanted: string | null;
    rev: string | null;
    branch: string | null;
    subject: string;
    author: string;
    commits: number;
    files: number;
    files_changed: number;
    size_bytes: number;
    asked_by: string;
    via: string;
    override: string | null;
    aborting: string | null;
    warnings: number;
    created_at: string;
    started_at: string | null;
    state_at: string | null;
    ended_at: string | null;
    took_ms: number | null;
}
export interface ReleaseShown extends Release {
    back_to: number | null;
    timezone: string | null;
    steps: Step[];
    approvals: Approval[];
}
export interface Lock {
    service: string;
    release: number | null;
    reason: string;
    author: string;
    since: string;
    until: string | null;
}
export interface ServiceHost {
    host: string;
    zone: string | null;
    group: string;
    current: number | null;
    error: string | null;
    out_by: string | null;
    out_reason: string | null;
    behind: boolean;
    free_bytes: number | null;
    seen_at: string | null;
}
export interface ServiceHosts {
    service: string;
    live: number;
    hosts: ServiceHost[];
    timezone: string | null;
}
export interface Output {
    step: string;
    host: string | null;
    attempt: number;
    text: string;
}

export type How = "ok" | "running" | "info" | "warn" | "bad";
export type Args = Record<string, string | number | null>;
export interface Item {
    how: How;
    kind: string;
    text: string;
    why: string | null;
    who: string | null;
    path: string | null;
    cli: string | null;
    args: Args;
    at: string | null;
}
export interface Tile {
    tier: string;
    zone: string;
    name: string;
    how: How;
    kind: string;
    text: string;
    path: string | null;
    args: Args;
}
export interface Figure {
    name: string;
    unit: string;
    now: number | null;
    step_ms: number;
    from: string;
    series: (number | null)[];
}
export interface Zone {
    name: string;
    net: string | null;
    hosts: number;
}
export interface Home {
    site: string | null;
    timezone: string | null;
    sentence: { how: How; text: string; needs: number; kind: string };
    zones: Zone[];
    tiles: Tile[];
    figures: Figure[];
    needs: Item[];
    happening: Item[];
}
export interface Found {
    kind: string;
    name: string;
    about: string | null;
    path: string | null;
    cli: string | null;
}
