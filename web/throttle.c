// throttle.c: rows that count tries. They are forgotten after a day, and the oldest when there are too many.
#include "web/throttle.h"
#include "base/clock.h"

static const int64_t forget_ms = 24 * 3600 * 1000;

int throttle_wait_s(int64_t tries, int64_t at, int64_t now)
{
    tries -= now > at ? (now - at) / THROTTLE_FORGIVE_MS : 0;
    int64_t s = tries < THROTTLE_FREE ? 0 : tries - THROTTLE_FREE >= 9 ? THROTTLE_MAX_S : 1 << (tries - THROTTLE_FREE);
    if (s > THROTTLE_MAX_S)
        s = THROTTLE_MAX_S;
    int64_t left = at > now ? s * 1000 : at + s * 1000 - now;       // the clock was set back: not longer than that
    return left > 0 ? (int)((left + 999) / 1000) : 0;
}

static bool look(struct ask *q, struct str key, int *wait_s, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(q->db, e, "select tries, at from throttle where key = ?", VALS(V(key)));
    if (!r)
        return false;
    if (!rows_next(r, e))
        return !rows_failed(r);
    int s = throttle_wait_s(row_int(r, 0), row_int(r, 1), now_ms());
    *wait_s = s > *wait_s ? s : *wait_s;
    return true;
}

static bool count(struct ask *q, struct str key, struct err *e)
{
    return sql_do(q->db, e, "insert into throttle (key, tries, at) values (?1, 1, ?2) on conflict (key) do update"
                  " set tries = max(tries - max(?2 - at, 0) / ?3, 0) + 1, at = ?2",
                  VALS(V(key), V(now_ms()), V(THROTTLE_FORGIVE_MS)));
}

static bool make_room(struct ask *q, struct err *e)
{
    return sql_do(q->db, e, "delete from throttle where at < ?", VALS(V(now_ms() - forget_ms)))
        && sql_do(q->db, e, "delete from throttle where (select count(*) from throttle) > ?1 and key in"
                  " (select key from throttle order by at limit 100)", VALS(V(THROTTLE_KEYS)));
}

static bool charge(struct ask *q, const struct strs *keys, struct err *e)
{
    int wait_s = 0;
    for (size_t i = 0; i < keys->n; i++)
        if (!look(q, keys->at[i], &wait_s, e))
            return false;
    if (wait_s) {
        char took[TIME_TEXT_MAX];
        q->retry_after_s = wait_s;
        q->http = 429;
        return err_set(e, ERR_LIMIT, "too many wrong passwords: the next try is in %s", took_text(wait_s * 1000, took));
    }
    for (size_t i = 0; i < keys->n; i++)
        if (!count(q, keys->at[i], e))
            return false;
    return make_room(q, e);
}

bool throttle_charge(struct ask *q, const struct strs *keys, struct err *e)
{
    if (!sql_begin(q->db, e))
        return false;
    return (charge(q, keys, e) && sql_commit(q->db, e)) || sql_undo(q->db);
}

bool throttle_clear(struct ask *q, struct str key, struct err *e)
{
    return sql_do(q->db, e, "delete from throttle where key = ?", VALS(V(key)));
}

bool throttle_give_back(struct ask *q, struct str key, struct err *e)
{
    return sql_do(q->db, e, "update throttle set tries = max(tries - 1, 0) where key = ?", VALS(V(key)));
}
