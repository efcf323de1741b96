// canary.h: what visitors got from the canary of a release, beside what they got from the other hosts in the same
// minutes, from the figures of hosts (minute.h), and whether that is worse (verdict.h).
//
// Minutes count that lie wholly between the canary's last step and the first step of what came then, so lines of the
// release before are on no side. The minute that runs now is counted on both, and judged when it has been over for
// half a minute: lines that come later than that are in the counts alone.
//
// Where the site file that the release began with says how its canary is judged (`canary:`), that decides the log, the
// limits and the warm-up; and a minute is judged when also every host has said that its lines of it are all here.
//
//     struct canary c;
//     if (!canary_read(a, db, site, S("web"), release_id, now_ms(), &c, e)) ...
//     c.state, c.canary.sum.n, hist_quantile(&c.others.sum.took, 0.95), verdict_say(&c.verdict)
#pragma once
#include "log/verdict.h"
#include "site/site.h"
#include "store/store.h"

// NONE: it goes to all hosts at once. NOT_YET: it is not there, or no whole minute is over. NO_LOG: no dataset holds
// lines of these hosts. TOO_SHORT: it was there for less than a whole minute. TOO_OLD: minutes are kept 48 hours.
// NO_LINES: nothing has come for these minutes.
enum canary_state { CANARY_NONE, CANARY_NOT_YET, CANARY_NO_LOG, CANARY_TOO_SHORT, CANARY_TOO_OLD, CANARY_NO_LINES,
                    CANARY_OK, CANARY_STATES };
enum { CANARY_POINTS = 240, CANARY_MINUTES = 6 * 60 };

struct canary_side { struct strs hosts; struct verdict_side sum; };
struct canary_point { uint64_t n; int64_t p95; };      // -1: no line says how long it took

struct canary {
    enum canary_state state;
    struct str dataset;                     // "" = none
    bool judged;                            // the site file says so: the release waits for the verdict
    struct str late;                        // the host whose lines are behind, and how far they have come
    int64_t late_ms;                        // 0: never heard of
    int64_t switched_ms, until_ms;          // 0: not yet
    int64_t from_ms, to_ms;                 // whole minutes that are compared; from >= to: none
    struct canary_side canary, others;
    struct verdict verdict;
    int32_t first;                          // minute since 1970 of point 0
    size_t points;
    struct canary_point point[CANARY_POINTS][2];        // canary, others
};

const char *canary_word(enum canary_state s);
// 10 MB of arena at most. c lives in the caller's arena too: it is large.
bool canary_read(struct arena *a, struct db *db, const struct site *s, struct str service, int64_t release,
                 int64_t now_ms, struct canary *c, struct err *e) MUST_USE;
