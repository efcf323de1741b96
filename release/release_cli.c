// release_cli.c: the command table of releases and locks.
#include "release/cli.h"
#include "release/release.h"

static const struct option start_options[] = {
    {"yes", NULL, "approve it when it asks"},
    {"detach", NULL, "start it and do not follow"},
    {"override", NULL, "in spite of a lock or a closed window; needs --reason"},
    {"reason", "WHY", "a sentence for the others"}, AT_OPTIONS, {0}};
static const struct option watch_options[] = {{"yes", NULL, "approve it when it asks"}, AT_OPTIONS, {0}};
static const struct option show_options[] = {
    {"output", "STEP", "what a step printed: fetch, build, migrate"}, {"host", "HOST", "for a step on a host"},
    {"diff", NULL, "what it changed, line by line"},
    {"against", "NUMBER", "compare with another release than the one before"},
    AT_OPTIONS, {0}};
static const struct option note_options[] = {{"note", "TEXT", "a sentence for the others"},
                                             {"override", NULL, "in spite of a closed window; needs --note"},
                                             {"detach", NULL, "do not follow"},
                                             AT_OPTIONS, {0}};
static const struct option reject_options[] = {
    {"note", "TEXT", "a sentence for the others"}, {"detach", NULL, "do not follow"}, AT_OPTIONS, {0}};
static const struct option abort_options[] = {
    {"note", "TEXT", "a sentence for the others"}, {"leave", NULL, "leave the hosts as they are, do not roll back"},
    {"detach", NULL, "do not follow"}, AT_OPTIONS, {0}};
static const struct option detach_options[] = {{"detach", NULL, "do not follow"}, AT_OPTIONS, {0}};
static const struct option reason_options[] = {{"reason", "WHY", "a sentence for the others"}, AT_OPTIONS, {0}};
static const struct option rollback_options[] = {{"to", "NUMBER", "a kept release; without it the one before"},
                                                 {"reason", "WHY", "a sentence for the others"},
                                                 {"detach", NULL, "do not follow"},
                                                 AT_OPTIONS, {0}};
static const struct option hosts_options[] = {
    {"verify", NULL, "compare what is live with what was packed, byte for byte"},
    {"stored", NULL, "what is known, without asking the hosts"},
    {"out", "HOST", "leave a host out of releases; needs --reason"},
    {"in", "HOST", "take it back in"},
    {"reason", "WHY", "a sentence for the others"},
    AT_OPTIONS, {0}};
static const struct option lock_options[] = {
    {"reason", "WHY", "what others will read"}, {"for", "TIME", "ends by itself, e.g. 30m, 4h, 2d"}, AT_OPTIONS, {0}};
static const struct option history_options[] = {{"limit", "N", "at most; 20"}, AT_OPTIONS, {0}};

const struct command release_commands[] = {
    {"release", "SERVICE [REV]", start_options, "build SERVICE and bring it to production", "rusuban release web",
     cmd_start},
    {"release start", "SERVICE [REV]", start_options,
     "the same, written in full: build SERVICE and bring it to production",
     "rusuban release start web main", cmd_start},
    {"release plan", "SERVICE [REV]", at_options, "what a release would do; touches nothing",
     "rusuban release plan web", cmd_plan},
    {"release status", "[SERVICE]", at_options, "what runs and waits now", "rusuban release status", cmd_status_of},
    {"release history", "[SERVICE]", history_options, "releases, newest first", "rusuban release history web",
     cmd_history},
    {"release show", "SERVICE [NUMBER]", show_options, "one release: steps, hosts, what it printed",
     "rusuban release show web 12 --output build", cmd_show},
    {"release watch", "SERVICE [NUMBER]", watch_options, "follow a release until it ends or asks",
     "rusuban release watch web", cmd_watch},
    {"release approve", "SERVICE [NUMBER]", note_options, "let the waiting release go on to production",
     "rusuban release approve web", cmd_approve},
    {"release reject", "SERVICE [NUMBER]", reject_options, "no: roll the canary back",
     "rusuban release reject web --note \"totals are wrong\"", cmd_reject},
    {"release abort", "SERVICE [NUMBER]", abort_options, "stop it, roll back what it switched",
     "rusuban release abort web", cmd_abort},
    {"release hold", "SERVICE [NUMBER]", reason_options, "let it go no further than its step",
     "rusuban release hold web --reason \"looking at the canary\"", cmd_hold},
    {"release continue", "SERVICE [NUMBER]", detach_options, "lift the hold, or try again where it needs a person",
     "rusuban release continue web", cmd_continue},
    {"release leave", "SERVICE [NUMBER]", detach_options, "end it, hosts stay as they are", "rusuban release leave web",
     cmd_leave},
    {"release rollback", "SERVICE", rollback_options, "go back one release, without git, build or forge",
     "rusuban release rollback web", cmd_rollback},
    {"release hosts", "SERVICE", hosts_options, "which host has what", "rusuban release hosts web", cmd_hosts},
    {"release takeover", "SERVICE", reason_options, "this server replaces another that is gone for good",
     "rusuban release takeover web --reason \"new server\"", cmd_takeover},
    {"release pack", "ID", NULL, "(inside) make a build's tree immutable", "rusuban release pack 12", cmd_pack},
    {"release make-plan", "SERVICE [REV]", NULL, "(inside) the plan as JSON", "rusuban release make-plan web",
     cmd_make_plan},
    {"release make-diff", "SERVICE NUMBER AGAINST", NULL, "(inside) what two releases differ in, as JSON",
     "rusuban release make-diff web 12 11", cmd_make_diff},
    {"lock set", "SERVICE", lock_options, "nothing of SERVICE starts until it is lifted",
     "rusuban lock set web --reason \"DB migration\" --for 2h", cmd_lock_set},
    {"lock show", "[SERVICE]", at_options, "locks and holds that are in force", "rusuban lock show", cmd_lock_show},
    {"lock lift", "SERVICE", at_options, "lift the locks of SERVICE", "rusuban lock lift web", cmd_lock_lift},
    {0}};
