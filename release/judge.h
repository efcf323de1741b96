// judge.h: what becomes of a canary by what the log says of it: wait, go on, go back, or ask a person. A decision is a
// value made of a line that `rusuban log judge-canary` printed, of limits and of the clock; judging.c acts on it.
//
//     struct heard h;
//     if (!judge_hear(line, &h, e)) ...
//     struct judged j = judge_say(&h, &judge, a);
//     j.end, j.text
#pragma once
#include "site/site.h"

enum judged_end { JUDGED_NOT_YET, JUDGED_WELL, JUDGED_WORSE, JUDGED_UNCLEAR, JUDGED_UNKNOWN, JUDGED_ENDS };

struct heard_side { int64_t n, c5, c4, p95; };          // p95 -1: no line says how long it took

struct heard {
    struct str state, answer, late;     // as GET .../traffic says them; borrowed from the line
    int64_t once, minutes, wants, n_c, k_c, n_b, k_b, late_ms, from_ms;
    struct heard_side canary, others;
};

struct judge { const struct service *svc; const char *timezone; int64_t since_ms, now_ms; };

struct judged { enum judged_end end; struct str text; };    // a sentence for people

// What another program of ours printed is read like a stranger's: every number is there and is one.
bool judge_hear(struct str line, struct heard *h, struct err *e) MUST_USE;
struct judged judge_say(const struct heard *h, const struct judge *j, struct arena *a);
// Nothing was heard: the log could not be asked.
struct judged judge_deaf(struct str why, const struct judge *j, struct arena *a);

const char *judged_word(enum judged_end end);       // "not_worse": the column `verdict`; "" while it goes on
// Does it go back by itself, by what the site file says? Else a person is asked (or, when it is well, nobody).
bool judged_goes_back(enum judged_end end, const struct service *svc);
