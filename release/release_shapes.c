// release_shapes.c: what the answers about releases look like.
#include "release/release.h"

#define STATE                                                                                                   \
    "queued|building|staging|migrating|canary|judging|asking|production|finishing|rolling_back|needs_human|done" \
    "|failed|cancelled|superseded|rolled_back|left"

const struct shape release_shapes[] = {
    {"Release",
     "service: text, number: int, kind: release|rollback, state: " STATE ", label: text, over: bool, why: text,"
     " target: int, base: int, wanted: text?, rev: text?, tree: text?, branch: text?, subject: text, author: text,"
     " commits: int, files: int, files_changed: int, size_bytes: int, asked_by: text, via: text, override: text?,"
     " aborting: text?, stopped: rejected|aborted?, stopped_by: text?, reason: text, warnings: text,"
     " verdict: not_worse|worse|not_clear|unknown?, undone_by: int?, created_at: time, started_at: time?, state_at: time,"
     " ended_at: time?, took_ms: int?",
     "a release or a roll back; target is the number of its directory on the hosts; reason: why somebody went back or"
     " stopped it, in their words; verdict: what judging the canary came to, null where nobody did;"
     " undone_by: the number of the roll back that went back from it"},
    {"Live", "service: text, number: int?, release: int?, since: time?, rev: text?, subject: text, who: text",
     "what a service runs by our books; release: the release or roll back that made it so"},
    {"Step",
     "state: " STATE ", host: text?, step: text, attempt: int, result: text?, detail: text, took_ms: int?,"
     " begun_at: time?, done_at: time?", "one step of a release, on one host or on the server"},
    {"Approval", "who: text, answer: approve|reject, note: text, at: time", "what a person said to a canary"},
    {"Deciders", "you: bool, why: role|service|by|author?, names: [text], more: int",
     "who may approve a release, or reject it; why: why you may not"},
    {"ReleaseShown",
     "...Release, back_to: int?, judges: bool, timezone: text?, deciders: Deciders?, steps: [Step],"
     " approvals: [Approval]",
     "one release with all that happened; back_to is where a roll back would go; judges: the site file says that its"
     " canary is judged by the log; deciders: while it is asking, or judging"},
    {"Output", "step: text, host: text?, attempt: int, after: int, text: text", "what a step printed, behind a line"},
    {"Commit", "rev: text, at: time?, author: text, subject: text", "as git has it"},
    {"ChangedFile", "path: text, how: added|changed|removed, added: int?, removed: int?, binary: bool",
     "added and removed are lines; null where git does not count them"},
    {"Changes",
     "service: text, number: int, base: int, known: bool, commits: [Commit], commits_total: int, files: [ChangedFile],"
     " files_total: int, added: int, removed: int",
     "what a release brings since base, as far as the lists go (100 commits, 500 files); known: false where there is"
     " nothing to compare with"},
    {"DiffFile", "...ChangedFile, text: text?", "text: its hunks; null where it is binary, or too much"},
    {"Diff",
     "service: text, number: int, against: int, rev: text, against_rev: text, files: [DiffFile], files_total: int,"
     " added: int, removed: int, all: bool",
     "two releases line by line, up to 1 MB; all: nothing was left out"},
    {"Started", "service: text, number: int, state: " STATE ", behind: int?, behind_needs: approve|continue?",
     "a release that was asked for, and the one it waits for"},
    {"Acted", "service: text, number: int, state?: " STATE ", to?: int, from?: int, request?: int",
     "what was done to a release; request: its answer comes later"},
    {"Asked", "request: int", "a question to the releaser: GET /requests/{id} has its answer"},
    {"Answered", "done: bool, error: text?, code: text?, hint: text?, answer: any", "what the releaser found out"},
    {"ReleaseTold", "service: text, number: int, target: int, state: " STATE ", kind: release|rollback, took_ms: int?,"
     " stopped: rejected|aborted?", "a release on the home page"},
    {"ReleaseAsking", "...ReleaseTold, deciders: Deciders?", "a release that waits for somebody to decide"},
    {"ReleaseItems",
     "release.running: ReleaseTold, release.asking: ReleaseAsking, release.stuck: ReleaseTold, release.held: ReleaseTold,"
     " release.ended: ReleaseTold, release.bad: ReleaseTold, lock.set: {service: text, until: time?},"
     " host.silent: {host: text, services: text}",
     "what releases put on the home page, by kind"},
    {"AppTold", "number: int, on: int, of: int, next: int?, moved: int, silent: int, out: int,"
     " locked: bool", "a service in a zone: the release there, how many of its hosts have it, and another"},
    {"ReleaseTiles", "app.live: AppTold, app.new: AppTold", "what releases put on the site map, by kind"},
    {"ServiceHost",
     "host: text, zone: text?, group: text, current: int?, holds: text, fence: int?, free_bytes: int?, error: text?,"
     " out_by: text?, out_reason: text?, behind: bool, seen_at: time?", "a host of a service, as it was seen last"},
    {"ServiceHosts", "service: text, live: int, timezone: text?, hosts: [ServiceHost]", "the hosts of a service"},
    {"HostMarked", "service: text, host: text, out: bool", "is the host left out of releases?"},
    {"TakenOver", "service: text, fence: int", "fences go on above this one"},
    {"Lock", "service: text, release: int?, reason: text, author: text, since: time, until: time?",
     "nothing of the service starts; or the release goes no further than its step"},
    {"HookCall", "service: text, delivery: text, result: text, detail: text, at: time", "a webhook that came"},
    {0}};
