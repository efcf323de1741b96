// canary_api.c: GET /releases/{service}/{number}/traffic: what visitors got from its canary and from the others.
#include "base/clock.h"
#include "log/api.h"
#include "log/canary.h"

static void put_time(struct buf *out, const char *key, int64_t at_ms)
{
    char text[TIME_TEXT_MAX];
    json_kv(out, key, at_ms ? V(time_text(at_ms, text)) : V_NULL);
}

static struct val ms_or_null(int64_t ms)
{
    return ms < 0 ? V_NULL : V(ms);
}

static void put_side(struct buf *out, const char *key, const struct canary_side *s)
{
    json_key(out, key);
    json_open(out, '{');
    json_key(out, "hosts");
    json_open(out, '[');
    for (size_t i = 0; i < s->hosts.n; i++)
        json_val(out, V(s->hosts.at[i]));
    json_close(out, ']');
    json_kvs(out, KVS(KV("requests", s->sum.n), KV("p50_ms", ms_or_null(hist_quantile(&s->sum.took, 0.5))),
                      KV("p95_ms", ms_or_null(hist_quantile(&s->sum.took, 0.95))), KV("e4xx", s->sum.c4),
                      KV("e5xx", s->sum.c5)));
    json_close(out, '}');
}

static void put_verdict(struct buf *out, const struct canary *c)
{
    const struct verdict *v = &c->verdict;
    json_key(out, "verdict");
    if (c->state != CANARY_OK || !v->minutes) {
        json_val(out, V_NULL);
        return;
    }
    uint64_t wants = verdict_wants(v);
    json_object(out, KV("answer", verdict_word(verdict_say(v))), KV("risk", verdict_risk(v)), KV("minutes", v->minutes),
                KV("odds", v->limits.odds), KV("latency", v->limits.latency),
                KV("floor", v->limits.floor), KV("wants", wants ? V(wants) : V_NULL),
                KV("canary_requests", v->n_c), KV("canary_e5xx", v->k_c), KV("others_requests", v->n_b),
                KV("others_e5xx", v->k_b));
}

static void put_minutes(struct buf *out, const struct canary *c)
{
    json_key(out, "minutes");
    json_open(out, '[');
    for (size_t i = 0; i < c->points; i++) {
        char text[TIME_TEXT_MAX];
        const struct canary_point *p = c->point[i];
        json_object(out, KV("at", time_text(((int64_t)c->first + (int64_t)i) * 60000, text)),
                    KV("canary_requests", p[0].n), KV("canary_p95_ms", ms_or_null(p[0].p95)),
                    KV("others_requests", p[1].n), KV("others_p95_ms", ms_or_null(p[1].p95)));
    }
    json_close(out, ']');
}

static bool one(struct ask *q, const char *sql, struct str service, int64_t *out, struct err *e)
{
    if (sql_int(q->db, e, out, sql, VALS(V(service))))
        return true;
    return e->kind == ERR_NOT_FOUND ? err_set(e, ERR_NOT_FOUND, STR_F " has no such release", STR_A(service)) : false;
}

// As the other routes of a release read it: a number, `last` or `open`.
static bool number_of(struct ask *q, struct str service, int64_t *out, struct err *e)
{
    struct str word = ask_param(q, "number");
    if (str_eq(word, S("last")))
        return one(q, "select number from release where service = ? order by number desc limit 1", service, out, e);
    if (str_eq(word, S("open")))
        return one(q, "select number from release where service = ? and ended_at is null"
                   " order by state = 'queued', id limit 1", service, out, e);
    return ask_number(q, "number", out, e);
}

static bool id_of(struct ask *q, struct str service, int64_t number, int64_t *id, struct err *e)
{
    if (sql_int(q->db, e, id, "select id from release where service = ? and number = ?",
                VALS(V(service), V(number))))
        return true;
    if (e->kind == ERR_NOT_FOUND) {
        err_set(e, ERR_NOT_FOUND, STR_F " has no release %lld", STR_A(service), (long long)number);
        err_hint(e, "rusuban release history " STR_F, STR_A(service));
    }
    return false;
}

bool api_log_canary(struct ask *q, struct err *e)
{
    struct str service = ask_param(q, "service");
    int64_t number, id;
    struct canary *c = NEW(q->arena, struct canary);
    if (!number_of(q, service, &number, e) || !id_of(q, service, number, &id, e)
        || !canary_read(q->arena, q->db, q->site, service, id, now_ms(), c, e))
        return false;
    bool compared = c->from_ms && c->from_ms < c->to_ms;
    json_open(q->out, '{');
    json_kvs(q->out, KVS(KV("service", service), KV("number", number), KV("state", canary_word(c->state)),
                         KV("dataset", V_OPT(c->dataset))));
    json_kvs(q->out, KVS(KV("judged", V_BOOL(c->judged)), KV("late", V_OPT(c->late))));
    put_time(q->out, "late_since", c->late_ms);
    put_time(q->out, "switched_at", c->switched_ms);
    put_time(q->out, "until", c->until_ms);
    put_time(q->out, "from", c->from_ms);
    put_time(q->out, "to", compared ? c->to_ms : 0);
    put_side(q->out, "canary", &c->canary);
    put_side(q->out, "others", &c->others);
    put_verdict(q->out, c);
    put_minutes(q->out, c);
    json_close(q->out, '}');
    return true;
}
