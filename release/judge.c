// judge.c: see judge.h. Each sentence has its figures in it: who is asked, or wonders why a release went back, decides
// by them. Their Japanese is in web/said.ltsv.
#include "release/judge.h"
#include "base/clock.h"
#include <string.h>

enum { MINUTE_MS = 60000 };

// ---- the line ----

static const struct { const char *name; size_t at; } numbers[] = {
    {"once", offsetof(struct heard, once)},         {"minutes", offsetof(struct heard, minutes)},
    {"wants", offsetof(struct heard, wants)},       {"n_c", offsetof(struct heard, n_c)},
    {"k_c", offsetof(struct heard, k_c)},           {"n_b", offsetof(struct heard, n_b)},
    {"k_b", offsetof(struct heard, k_b)},           {"late_ms", offsetof(struct heard, late_ms)},
    {"from_ms", offsetof(struct heard, from_ms)},   {"canary_n", offsetof(struct heard, canary.n)},
    {"canary_c5", offsetof(struct heard, canary.c5)}, {"canary_c4", offsetof(struct heard, canary.c4)},
    {"canary_p95", offsetof(struct heard, canary.p95)}, {"others_n", offsetof(struct heard, others.n)},
    {"others_c5", offsetof(struct heard, others.c5)}, {"others_c4", offsetof(struct heard, others.c4)},
    {"others_p95", offsetof(struct heard, others.p95)},
};
static const struct { const char *name; size_t at; } texts[] = {
    {"state", offsetof(struct heard, state)}, {"answer", offsetof(struct heard, answer)},
    {"late", offsetof(struct heard, late)},
};

static unsigned take(struct heard *h, struct str name, struct str value)
{
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (str_eq(name, str_z(numbers[i].name)))
            return str_i64(value, (int64_t *)(void *)((char *)h + numbers[i].at)) ? 1u << i : 0;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (str_eq(name, str_z(texts[i].name))) {
            *(struct str *)(void *)((char *)h + texts[i].at) = value;
            return 1u << (ARRAY_LEN(numbers) + i);
        }
    return 0;
}

bool judge_hear(struct str line, struct heard *h, struct err *e)
{
    unsigned seen = 0;
    *h = (struct heard){0};
    line = str_trim(line);
    while (line.n) {
        struct str value = str_cut(&line, '\t');
        struct str name = str_cut(&value, ':');
        seen |= take(h, name, value);
    }
    return seen == (1u << (ARRAY_LEN(numbers) + ARRAY_LEN(texts))) - 1
        || err_set(e, ERR_BUG, "what was said of the canary is not a whole line");
}

// ---- sentences ----

static struct str figures(const struct heard *h, struct arena *a)
{
    return str_f(a, "5xx %lld of %lld against %lld of %lld", (long long)h->k_c, (long long)h->n_c, (long long)h->k_b,
                 (long long)h->n_b);
}

// Of what is not clear, times may be the reason.
static struct str all_figures(const struct heard *h, struct arena *a)
{
    struct str told = figures(h, a);
    if (h->canary.p95 < 0 || h->others.p95 < 0)
        return told;
    return str_f(a, STR_F ", p95 %lld ms against %lld ms", STR_A(told), (long long)h->canary.p95,
                 (long long)h->others.p95);
}

static struct str worse(const struct heard *h, struct arena *a)
{
    long long once = h->once;
    if (str_eq(h->answer, S("worse_times")))
        return str_f(a, "worse: slower, p95 %lld ms against %lld ms; chance does that once in %lld at most",
                     (long long)h->canary.p95, (long long)h->others.p95, once);
    if (str_eq(h->answer, S("worse_client_errors")))
        return str_f(a, "worse: more 4xx, %lld of %lld against %lld of %lld; chance does that once in %lld at most",
                     (long long)h->canary.c4, (long long)h->canary.n, (long long)h->others.c4, (long long)h->others.n,
                     once);
    return str_f(a, "worse: more 5xx, %lld of %lld against %lld of %lld; chance does that once in %lld at most",
                 (long long)h->k_c, (long long)h->n_c, (long long)h->k_b, (long long)h->n_b, once);
}

// Whole minutes, upward: at the pace of the minutes that were judged.
static int64_t minutes_for(const struct heard *h)
{
    return h->n_c > 0 ? (h->wants * h->minutes + h->n_c - 1) / h->n_c : 0;
}

// What is missing before anything can be said; empty: nothing is.
static struct str missing(const struct heard *h, const struct judge *j, struct arena *a)
{
    char t[TIME_TEXT_MAX];
    if (h->late.n && h->late_ms > 0)
        return str_f(a, "lines of " STR_F " are here only until %s: rusuban log status", STR_A(h->late),
                     time_local(h->late_ms, j->timezone, true, t));
    if (h->late.n)
        return str_f(a, "no agent tells of the lines of " STR_F ": rusuban log status", STR_A(h->late));
    if (str_eq(h->state, S("no_lines")))
        return S("no line of these hosts has come: rusuban log status");
    if (h->minutes == 0 && j->now_ms >= h->from_ms + 2 * MINUTE_MS)
        return str_f(a, "no minute had visitors on both sides: %lld requests on the canary, %lld on the others",
                     (long long)h->canary.n, (long long)h->others.n);
    if (h->minutes > 0 && h->canary.p95 < 0 && h->others.p95 < 0)
        return S("no line of these hosts says its reqtime");
    return S("");
}

static struct str not_yet(const struct heard *h, const struct judge *j, struct arena *a)
{
    char t[TIME_TEXT_MAX];
    struct str lacks = missing(h, j, a), told = all_figures(h, a);
    if (lacks.n && j->now_ms >= h->from_ms + 2 * MINUTE_MS)
        return str_f(a, "waits to judge: " STR_F, STR_A(lacks));
    if (h->minutes == 0 && h->canary.n > 0)
        return str_f(a, "waits for a whole minute and all its lines: %lld requests on the canary so far",
                     (long long)h->canary.n);
    if (h->minutes == 0)
        return str_f(a, "waits for visitors, whole minutes from %s on",
                     time_local(h->from_ms ? h->from_ms : j->now_ms, j->timezone, false, t));
    if (h->wants && minutes_for(h) > 0)
        return str_f(a, "waits for about %lld canary requests, about %lld min (" STR_F ")", (long long)h->wants,
                     (long long)minutes_for(h), STR_A(told));
    return str_f(a, "waits for more canary requests (" STR_F ")", STR_A(told));
}

static bool over(const struct judge *j)
{
    return j->now_ms - j->since_ms >= j->svc->canary.max_ms;
}

static struct judged at_the_end(const struct heard *h, const struct judge *j, struct arena *a)
{
    char took[TIME_TEXT_MAX];
    struct str lacks = missing(h, j, a);
    if (!lacks.n && h->minutes == 0)
        lacks = S("max came before a whole minute of visitors was over");
    if (lacks.n)
        return (struct judged){JUDGED_UNKNOWN, str_f(a, "cannot be judged: " STR_F, STR_A(lacks))};
    return (struct judged){JUDGED_UNCLEAR,
                           str_f(a, "not clear after %s: " STR_F, took_text(j->svc->canary.max_ms, took),
                                 STR_A(all_figures(h, a)))};
}

struct judged judge_say(const struct heard *h, const struct judge *j, struct arena *a)
{
    bool well = str_eq(h->answer, S("not_worse")) && j->now_ms - j->since_ms >= j->svc->canary.min_ms;
    if (str_starts(h->answer, S("worse")))
        return (struct judged){JUDGED_WORSE, worse(h, a)};
    if (well)
        return (struct judged){JUDGED_WELL, str_f(a, "not worse: " STR_F, STR_A(figures(h, a)))};
    if (over(j))
        return at_the_end(h, j, a);
    return (struct judged){JUDGED_NOT_YET, not_yet(h, j, a)};
}

struct judged judge_deaf(struct str why, const struct judge *j, struct arena *a)
{
    if (over(j))
        return (struct judged){JUDGED_UNKNOWN, str_f(a, "cannot be judged: " STR_F, STR_A(why))};
    return (struct judged){JUDGED_NOT_YET, str_f(a, "waits to judge: " STR_F, STR_A(why))};
}

const char *judged_word(enum judged_end end)
{
    static const char *const words[JUDGED_ENDS] = {
        [JUDGED_NOT_YET] = "", [JUDGED_WELL] = "not_worse", [JUDGED_WORSE] = "worse", [JUDGED_UNCLEAR] = "not_clear",
        [JUDGED_UNKNOWN] = "unknown"};
    return words[end];
}

bool judged_goes_back(enum judged_end end, const struct service *svc)
{
    if (end == JUDGED_WORSE)
        return svc->canary.on_fail == CANARY_ROLLBACK;
    return (end == JUDGED_UNCLEAR || end == JUDGED_UNKNOWN) && svc->canary.on_unclear == CANARY_ROLLBACK;
}
