// release_api.c: the route table of releases, locks, requests and the push webhook.
//
// Every rule has this one door: command line, pages and curl all come through here, and what they want is a row in the
// transaction that checked it. The worker acts on rows.
#include "release/api.h"

static const struct field start_fields[] = {
    {"service", F_STR, offsetof(struct start_in, service), .required = true, .low = 1, .high = 32,
     .help = "which service"},
    {"rev", F_STR, offsetof(struct start_in, rev), .high = 200,
     .help = "branch, tag or commit; without it the tip of the service's branch"},
    {"override", F_BOOL, offsetof(struct start_in, override),
     .help = "start in spite of a lock or a closed window; needs a reason"},
    {"reason", F_STR, offsetof(struct start_in, reason), .high = 500, .help = "why", .text = TEXT_LINES},
    {"yes", F_BOOL, offsetof(struct start_in, yes),
     .help = "who starts it means to approve it: refused now if they may not"},
};
static const struct field list_fields[] = {
    {"service", F_STR, offsetof(struct list_in, service), .high = 32, .help = "only this one"},
    {"after", F_INT, offsetof(struct list_in, after), .low = 1, .high = INT64_MAX,
     .help = "cursor: `next` of the page before"},
    {"limit", F_INT, offsetof(struct list_in, limit), .low = 1, .high = 500, .help = "at most; 50"},
};
static const struct field note_fields[] = {
    {"note", F_STR, offsetof(struct note_in, note), .high = 500, .text = TEXT_LINES,
     .help = "a sentence for the others"},
    {"leave", F_BOOL, offsetof(struct note_in, leave), .help = "abort without rolling back"},
    {"override", F_BOOL, offsetof(struct note_in, override), .help = "in spite of a closed window; needs a note"},
};
static const struct field rollback_fields[] = {
    {"service", F_STR, offsetof(struct rollback_in, service), .required = true, .low = 1, .high = 32,
     .help = "which service"},
    {"to", F_INT, offsetof(struct rollback_in, to), .low = 1, .high = (int64_t)1 << 53,
     .help = "release number; without it the one before"},
    {"reason", F_STR, offsetof(struct rollback_in, reason), .high = 500, .help = "why", .text = TEXT_LINES},
};
static const struct field lock_fields[] = {
    {"service", F_STR, offsetof(struct lock_in, service), .required = true, .low = 1, .high = 32,
     .help = "which service"},
    {"reason", F_STR, offsetof(struct lock_in, reason), .required = true, .low = 1, .high = 500,
     .help = "what others will read", .text = TEXT_LINES},
    {"for_ms", F_INT, offsetof(struct lock_in, for_ms), .low = 1000, .high = (int64_t)400 * 86400000,
     .help = "ends by itself after this time"},
};
static const struct field plan_fields[] = {
    {"service", F_STR, offsetof(struct plan_in, service), .required = true, .low = 1, .high = 32,
     .help = "which service"},
    {"rev", F_STR, offsetof(struct plan_in, rev), .high = 200, .help = "branch, tag or commit"},
};
static const struct field output_fields[] = {
    {"step", F_STR, offsetof(struct output_in, step), .required = true, .low = 1, .high = 20,
     .help = "fetch, build or migrate"},
    {"host", F_STR, offsetof(struct output_in, host), .high = 32, .help = "for steps on a host"},
    {"after", F_INT, offsetof(struct output_in, after), .low = 0, .high = (int64_t)1 << 53,
     .help = "leave out so many lines"},
};
static const struct field diff_fields[] = {
    {"against", F_INT, offsetof(struct diff_in, against), .low = 1, .high = (int64_t)1 << 53,
     .help = "another release; without it the one before"},
};
static const struct field reason_fields[] = {
    {"reason", F_STR, offsetof(struct reason_in, reason), .required = true, .low = 1, .high = 500,
     .help = "why", .text = TEXT_LINES},
};

#define IN(table, type) FIELDS(table), .in_size = sizeof(struct type)

const struct route release_routes[] = {
    {GET, "/releases", SEE, IN(list_fields, list_in), .flags = R_LIST | R_PAGE, .run = api_list,
     .out = "{items: [Release], next: int?, timezone: text?, live: [Live]}", .cli = "release history",
     .help = "releases, newest first; live: what each service runs, on the first page"},
    {POST, "/releases", RELEASE_START, IN(start_fields, start_in), .flags = R_KEYED, .run = api_start, .out = "Started",
     .cli = "release start SERVICE [REV]", .help = "start a release"},
    {GET, "/releases/{service}/{number}", SEE, .flags = R_PAGE, .run = api_show, .out = "ReleaseShown",
     .cli = "release show {service} {number}",
     .help = "one release: state, steps, hosts; number `open` is the running one, `last` the newest"},
    {GET, "/releases/{service}/{number}/output", SEE, IN(output_fields, output_in), .run = api_output, .out = "Output",
     .cli = "release show {service} {number} --output STEP", .help = "what a step printed"},
    {GET, "/releases/{service}/{number}/commits", SEE, .run = api_commits, .out = "Changes",
     .cli = "release show {service} {number}",
     .help = "what is in it: commits since the release before, and the files they changed"},
    {POST, "/releases/{service}/{number}/diff", RELEASE_START, IN(diff_fields, diff_in), .flags = R_QUIET,
     .run = api_diff, .out = "Asked", .cli = "release show {service} {number} --diff",
     .help = "line by line; the answer of the request is a Diff, and for who asked alone"},
    {POST, "/releases/{service}/{number}/approve", RELEASE_APPROVE, IN(note_fields, note_in), .flags = R_KEYED,
     .run = api_approve, .out = "Acted", .cli = "release approve {service} {number}",
     .help = "let it go on to production"},
    {POST, "/releases/{service}/{number}/reject", RELEASE_APPROVE, IN(note_fields, note_in), .flags = R_KEYED,
     .run = api_reject, .out = "Acted", .cli = "release reject {service} {number}", .help = "roll the canary back"},
    {POST, "/releases/{service}/{number}/abort", RELEASE_STOP, IN(note_fields, note_in), .flags = R_KEYED,
     .run = api_abort, .out = "Acted", .cli = "release abort {service} {number}",
     .help = "stop it and roll back what it switched"},
    {POST, "/releases/{service}/{number}/hold", RELEASE_STOP, IN(reason_fields, reason_in), .flags = R_KEYED,
     .run = api_hold, .out = "Acted", .cli = "release hold {service} {number} --reason WHY",
     .help = "let it go no further than its step"},
    {POST, "/releases/{service}/{number}/continue", RELEASE_STOP, .flags = R_KEYED, .run = api_continue, .out = "Acted",
     .cli = "release continue {service} {number}", .help = "lift its holds, or try again where it needs a person"},
    {POST, "/releases/{service}/{number}/leave", RELEASE_STOP, .flags = R_KEYED, .run = api_leave, .out = "Acted",
     .cli = "release leave {service} {number}", .help = "end it and leave the hosts as they are"},
    {POST, "/rollbacks", RELEASE_STOP, IN(rollback_fields, rollback_in), .flags = R_KEYED, .run = api_rollback,
     .out = "Acted", .cli = "release rollback {service}",
     .help = "go back to a kept release, or roll the running one back"},
    {GET, "/services/{service}/hosts", SEE, .run = api_hosts, .out = "ServiceHosts", .cli = "release hosts {service}",
     .help = "which host has what, as last seen"},
    {POST, "/services/{service}/look", SEE, .run = api_look, .out = "Asked", .cli = "release hosts {service}",
     .help = "ask every host what it holds"},
    {POST, "/services/{service}/verify", SEE, .run = api_verify, .out = "Asked",
     .cli = "release hosts {service} --verify",
     .help = "compare what is live on every host with what was packed, byte for byte"},
    {POST, "/services/{service}/hosts/{host}/out", RELEASE_STOP, IN(reason_fields, reason_in), .run = api_out,
     .out = "HostMarked", .cli = "release hosts {service} --out {host} --reason WHY",
     .help = "leave a host out of releases"},
    {POST, "/services/{service}/hosts/{host}/in", RELEASE_STOP, .run = api_in, .out = "HostMarked",
     .cli = "release hosts {service} --in {host}", .help = "take a host back in"},
    {POST, "/services/{service}/takeover", RELEASE_STOP, IN(reason_fields, reason_in), .run = api_takeover,
     .out = "TakenOver", .cli = "release takeover {service} --reason WHY",
     .help = "this server replaces another one that is gone for good"},
    {POST, "/plans", SEE, IN(plan_fields, plan_in), .run = api_plan, .out = "Asked", .cli = "release plan {service}",
     .help = "what a release would do"},
    {GET, "/requests/{id}", SEE, .run = api_request, .out = "Answered",
     .help = "the answer to a plan, a look or a choice"},
    {GET, "/locks", SEE, IN(list_fields, list_in), .flags = R_LIST, .run = api_locks,
     .out = "{items: [Lock], next: int?, timezone: text?}", .cli = "lock show", .help = "locks that are in force"},
    {POST, "/locks", LOCK_SET, IN(lock_fields, lock_in), .flags = R_KEYED, .run = api_lock,
     .out = "{service: text, reason: text}", .cli = "lock set {service} --reason WHY",
     .help = "nothing of the service starts until it is lifted"},
    {POST, "/locks/{service}/lift", LOCK_SET, .flags = R_KEYED, .run = api_lift, .out = "{service: text, lifted: int}",
     .cli = "lock lift {service}", .help = "lift the service's locks"},
    {GET, "/hooks", SEE, IN(list_fields, list_in), .flags = R_LIST, .run = api_hook_log, .out = LIST_OF("HookCall"),
     .help = "webhooks that came and what became of them"},
    {POST, "/hook/release/{service}", HOOK, .flags = R_HOOK, .run = api_hook, .out = "{accepted: bool}",
     .help = "push webhook of GitHub or Gitea"},
    {0}};
