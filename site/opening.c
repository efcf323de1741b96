// opening.c: may a release start now, and if not, when? Everything is asked of the wall clock in the site's time
// zone, so an hour that a change of clocks skips or repeats is treated as the people there see it.
#include "site/site.h"
#include "site/window.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { HORIZON_S = 400 * 24 * 3600 };

struct calendar {
    struct { struct window *at; size_t n, cap; } allow;
    struct { struct freeze *at; size_t n, cap; } freeze;
};

static struct calendar calendar_of(struct arena *a, const struct service *svc)
{
    struct calendar c = {0};
    struct err e;
    for (size_t i = 0; i < svc->windows.allow.n; i++) {
        struct window w;
        bool ok = window_parse(svc->windows.allow.at[i], &w, &e);
        assert(ok);
        vec_push(a, &c.allow, w);
    }
    for (size_t i = 0; i < svc->windows.freeze.n; i++) {
        struct freeze f;
        bool ok = freeze_parse(svc->windows.freeze.at[i], &f, &e);
        assert(ok);
        vec_push(a, &c.freeze, f);
    }
    return c;
}

static const struct freeze *frozen(const struct calendar *c, const struct tm *local)
{
    for (size_t i = 0; i < c->freeze.n; i++)
        if (freeze_covers(&c->freeze.at[i], local))
            return &c->freeze.at[i];
    return NULL;
}

static bool open_at(const struct calendar *c, const struct tm *local)
{
    bool allowed = c->allow.n == 0;
    for (size_t i = 0; i < c->allow.n; i++)
        allowed = allowed || window_covers(&c->allow.at[i], local);
    return allowed && !frozen(c, local);
}

// Minutes until the wall clock next shows something that may matter: a window's start, or midnight.
static int minutes_ahead(const struct calendar *c, const struct tm *local)
{
    int now = local->tm_hour * 60 + local->tm_min, next = DAY_MINUTES;
    for (size_t i = 0; i < c->allow.n; i++)
        for (size_t k = 0; k < c->allow.at[i].n; k++) {
            int from = c->allow.at[i].spans[k].from;
            if (from > now && from < next)
                next = from;
        }
    return next - now;
}

// Jumps from one such moment to the next. Where the clocks change on the way, it goes minute by minute instead.
static bool next_opening(const struct calendar *c, time_t from, time_t *at)
{
    for (time_t t = from; t < from + HORIZON_S;) {
        struct tm now, then;
        localtime_r(&t, &now);
        if (open_at(c, &now)) {
            *at = t;
            return true;
        }
        time_t minute = t - now.tm_sec, next = minute + 60 * minutes_ahead(c, &now);
        localtime_r(&next, &then);
        t = then.tm_gmtoff == now.tm_gmtoff ? next : minute + 60;
    }
    return false;
}

// The C library knows one time zone at a time, the process's. We are one thread, so it may be lent.
static char *zone_enter(const char *zone)
{
    const char *old = getenv("TZ");
    char *kept = old ? strdup(old) : NULL;
    setenv("TZ", zone, 1);
    tzset();
    return kept;
}

static void zone_leave(char *kept)
{
    if (kept)
        setenv("TZ", kept, 1);
    else
        unsetenv("TZ");
    tzset();
    free(kept);
}

static struct str why_closed(struct arena *a, const struct site *s, const struct service *svc, const struct freeze *f,
                             time_t opens)
{
    char when[40] = "";
    struct tm local;
    struct str now = S("this is outside its windows");
    if (f)
        now = str_f(a, "it is frozen from %d-%02d-%02d to %d-%02d-%02d", f->from / 10000, f->from / 100 % 100,
                    f->from % 100, f->to / 10000, f->to / 100 % 100, f->to % 100);
    if (opens == 0)
        return str_f(a, STR_F " may not be released now: " STR_F ", and none opens within 400 days",
                     STR_A(svc->name), STR_A(now));
    strftime(when, sizeof when, "%a %Y-%m-%d %H:%M", localtime_r(&opens, &local));
    return str_f(a, STR_F " may not be released now: " STR_F "; it opens %s (" STR_F ")", STR_A(svc->name), STR_A(now),
                 when, STR_A(s->timezone));
}

bool window_open(struct arena *a, const struct site *s, const struct service *svc, int64_t at_ms, int64_t *until_ms,
                 struct str *why)
{
    struct calendar c = calendar_of(a, svc);
    time_t at = (time_t)(at_ms / 1000), opens = 0;
    struct tm local;
    *until_ms = 0;
    *why = S("");
    char *kept = zone_enter(str_zdup(a, s->timezone));
    localtime_r(&at, &local);
    bool open = open_at(&c, &local);
    if (!open) {
        bool any = next_opening(&c, at, &opens);
        *until_ms = any ? (int64_t)opens * 1000 : 0;
        *why = why_closed(a, s, svc, frozen(&c, &local), opens);
    }
    zone_leave(kept);
    return open;
}
