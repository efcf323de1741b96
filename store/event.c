// event.c: rows of the ring: written by those whose change no trigger sees, read by the web role.
#include "store/event.h"
#include "base/clock.h"
#include <assert.h>

bool event_put(struct db *db, struct str topic, struct str subject, struct str kind, const struct buf *json_body,
               struct err *e)
{
    if (!buf_ok(json_body, e))
        return err_in(e, "event " STR_F, STR_A(kind));
    assert(topic.n + subject.n + kind.n <= EVENT_NAMES_MAX);
    if (json_body->n > EVENT_BODY_MAX)
        return err_set(e, ERR_LIMIT, "an event has at most %d bytes, not %zu", EVENT_BODY_MAX, json_body->n);
    return sql_do(db, e, "insert into event (at, topic, subject, kind, body) values (?, ?, ?, ?, ?)",
                  VALS(V(now_ms()), V(topic), V(subject), V(kind), V(buf_str(json_body))));
}

bool event_after(struct arena *a, struct db *db, int64_t after, int limit, struct events *out, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(db, e, "select seq, at, topic, subject, kind, body from event where seq > ?"
                                      " order by seq limit ?", VALS(V(after), V(limit)));
    if (!r)
        return false;
    while (rows_next(r, e)) {
        struct event x = {row_int(r, 0), row_int(r, 1), row_str(a, r, 2), row_str(a, r, 3), row_str(a, r, 4),
                          row_str(a, r, 5)};
        vec_push(a, out, x);
    }
    return !rows_failed(r);
}

bool event_ends(struct db *db, int64_t *first, int64_t *last, struct err *e)
{
    return sql_int(db, e, last, "select coalesce((select seq from sqlite_sequence where name = 'event'), 0)", NO_VALS)
        && sql_int(db, e, first, "select coalesce((select min(seq) from event), ? + 1)", VALS(V(*last)));
}

bool event_newest(struct arena *a, struct db *db, struct str topic, struct str *body, struct err *e)
{
    *body = S("");
    OWN_ROWS struct rows *r = sql_ask(db, e, "select body from event where topic = ? order by seq desc limit 1",
                                      VALS(V(topic)));
    if (!r)
        return false;
    if (rows_next(r, e))
        *body = row_str(a, r, 0);
    return !rows_failed(r);
}
