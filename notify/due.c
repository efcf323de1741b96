// due.c: questions and answers about notices. A row stays due until its success is written, so a crash in between
// sends it again and never loses it.
#include "notify/due.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/say.h"

enum { RETRY_FIRST_MS = 2000, RETRY_MOST_MS = 30 * 60 * 1000 };
static const int64_t give_up_ms = 24LL * 3600 * 1000, keep_ms = 90LL * 24 * 3600 * 1000;

static size_t away_to(struct str notifier, const struct notice *const *away, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        k += str_eq(away[i]->notifier, notifier);
    return k;
}

// Those on their way by id, and the notifiers that have enough of them, as JSON.
static void put_away(const struct notice *const *away, size_t n, struct buf *ids, struct buf *full)
{
    json_open(ids, '[');
    json_open(full, '[');
    for (size_t i = 0; i < n; i++) {
        json_val(ids, V(away[i]->id));
        if (away_to(away[i]->notifier, away, n) >= DUE_EACH_MAX)
            json_val(full, V(away[i]->notifier));
    }
    json_close(ids, ']');
    json_close(full, ']');
}

bool due_next(struct arena *a, struct db *db, const struct notice *const *away, size_t n, struct notice *out,
              struct err *e)
{
    OWN_BUF struct buf ids = buf_make(4096), full = buf_make(64 << 10);
    put_away(away, n, &ids, &full);
    *out = (struct notice){0};
    OWN_ROWS struct rows *r = sql_ask(db, e,
        "select id, at, release, service, kind, body, notifier, tries from notice"
        " where next_at is not null and next_at <= ?"
        " and id not in (select value from json_each(?)) and notifier not in (select value from json_each(?))"
        " order by next_at, id limit 1",
        VALS(V(now_ms()), V(buf_str(&ids)), V(buf_str(&full))));
    if (!r)
        return false;
    if (rows_next(r, e))
        *out = (struct notice){.id = row_int(r, 0), .at = row_int(r, 1), .release = row_int(r, 2),
                               .service = row_str(a, r, 3), .kind = row_str(a, r, 4), .body = row_str(a, r, 5),
                               .notifier = row_str(a, r, 6), .tries = (int)row_int(r, 7)};
    return !rows_failed(r);
}

bool due_sent(struct db *db, const struct notice *n, struct err *e)
{
    say("notice.sent", KV("notice", n->id), KV("notifier", n->notifier), KV("service", n->service),
        KV("event", n->kind), KV("tries", n->tries + 1));
    return sql_do(db, e, "update notice set sent_at = ?, next_at = null, tries = tries + 1, error = null where id = ?",
                  VALS(V(now_ms()), V(n->id)));
}

static int64_t wait_after(int tries)
{
    int64_t ms = RETRY_FIRST_MS;
    while (tries-- > 0 && ms < RETRY_MOST_MS)
        ms *= 2;
    return ms < RETRY_MOST_MS ? ms : RETRY_MOST_MS;
}

bool due_failed(struct db *db, const struct notice *n, const char *why, struct err *e)
{
    int64_t next = now_ms() + wait_after(n->tries);
    bool last = next > n->at + give_up_ms;
    say(last ? "notice.given_up" : "notice.failed", KV("notice", n->id), KV("notifier", n->notifier),
        KV("service", n->service), KV("event", n->kind), KV("tries", n->tries + 1), KV("why", why));
    return sql_do(db, e, "update notice set next_at = ?, tries = tries + 1, error = ? where id = ?",
                  VALS(last ? V_NULL : V(next), V(why), V(n->id)));
}

bool due_forget(struct db *db, struct err *e)
{
    return sql_do(db, e, "delete from notice where next_at is null and at < ?", VALS(V(now_ms() - keep_ms)));
}

bool due_when(struct db *db, int64_t *at_ms, struct err *e)
{
    return sql_int(db, e, at_ms, "select min(next_at) from notice where next_at > ?", VALS(V(now_ms())));
}
