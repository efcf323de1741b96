// verdict.h: is the canary worse than the hosts that have the release before? Three questions (5xx, 4xx, times), each
// answered by evidence that may be looked at as often as one likes: a bet against "no difference" whose capital grows
// only when that is wrong (an e-process). By Ville's inequality it comes to 1/a with a chance of a at most, ever.
//
// Worse: false with a chance of alpha at most, of which 5xx have a half, 4xx and times a quarter each. Hosts are never quite
// equally fast, so times are worse only beyond half of `latency` (in steps of 9 %: 1.09 times as long of 1.3). Not worse:
// errors are not `odds` times as likely (or provably below floor) and times not `latency` times as long; each wrong with a
// chance of 5 % at most. What is neither is not clear. No minute with visitors on both sides is left out, however much
// fails in it. It holds while visitors come to the canary as they come to the others: a balancer that chooses by how a
// host answers breaks it, and so does a page that only one of the two serves.
//
//     struct verdict v = verdict_begin(release_id, &verdict_usual);
//     verdict_add(&v, &minute);               // whole minutes, in order, once each
//     verdict_say(&v)
#pragma once
#include "base/base.h"
#include "log/hist.h"

enum verdict_answer { NOT_CLEAR, NOT_WORSE, WORSE_ERRORS, WORSE_CLIENT_ERRORS, WORSE_TIMES, VERDICTS };
enum { VERDICT_RATIOS = 6, VERDICT_SHARES = 3 };

struct verdict_limits {
    double alpha, odds, latency, floor;
    uint64_t minutes;                                   // at least so many for "not worse"
};
extern const struct verdict_limits verdict_usual;       // 1 %, 2, 1.3, 0.2 %, 2: where the site file says nothing

struct verdict_side { uint64_t n, c4, c5; struct hist took; };
struct verdict_minute { int32_t minute; struct verdict_side canary, others; };

struct verdict {
    struct verdict_limits limits;
    uint64_t seed, minutes, pairs;
    uint64_t n_c, n_b, k_c, k_b;                        // requests and 5xx of the minutes that were judged
    // Logarithms: of each bet, and the best that the sums have been.
    double err[VERDICT_RATIOS], client[VERDICT_RATIOS], slow[VERDICT_SHARES], fast[VERDICT_SHARES], odds;
    double e_err, e_client, e_slow, p_err, p_fast;
};

struct verdict verdict_begin(uint64_t seed, const struct verdict_limits *limits);
void verdict_add(struct verdict *v, const struct verdict_minute *m);
enum verdict_answer verdict_say(const struct verdict *v);
const char *verdict_word(enum verdict_answer a);        // "not_clear", "worse_errors"
// The chance at most that the answer is a false alarm, or a false pass; 1: nothing was answered.
double verdict_risk(const struct verdict *v);
// How many more requests of the canary it takes to call it not worse, if they are like those so far; 0: nobody can say
// (nothing came, or what came speaks against it).
uint64_t verdict_wants(const struct verdict *v);
