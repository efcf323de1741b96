// alarm_list.c: see alarm_list.h.
#include "log/alarm_list.h"
#include "base/clock.h"
#include "base/json.h"

static struct alarm read_alarm(struct arena *a, const struct rows *r)
{
    return (struct alarm){.id = row_int(r, 0), .dataset = row_str(a, r, 1), .page = row_str(a, r, 2),
                          .rule = row_str(a, r, 3), .began = row_int(r, 4), .raised = row_int(r, 5),
                          .last = row_int(r, 6), .closed = row_int(r, 7), .now = row_int(r, 8), .past = row_int(r, 9),
                          .requests = row_int(r, 10), .errors = row_int(r, 11), .past_errors = row_real(r, 12),
                          .hosts = row_str(a, r, 13), .release = row_str(a, r, 14)};
}

void alarm_json(struct buf *b, const struct alarm *x)
{
    char began[TIME_TEXT_MAX], raised[TIME_TEXT_MAX], last[TIME_TEXT_MAX], closed[TIME_TEXT_MAX];
    json_object(b, KV("id", x->id), KV("dataset", x->dataset), KV("page", x->page), KV("rule", x->rule),
                KV("began_at", time_text(x->began, began)), KV("raised_at", time_text(x->raised, raised)),
                KV("last_at", time_text(x->last, last)),
                KV("closed_at", x->closed ? V(time_text(x->closed, closed)) : V_NULL), KV("p95_ms", x->now),
                KV("past_p95_ms", x->past), KV("requests", x->requests), KV("errors", x->errors),
                KV("past_errors_percent", x->past_errors), KV("hosts", V_JSON(x->hosts)),
                KV("release", x->release.n ? V_JSON(x->release) : V_NULL));
}

bool alarm_list(struct arena *a, struct db *db, const struct alarm_wish *w, alarm_fn *fn, void *arg, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(db, e,
        "select id, dataset, page, rule, began_at, raised_at, last_at, coalesce(closed_at, 0),"
        " now_p95, past_p95, requests, errors, past_errors, hosts, release from log_alarm"
        " where (closed_at is null or ?1) and id > ?2 and last_at >= ?3"
        " and (?4 = '' or dataset = ?4) and (?5 = '' or page = ?5) order by id limit ?6",
        VALS(V(w->closed_too), V(w->above), V(w->since), V(w->dataset), V(w->page), V((int)ALARMS_MAX)));
    if (!r)
        return false;
    while (rows_next(r, e)) {
        struct alarm x = read_alarm(a, r);
        fn(arg, &x);
    }
    return !rows_failed(r);
}
