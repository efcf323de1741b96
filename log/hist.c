// hist.c: see hist.h.
#include "log/hist.h"
#include "log/bytes.h"
#include <string.h>

int hist_step(int64_t ms)
{
    if (ms < 32)
        return ms < 0 ? 0 : (int)ms;
    if (ms > INT32_MAX)
        ms = INT32_MAX;
    int octave = 63 - __builtin_clzll((unsigned long long)ms) - 5;     // 0 for 32 .. 63
    return 32 + octave * 32 + (int)((ms >> octave) & 31);
}

int64_t hist_low(int step)
{
    if (step < 32)
        return step;
    int octave = (step - 32) / 32;
    return (int64_t)(32 + (step - 32) % 32) << octave;
}

void hist_add(struct hist *h, int64_t ms)
{
    h->n++;
    h->sum += ms > 0 ? (uint64_t)ms : 0;
    h->at[hist_step(ms)]++;
}

void hist_merge(struct hist *to, const struct hist *from)
{
    to->n += from->n;
    to->sum += from->sum;
    for (int i = 0; i < HIST_STEPS; i++)
        to->at[i] += from->at[i];
}

int64_t hist_quantile(const struct hist *h, double q)
{
    if (h->n == 0)
        return -1;
    double want = q * (double)h->n;
    uint64_t seen = 0;
    for (int i = 0; i < HIST_STEPS; i++) {
        seen += h->at[i];
        if (h->at[i] && (double)seen >= want)
            return i < 32 ? i : hist_low(i + 1) - 1;
    }
    return INT32_MAX;
}

void hist_put(struct buf *b, const struct hist *h)
{
    uint64_t used = 0;
    int last = 0;
    for (int i = 0; i < HIST_STEPS; i++)
        used += h->at[i] != 0;
    put_varint(b, used);
    put_varint(b, h->sum);
    for (int i = 0; i < HIST_STEPS; i++) {
        if (!h->at[i])
            continue;
        put_varint(b, (uint64_t)(i - last));
        put_varint(b, h->at[i]);
        last = i;
    }
}

bool hist_read(struct str *in, struct hist *out)
{
    uint64_t used, step = 0, away, n;
    memset(out, 0, sizeof *out);
    if (!cut_varint(in, &used) || used > HIST_STEPS || !cut_varint(in, &out->sum))
        return false;
    while (used--) {
        if (!cut_varint(in, &away) || !cut_varint(in, &n) || away >= HIST_STEPS || n > UINT32_MAX)
            return false;
        step += away;
        if (step >= HIST_STEPS)
            return false;
        out->at[step] = (uint32_t)n;
        out->n += n;
    }
    return true;
}

enum { HALF_MS = 60000 };

static void turn(struct hist_recent *r, int64_t tick)
{
    if (tick - r->turned < HALF_MS)
        return;
    r->before = tick - r->turned < 2 * HALF_MS ? r->now : (struct hist){0};
    r->now = (struct hist){0};
    r->turned = tick;
}

void hist_recent_add(struct hist_recent *r, int64_t tick, int64_t ms)
{
    turn(r, tick);
    hist_add(&r->now, ms);
}

int64_t hist_recent_quantile(struct hist_recent *r, int64_t tick, double q)
{
    turn(r, tick);
    struct hist both = r->now;
    hist_merge(&both, &r->before);
    return hist_quantile(&both, q);
}
