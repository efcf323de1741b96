// cmd_watch.c: `rusuban log watch`: the pages that are worse than their own past.
#include "base/clock.h"
#include "base/jansson.h"
#include "log/alarm_list.h"
#include "log/cli.h"
#include "site/site.h"
#include <stdio.h>
#include <unistd.h>

enum { FOLLOW_S = 2 };

static void put_json(const struct alarm *x)
{
    OWN_BUF struct buf b = buf_make(64 << 10);
    alarm_json(&b, x);
    printf("%s\n", buf_z(&b));
}

static struct str hosts_text(struct arena *a, struct str json)
{
    OWN_BUF struct buf b = buf_make(8 << 10);
    json_t *list = json_loadb(json.p, json.n, 0, NULL), *host;
    size_t i;
    json_array_foreach(list, i, host)
        buf_addf(&b, "%s%s", i ? " " : "", json_string_value(host) ? json_string_value(host) : "");
    json_decref(list);
    return str_dup(a, buf_str(&b));
}

static void put_release(struct call *c, const struct alarm *x, const char *zone)
{
    json_t *j = json_loadb(x->release.p, x->release.n, 0, NULL);
    const char *at = json_string_value(json_object_get(j, "at"));
    const char *service = json_string_value(json_object_get(j, "service"));
    const char *host = json_string_value(json_object_get(j, "host"));
    char when[TIME_TEXT_MAX], took[TIME_TEXT_MAX];
    if (at && service && host) {
        int64_t ms = time_parse(at);
        fputs("    ", stdout);
        if (ms <= x->began)
            printf("%s after ", took_text(x->began - ms, took));
        else
            printf("about when ");
        put_foreign(stdout, str_f(c->arena, "%s %lld went to %s (%s)", service,
                                  (long long)json_integer_value(json_object_get(j, "number")), host,
                                  time_local(ms, zone, false, when)));
        putchar('\n');
    }
    json_decref(j);
}

static void put_text(struct call *c, const struct alarm *x, const char *zone)
{
    char when[TIME_TEXT_MAX];
    put_foreign(stdout, x->page);
    printf("  %.*s since %s", STR_A(x->rule), time_local(x->began, zone, false, when));
    if (x->closed)
        printf(" until %s", time_local(x->last, zone, false, when));
    if (str_eq(x->rule, S("errors")))
        printf("  %lld of %lld requests failed, %.2f %% in its past", (long long)x->errors, (long long)x->requests,
               x->past_errors);
    else if (x->past >= 0)
        printf("  p95 %.2f s, this hour's past %.2f s", (double)x->now / 1000, (double)x->past / 1000);
    else
        printf("  p95 %.2f s", (double)x->now / 1000);
    printf("  %lld requests on ", (long long)x->requests);
    put_foreign(stdout, hosts_text(c->arena, x->hosts));
    putchar('\n');
    if (x->release.n)
        put_release(c, x, zone);
}

struct listing { struct call *call; const char *zone; int64_t highest; size_t open; };

static void on_alarm(void *arg, const struct alarm *x)
{
    struct listing *l = arg;
    if (l->call->json)
        put_json(x);
    else
        put_text(l->call, x, l->zone);
    l->open += x->closed == 0;
    l->highest = x->id > l->highest ? x->id : l->highest;
}

// Alarms above the highest that was shown, open ones or all.
static bool list(struct listing *l, struct db *db, bool all, struct err *e)
{
    struct alarm_wish w = {.closed_too = all, .above = l->highest};
    return alarm_list(l->call->arena, db, &w, on_alarm, l, e) && call_flush(e);
}

bool cmd_log_watch(struct call *c, struct err *e)
{
    OWN_DB struct db *db = NULL;
    struct site *site = NULL;
    bool all = call_flag(c, "all"), follow = call_flag(c, "follow");
    if (!site_load(c->arena, c->site, &site, e) || !store_find(c->data, &db, e))
        return false;
    struct listing l = {.call = c, .zone = str_zdup(c->arena, site->timezone)};
    if (!list(&l, db, all, e))
        return false;
    while (follow) {
        OWN_ARENA struct arena a = arena_make(8 << 20);
        struct call mine = *c;
        mine.arena = &a;
        sleep(FOLLOW_S);
        l.call = &mine;
        if (!list(&l, db, true, e))
            return false;
    }
    if (l.open)
        return err_set(e, ERR_CHECK, "%zu page%s worse than %s own past", l.open, l.open == 1 ? " is" : "s are",
                       l.open == 1 ? "its" : "their");
    if (!c->json && !c->quiet)
        fputs("no page is worse than its own past\n", stderr);
    return true;
}
