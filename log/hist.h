// hist.h: how long requests took, in a few hundred counters: exact below 32 ms, then 32 steps an octave, so no answer
// is off by more than 3 %. Two are merged by adding (the layout is that of HdrHistogram, Gil Tene).
//
//     hist_add(&h, 123);
//     int64_t p95 = hist_quantile(&h, 0.95);      // milliseconds; -1 when nothing was added
#pragma once
#include "base/base.h"

enum { HIST_STEPS = 32 + 26 * 32 };     // up to 2^31 ms

struct hist { uint64_t n, sum; uint32_t at[HIST_STEPS]; };

int hist_step(int64_t ms);              // where a time is counted; below 0 counts as 0
int64_t hist_low(int step);             // the least time that is counted there
void hist_add(struct hist *h, int64_t ms);
void hist_merge(struct hist *to, const struct hist *from);
// The time below or at which a share q of all lies: the upper end of its step.
int64_t hist_quantile(const struct hist *h, double q);
// The last minute or two: what came before is forgotten, so that one bad moment is not told for ever.
struct hist_recent { struct hist now, before; int64_t turned; };
void hist_recent_add(struct hist_recent *r, int64_t tick, int64_t ms);
// At that tick; -1 when nothing came.
int64_t hist_recent_quantile(struct hist_recent *r, int64_t tick, double q);
// Only the steps that count something: varints of step distance and count.
void hist_put(struct buf *b, const struct hist *h);
// Takes what hist_put wrote from the front of *in. false: it is damaged.
bool hist_read(struct str *in, struct hist *out);
