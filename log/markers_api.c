// markers_api.c: see markers.h; and GET /log/markers.
#include "base/clock.h"
#include "log/api.h"
#include "log/markers.h"

static const int64_t DAY_MS = 24LL * 3600 * 1000, LONGEST_MS = 400LL * 24 * 3600 * 1000;

bool markers_put(struct arena *a, struct db *db, int64_t from_ms, int64_t to_ms, struct buf *out, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(db, e,
        "select * from (select r.service, r.number, r.kind, r.target, r.subject, r.asked_by, r.state,"
        " min(s.done_at) as at, count(distinct s.host) from release_step s join release r on r.id = s.release"
        " where s.step = 'switch' and s.result = 'ok' and s.done_at >= ? and s.done_at < ?"
        " group by r.id order by at desc limit ?) order by at",
        VALS(V(from_ms), V(to_ms), V((int)MARKERS_MAX)));
    if (!r)
        return false;
    while (rows_next(r, e)) {
        char at[TIME_TEXT_MAX];
        json_object(out, KV("service", row_str(a, r, 0)), KV("number", row_int(r, 1)), KV("kind", row_str(a, r, 2)),
                    KV("target", row_int(r, 3)), KV("subject", row_str(a, r, 4)), KV("who", row_str(a, r, 5)),
                    KV("state", row_str(a, r, 6)), KV("at", time_text(row_int(r, 7), at)),
                    KV("hosts", row_int(r, 8)));
    }
    return !rows_failed(r);
}

// "2026-11-22T00:00:00.000Z" or "-6h".
static bool when(struct ask *q, const char *field, struct str text, int64_t usual, int64_t *out, struct err *e)
{
    int64_t ago;
    *out = usual;
    if (!text.n)
        return true;
    if (text.p[0] == '-' && duration_parse(str_from(text, 1), &ago) && ago <= LONGEST_MS) {
        *out = now_ms() - ago;
        return true;
    }
    *out = time_parse(str_zdup(q->arena, text));
    return *out > 0 || ask_wrong(q, e, field, "2026-11-22T00:00:00.000Z, or -6h: so long ago", "%s is no time", field);
}

bool api_log_markers(struct ask *q, struct err *e)
{
    const struct markers_in *in = q->in;
    int64_t now = now_ms(), from, to;
    if (!when(q, "from", in->from, now - DAY_MS, &from, e) || !when(q, "to", in->to, now, &to, e))
        return false;
    json_open(q->out, '{');
    json_key(q->out, "items");
    json_open(q->out, '[');
    if (!markers_put(q->arena, q->db, from, to, q->out, e))
        return false;
    json_close(q->out, ']');
    json_kv(q->out, "next", V_NULL);
    json_close(q->out, '}');
    return true;
}
