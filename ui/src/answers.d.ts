// Written by `rusuban api types` from the rows of the API; a test compares the two.

// the server is there
export interface Ping {
    ok: boolean;
    version: string;
}

// what a stream hears besides all events
export interface Topics {
    topics: string[];
}

// a release or a roll back; target is the number of its directory on the hosts; reason: why somebody went back or stopped it, in their words; verdict: what judging the canary came to, null where nobody did; undone_by: the number of the roll back that went back from it
export interface Release {
    service: string;
    number: number;
    kind: "release" | "rollback";
    state: "queued" | "building" | "staging" | "migrating" | "canary" | "judging" | "asking" | "production" | "finishing" | "rolling_back" | "needs_human" | "done" | "failed" | "cancelled" | "superseded" | "rolled_back" | "left";
    label: string;
    over: boolean;
    why: string;
    target: number;
    base: number;
    wanted: string | null;
    rev: string | null;
    tree: string | null;
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
    stopped: "rejected" | "aborted" | null;
    stopped_by: string | null;
    reason: string;
    warnings: string;
    verdict: "not_worse" | "worse" | "not_clear" | "unknown" | null;
    undone_by: number | null;
    created_at: string;
    started_at: string | null;
    state_at: string;
    ended_at: string | null;
    took_ms: number | null;
}

// what a service runs by our books; release: the release or roll back that made it so
export interface Live {
    service: string;
    number: number | null;
    release: number | null;
    since: string | null;
    rev: string | null;
    subject: string;
    who: string;
}

// one step of a release, on one host or on the server
export interface Step {
    state: "queued" | "building" | "staging" | "migrating" | "canary" | "judging" | "asking" | "production" | "finishing" | "rolling_back" | "needs_human" | "done" | "failed" | "cancelled" | "superseded" | "rolled_back" | "left";
    host: string | null;
    step: string;
    attempt: number;
    result: string | null;
    detail: string;
    took_ms: number | null;
    begun_at: string | null;
    done_at: string | null;
}

// what a person said to a canary
export interface Approval {
    who: string;
    answer: "approve" | "reject";
    note: string;
    at: string;
}

// who may approve a release, or reject it; why: why you may not
export interface Deciders {
    you: boolean;
    why: "role" | "service" | "by" | "author" | null;
    names: string[];
    more: number;
}

// one release with all that happened; back_to is where a roll back would go; judges: the site file says that its canary is judged by the log; deciders: while it is asking, or judging
export interface ReleaseShown {
    service: string;
    number: number;
    kind: "release" | "rollback";
    state: "queued" | "building" | "staging" | "migrating" | "canary" | "judging" | "asking" | "production" | "finishing" | "rolling_back" | "needs_human" | "done" | "failed" | "cancelled" | "superseded" | "rolled_back" | "left";
    label: string;
    over: boolean;
    why: string;
    target: number;
    base: number;
    wanted: string | null;
    rev: string | null;
    tree: string | null;
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
    stopped: "rejected" | "aborted" | null;
    stopped_by: string | null;
    reason: string;
    warnings: string;
    verdict: "not_worse" | "worse" | "not_clear" | "unknown" | null;
    undone_by: number | null;
    created_at: string;
    started_at: string | null;
    state_at: string;
    ended_at: string | null;
    took_ms: number | null;
    back_to: number | null;
    judges: boolean;
    timezone: string | null;
    deciders: Deciders | null;
    steps: Step[];
    approvals: Approval[];
}

// what a step printed, behind a line
export interface Output {
    step: string;
    host: string | null;
    attempt: number;
    after: number;
    text: string;
}

// as git has it
export interface Commit {
    rev: string;
    at: string | null;
    author: string;
    subject: string;
}

// added and removed are lines; null where git does not count them
export interface ChangedFile {
    path: string;
    how: "added" | "changed" | "removed";
    added: number | null;
    removed: number | null;
    binary: boolean;
}

// what a release brings since base, as far as the lists go (100 commits, 500 files); known: false where there is nothing to compare with
export interface Changes {
    service: string;
    number: number;
    base: number;
    known: boolean;
    commits: Commit[];
    commits_total: number;
    files: ChangedFile[];
    files_total: number;
    added: number;
    removed: number;
}

// text: its hunks; null where it is binary, or too much
export interface DiffFile {
    path: string;
    how: "added" | "changed" | "removed";
    added: number | null;
    removed: number | null;
    binary: boolean;
    text: string | null;
}

// two releases line by line, up to 1 MB; all: nothing was left out
export interface Diff {
    service: string;
    number: number;
    against: number;
    rev: string;
    against_rev: string;
    files: DiffFile[];
    files_total: number;
    added: number;
    removed: number;
    all: boolean;
}

// a release that was asked for, and the one it waits for
export interface Started {
    service: string;
    number: number;
    state: "queued" | "building" | "staging" | "migrating" | "canary" | "judging" | "asking" | "production" | "finishing" | "rolling_back" | "needs_human" | "done" | "failed" | "cancelled" | "superseded" | "rolled_back" | "left";
    behind: number | null;
    behind_needs: "approve" | "continue" | null;
}

// what was done to a release; request: its answer comes later
export interface Acted {
    service: string;
    number: number;
    state?: "queued" | "building" | "staging" | "migrating" | "canary" | "judging" | "asking" | "production" | "finishing" | "rolling_back" | "needs_human" | "done" | "failed" | "cancelled" | "superseded" | "rolled_back" | "left";
    to?: number;
    from?: number;
    request?: number;
}

// a question to the releaser: GET /requests/{id} has its answer
export interface Asked {
    request: number;
}

// what the releaser found out
export interface Answered {
    done: boolean;
    error: string | null;
    code: string | null;
    hint: string | null;
    answer: unknown;
}

// a release on the home page
export interface ReleaseTold {
    service: string;
    number: number;
    target: number;
    state: "queued" | "building" | "staging" | "migrating" | "canary" | "judging" | "asking" | "production" | "finishing" | "rolling_back" | "needs_human" | "done" | "failed" | "cancelled" | "superseded" | "rolled_back" | "left";
    kind: "release" | "rollback";
    took_ms: number | null;
    stopped: "rejected" | "aborted" | null;
}

// a release that waits for somebody to decide
export interface ReleaseAsking {
    service: string;
    number: number;
    target: number;
    state: "queued" | "building" | "staging" | "migrating" | "canary" | "judging" | "asking" | "production" | "finishing" | "rolling_back" | "needs_human" | "done" | "failed" | "cancelled" | "superseded" | "rolled_back" | "left";
    kind: "release" | "rollback";
    took_ms: number | null;
    stopped: "rejected" | "aborted" | null;
    deciders: Deciders | null;
}

// what releases put on the home page, by kind
export interface ReleaseItems {
    "release.running": ReleaseTold;
    "release.asking": ReleaseAsking;
    "release.stuck": ReleaseTold;
    "release.held": ReleaseTold;
    "release.ended": ReleaseTold;
    "release.bad": ReleaseTold;
    "lock.set": { service: string; until: string | null };
    "host.silent": { host: string; services: string };
}

// a service in a zone: the release there, how many of its hosts have it, and another
export interface AppTold {
    number: number;
    on: number;
    of: number;
    next: number | null;
    moved: number;
    silent: number;
    out: number;
    locked: boolean;
}

// what releases put on the site map, by kind
export interface ReleaseTiles {
    "app.live": AppTold;
    "app.new": AppTold;
}

// a host of a service, as it was seen last
export interface ServiceHost {
    host: string;
    zone: string | null;
    group: string;
    current: number | null;
    holds: string;
    fence: number | null;
    free_bytes: number | null;
    error: string | null;
    out_by: string | null;
    out_reason: string | null;
    behind: boolean;
    seen_at: string | null;
}

// the hosts of a service
export interface ServiceHosts {
    service: string;
    live: number;
    timezone: string | null;
    hosts: ServiceHost[];
}

// is the host left out of releases?
export interface HostMarked {
    service: string;
    host: string;
    out: boolean;
}

// fences go on above this one
export interface TakenOver {
    service: string;
    fence: number;
}

// nothing of the service starts; or the release goes no further than its step
export interface Lock {
    service: string;
    release: number | null;
    reason: string;
    author: string;
    since: string;
    until: string | null;
}

// a webhook that came
export interface HookCall {
    service: string;
    delivery: string;
    result: string;
    detail: string;
    at: string;
}

// who signed in; the session is in the cookie
export interface SignedIn {
    name: string;
    role: "nobody" | "viewer" | "analyst" | "developer" | "admin";
    services: string[];
    language: "en" | "ja" | null;
    theme: string;
    single_keys: boolean;
}

// who asks, and what they may
export interface Me {
    name: string;
    role: "nobody" | "viewer" | "analyst" | "developer" | "admin";
    services: string[];
    rights: string[];
    way: "none" | "socket" | "session" | "token" | "proxy";
    account: boolean;
    password: boolean;
    stepped_up: boolean;
    session: number | null;
    language: "en" | "ja" | null;
    theme: string;
    single_keys: boolean;
}

// where people sign in too; start is the address that leads there
export interface Provider {
    name: string;
    start: string;
}

// where somebody is signed in
export interface Session {
    id: number;
    name: string;
    from: string;
    agent: string;
    this: boolean;
    created: string;
    seen: string;
}

// a token, which is shown no more
export interface Token {
    id: number;
    name: string;
    owner: string;
    from: string | null;
    over: boolean;
    role: "nobody" | "viewer" | "analyst" | "developer" | "admin";
    services: string[];
    created: string;
    expires: string;
    seen: string | null;
}

// a token, for the only time
export interface NewToken {
    id: number;
    name: string;
    token: string;
    role: "nobody" | "viewer" | "analyst" | "developer" | "admin";
    services: string[];
    expires: string;
}

// who has an account or is invited; match is what If-Match wants
export interface Person {
    name: string;
    invited: boolean;
    invited_by: string | null;
    provider: string | null;
    match: string | null;
    role: "nobody" | "viewer" | "analyst" | "developer" | "admin";
    services: string[];
    since: string;
    seen: string | null;
    until: string | null;
}

// what somebody may from now on
export interface PersonSet {
    name: string;
    role: "nobody" | "viewer" | "analyst" | "developer" | "admin";
    services: string[];
    match: string;
}

// a link that works once
export interface NewInvite {
    name: string;
    link: string;
    until: string;
}

// what an invitation offers
export interface Invite {
    name: string | null;
    by: string;
    new_password: boolean;
    role: "nobody" | "viewer" | "analyst" | "developer" | "admin";
    services: string[];
    until: string;
}

// a line of the audit log
export interface Deed {
    seq: number;
    at: string;
    who: string;
    via: string;
    from: string | null;
    verb: string;
    subject: string;
    before: string | null;
    after: string | null;
    ok: boolean;
    hash: string;
}

// is the audit log as it was written?
export interface Verified {
    ok: boolean;
    lines: number | null;
    head: string | null;
    why: string | null;
}

// of a table
export interface Column {
    name: string;
    type: string;
}

// what a question may name, and how much of it there is
export interface Table {
    table: string;
    dataset: string | null;
    columns: Column[];
    rows: number | null;
    bytes: number | null;
    files: number | null;
    from: string | null;
    to: string | null;
}

// a column of an answer, and what its cells are in JSON; timestamp: RFC 3339, or what is no moment
export interface QueryColumn {
    name: string;
    type: "text" | "whole" | "number" | "bool" | "json" | "timestamp";
}

// how much a question would read
export interface Cost {
    read_bytes: number;
    files: number;
    of_files: number;
}

// the same, and what its answer would look like
export interface Estimate {
    read_bytes: number;
    files: number;
    of_files: number;
    note: string | null;
    columns: QueryColumn[];
}

// the first line of an answer in lines
export interface QueryHead {
    columns: QueryColumn[];
    note: string | null;
    estimate: Cost | null;
}

// the last line, without which an answer is not whole; more: the limit left rows out
export interface QueryDone {
    done: { rows: number; more: boolean; read_bytes: number; took_ms: number };
}

// a question that somebody keeps
export interface Saved {
    id: number;
    name: string;
    sql: string;
    who: string;
    created_at: string;
    changed_at: string;
    rev: number;
    params: Record<string, string>;
}

// what was switched on one of an alarm's hosts before it began
export interface AlarmRelease {
    service: string;
    number: number;
    subject: string;
    host: string;
    at: string;
}

// a page that was worse than its past; past_p95_ms is -1 where it has none
export interface Alarm {
    id: number;
    dataset: string;
    page: string;
    rule: string;
    began_at: string;
    raised_at: string;
    last_at: string;
    closed_at: string | null;
    p95_ms: number;
    past_p95_ms: number;
    requests: number;
    errors: number;
    past_errors_percent: number;
    hosts: string[];
    release: AlarmRelease | null;
}

// a page in a span of time; null where no line says a time
export interface Page {
    id: number;
    page: string;
    requests: number;
    p50_ms: number | null;
    p95_ms: number | null;
    e4xx: number;
    e5xx: number;
    bytes: number;
}

// all pages, the slowest first, from..to; note: that these are other times than those that were asked for, or which days there are when there is none
export interface Pages {
    dataset: string;
    since_ms: number;
    from: string;
    to: string;
    note: string | null;
    pages: number;
    items: Page[];
    worse: Alarm[];
    next: number | null;
}

// an hour of a page, beside the same hours of days before
export interface PageHour {
    at: string;
    requests: number;
    p95_ms: number | null;
    e4xx: number;
    e5xx: number;
    past: { days: number; requests: number; p95_ms: number; e5xx: number } | null;
}

// when a release came to its first host
export interface Marker {
    service: string;
    number: number;
    kind: "release" | "rollback";
    target: number;
    subject: string;
    who: string;
    state: string;
    at: string;
    hosts: number;
}

// one page hour by hour
export interface PageShown {
    id: number;
    page: string;
    dataset: string;
    hours: PageHour[];
    releases: Marker[];
    worse: Alarm[];
}

// a page that is worse than its past, on the home page
export interface AlarmTold {
    id: number;
    dataset: string;
    page: string;
    rule: string;
    now_p95_ms: number;
    past_p95_ms: number | null;
}

// what logs put on the home page, by kind
export interface LogItems {
    "alarm.raised": AlarmTold;
    "alarm.closed": AlarmTold;
}

// what visitors got from some hosts; times are null where no line says one
export interface TrafficSide {
    hosts: string[];
    requests: number;
    p50_ms: number | null;
    p95_ms: number | null;
    e4xx: number;
    e5xx: number;
}

// a minute before, in and behind the span that is compared
export interface TrafficMinute {
    at: string;
    canary_requests: number;
    canary_p95_ms: number | null;
    others_requests: number;
    others_p95_ms: number | null;
}

// is the canary worse? risk: how often such an answer is wrong at most; odds, latency, floor: not worse is less than so many times the 5xx, or a smaller share of them, and less than so many times the time; wants: so many more requests of the canary may make it clear; of the minutes that were judged
export interface Verdict {
    answer: "not_clear" | "not_worse" | "worse_errors" | "worse_client_errors" | "worse_times";
    risk: number;
    minutes: number;
    odds: number;
    latency: number;
    floor: number;
    wants: number | null;
    canary_requests: number;
    canary_e5xx: number;
    others_requests: number;
    others_e5xx: number;
}

// the canary and the other hosts in the same whole minutes, from..to; until: the others got it, or it went back; judged: the release waits for the verdict; late: a host whose lines are behind, so far as late_since
export interface Traffic {
    service: string;
    number: number;
    state: "none" | "not_yet" | "no_log" | "too_short" | "too_old" | "no_lines" | "ok";
    dataset: string | null;
    judged: boolean;
    late: string | null;
    late_since: string | null;
    switched_at: string | null;
    until: string | null;
    from: string | null;
    to: string | null;
    canary: TrafficSide;
    others: TrafficSide;
    verdict: Verdict | null;
    minutes: TrafficMinute[];
}

// lines as they come, for PUT /live/{stream}
export interface Tail {
    topic: string;
    dataset: string;
    where: string | null;
}

// a process of the house
export interface Role {
    name: string;
    state: "up" | "waiting" | "stopped" | "gone";
    pid: number | null;
    since: string;
    for_ms: number;
    restarts: number;
    why: string | null;
}

// how the house is
export interface Status {
    version: string;
    site: { name: string | null; services: number | null; hosts: number | null; zones: number | null; mistake: string | null };
    roles: Role[];
}

// what an Item is about, by its kind
export interface ItemArgs {
    "release.running": ReleaseTold;
    "release.asking": ReleaseAsking;
    "release.stuck": ReleaseTold;
    "release.held": ReleaseTold;
    "release.ended": ReleaseTold;
    "release.bad": ReleaseTold;
    "lock.set": { service: string; until: string | null };
    "host.silent": { host: string; services: string };
    "alarm.raised": AlarmTold;
    "alarm.closed": AlarmTold;
    "role.fallen": { name: string; state: string };
    "site.mistake": Record<string, never>;
}

// what a Tile is about, by its kind
export interface TileArgs {
    "app.live": AppTold;
    "app.new": AppTold;
}

// what needs a person, or happens; kind and args make the sentence in the reader's language
export interface Item {
    how: "ok" | "running" | "info" | "warn" | "bad";
    kind: string;
    text: string;
    why: string | null;
    who: string | null;
    path: string | null;
    cli: string | null;
    args: ItemArgs[keyof ItemArgs];
    at: string | null;
}

// of the site
export interface Zone {
    name: string;
    net: string | null;
    hosts: number;
}

// what remains of the hosts when a zone is lost; bad: a service is gone, warn: one has less than half of its hosts
export interface Loss {
    zone: string;
    how: "ok" | "warn" | "bad";
    left: number;
    of: number;
    services: { name: string; left: number; of: number }[];
}

// a thing that runs in a zone
export interface Tile {
    tier: string;
    zone: string;
    name: string;
    how: "ok" | "running" | "info" | "warn" | "bad";
    kind: string;
    text: string;
    path: string | null;
    args: TileArgs[keyof TileArgs];
}

// one of the last 24 hours, an hour a step
export interface Figure {
    name: string;
    unit: string;
    now: number | null;
    step_ms: number;
    from: string;
    series: (number | null)[];
}

// the home page; lines: the minutes of the first and of the last line of any log; peak: the busiest minute of the busiest hour of 24, or of now
export interface Home {
    site: string | null;
    timezone: string | null;
    sentence: { how: "ok" | "running" | "info" | "warn" | "bad"; text: string; needs: number; kind: "bad" | "needs" | "calm" };
    zones: Zone[];
    losses: Loss[];
    tiles: Tile[];
    figures: Figure[];
    lines: { first: string | null; last: string | null } | null;
    peak: { at: string; per_s: number } | null;
    up_since: string | null;
    needs: Item[];
    happening: Item[];
}

// what can be gone to or done by name
export interface Found {
    kind: string;
    name: string;
    about: string | null;
    path: string | null;
    cli: string | null;
}

export interface Api {
    "GET /ping": { answer: Ping };
    "GET /openapi.json": { answer: unknown };
    "GET /live": { query: { after?: number }; answer: unknown };
    "PUT /live/{stream}": { body: { topics: string[] }; answer: Topics };
    "GET /releases": { query: { service?: string; after?: number; limit?: number }; answer: { items: Release[]; next: number | null; timezone: string | null; live: Live[] } };
    "POST /releases": { body: { service: string; rev?: string; override?: boolean; reason?: string; yes?: boolean }; answer: Started };
    "GET /releases/{service}/{number}": { answer: ReleaseShown };
    "GET /releases/{service}/{number}/output": { query: { step: string; host?: string; after?: number }; answer: Output };
    "GET /releases/{service}/{number}/commits": { answer: Changes };
    "POST /releases/{service}/{number}/diff": { body: { against?: number }; answer: Asked };
    "POST /releases/{service}/{number}/approve": { body: { note?: string; leave?: boolean; override?: boolean }; answer: Acted };
    "POST /releases/{service}/{number}/reject": { body: { note?: string; leave?: boolean; override?: boolean }; answer: Acted };
    "POST /releases/{service}/{number}/abort": { body: { note?: string; leave?: boolean; override?: boolean }; answer: Acted };
    "POST /releases/{service}/{number}/hold": { body: { reason: string }; answer: Acted };
    "POST /releases/{service}/{number}/continue": { answer: Acted };
    "POST /releases/{service}/{number}/leave": { answer: Acted };
    "POST /rollbacks": { body: { service: string; to?: number; reason?: string }; answer: Acted };
    "GET /services/{service}/hosts": { answer: ServiceHosts };
    "POST /services/{service}/look": { answer: Asked };
    "POST /services/{service}/verify": { answer: Asked };
    "POST /services/{service}/hosts/{host}/out": { body: { reason: string }; answer: HostMarked };
    "POST /services/{service}/hosts/{host}/in": { answer: HostMarked };
    "POST /services/{service}/takeover": { body: { reason: string }; answer: TakenOver };
    "POST /plans": { body: { service: string; rev?: string }; answer: Asked };
    "GET /requests/{id}": { answer: Answered };
    "GET /locks": { query: { service?: string; after?: number; limit?: number }; answer: { items: Lock[]; next: number | null; timezone: string | null } };
    "POST /locks": { body: { service: string; reason: string; for_ms?: number }; answer: { service: string; reason: string } };
    "POST /locks/{service}/lift": { answer: { service: string; lifted: number } };
    "GET /hooks": { query: { service?: string; after?: number; limit?: number }; answer: { items: HookCall[]; next: number | null } };
    "GET /status": { answer: Status };
    "GET /home": { answer: Home };
    "GET /palette": { answer: { items: Found[]; next: number | null } };
    "POST /session": { body: { name: string; password: string }; answer: SignedIn };
    "GET /sign-in": { answer: { password: boolean; oidc: Provider | null } };
    "DELETE /session": { answer: Record<string, never> };
    "POST /step-up": { body: { password: string }; answer: Record<string, never> };
    "GET /me": { answer: Me };
    "PUT /me": { body: { language: string; theme: string; single_keys: boolean }; answer: Record<string, never> };
    "POST /me/password": { body: { old: string; password: string }; answer: { sessions_ended: number } };
    "GET /sessions": { query: { all?: boolean }; answer: { items: Session[]; next: number | null } };
    "DELETE /sessions/{id}": { answer: Record<string, never> };
    "GET /tokens": { answer: { items: Token[]; next: number | null } };
    "POST /tokens": { body: { name: string; role?: string; services?: string[]; days?: number }; answer: NewToken };
    "DELETE /tokens/{id}": { answer: Record<string, never> };
    "GET /people": { answer: { items: Person[]; next: number | null } };
    "PUT /people/{name}": { body: { role: string; services?: string[] }; answer: PersonSet };
    "DELETE /people/{name}": { answer: Record<string, never> };
    "POST /invites": { body: { name: string; role: string; services?: string[] }; answer: NewInvite };
    "GET /invites/{token}": { answer: Invite };
    "POST /invites/{token}": { body: { name?: string; password: string }; answer: { name: string; role: string } };
    "GET /audit": { query: { who?: string; verb?: string; after?: number; limit?: number }; answer: { items: Deed[]; next: number | null; timezone: string | null } };
    "GET /audit/verify": { query: { head?: string }; answer: Verified };
    "GET /log/tables": { answer: { items: Table[]; next: number | null } };
    "POST /log/estimate": { body: { sql: string; day?: string; from?: string; to?: string; all?: boolean; yes?: boolean; site_time?: boolean; exact?: boolean; params?: Record<string, string>; limit?: number }; answer: Estimate };
    "POST /log/query": { body: { sql: string; day?: string; from?: string; to?: string; all?: boolean; yes?: boolean; site_time?: boolean; exact?: boolean; params?: Record<string, string>; limit?: number }; line: QueryHead | unknown[] | QueryDone };
    "GET /log/saved": { answer: { items: Saved[]; next: number | null } };
    "POST /log/saved": { body: { name: string; sql: string; params?: Record<string, string> }; answer: Saved };
    "PUT /log/saved/{id}": { body: { name: string; sql: string; params?: Record<string, string>; rev: number }; answer: Saved };
    "DELETE /log/saved/{id}": { answer: { id: number; forgotten: boolean } };
    "GET /log/pages": { query: { dataset?: string; since?: string; day?: string; from?: string; to?: string }; answer: Pages };
    "GET /log/page/{id}": { query: { back?: string }; answer: PageShown };
    "GET /log/markers": { query: { from?: string; to?: string }; answer: { items: Marker[]; next: number | null } };
    "GET /releases/{service}/{number}/traffic": { answer: Traffic };
    "POST /log/tail": { body: { dataset?: string; where?: string }; answer: Tail };
}
