// act.c: the transaction around a handler and the memory of keys.
#include "web/act.h"
#include "base/clock.h"
#include <sodium.h>

static const int64_t keep_ms = 24 * 3600 * 1000;

struct once {               // one Idempotency-Key
    struct str key, route;
    unsigned char hash[crypto_generichash_BYTES];
};

static struct str hash_of(const struct once *o)
{
    return (struct str){(const char *)o->hash, sizeof o->hash};
}

static struct once once_of(const struct request *r, struct str body)
{
    struct once o = {.key = ask_header(&r->ask, "idempotency-key")};
    o.route = str_f(r->ask.arena, "%s " STR_F, method_name(r->ask.route->method), STR_A(r->path));
    crypto_generichash(o.hash, sizeof o.hash, (const unsigned char *)body.p, body.n, NULL, 0);
    return o;
}

static bool need_key(struct request *r, struct err *e)
{
    struct wrong w = {.in = "header", .name = S("Idempotency-Key"),
                      .text = S("this request needs an Idempotency-Key, so that it acts once however often it is sent"),
                      .hint = S("send 16 to 64 letters or digits, new for every press of a button")};
    vec_push(r->ask.arena, &r->ask.wrongs, w);
    err_set(e, ERR_INPUT, STR_F, STR_A(w.text));
    return err_hint(e, STR_F, STR_A(w.hint));
}

// True and *found: the key is known and its answer is in r. False: refused, or the store failed.
static bool recall(struct request *r, const struct once *o, bool *found, struct err *e)
{
    struct ask *q = &r->ask;
    OWN_ROWS struct rows *rows = sql_ask(q->db, e, "select route, body_hash, status, body from idempotency"
                                         " where key = ? and who = ? and at > ?",
                                         VALS(V(o->key), V(q->who.name), V(now_ms() - keep_ms)));
    if (!rows)
        return false;
    *found = rows_next(rows, e);
    if (!*found)
        return !rows_failed(rows);
    if (!str_eq(row_str(q->arena, rows, 0), o->route) || !str_eq(row_str(q->arena, rows, 1), hash_of(o))) {
        r->code = "key_reused";
        err_set(e, ERR_STATE, "this Idempotency-Key was used for another request");
        return err_hint(e, "make a new key for every new request");
    }
    q->status = (int)row_int(rows, 2);
    buf_add(q->out, row_str(q->arena, rows, 3));
    r->replayed = true;
    return true;
}

static bool remember(const struct request *r, const struct once *o, struct err *e)
{
    const struct ask *q = &r->ask;
    return sql_do(q->db, e, "delete from idempotency where at <= ?", VALS(V(now_ms() - keep_ms)))
        && sql_do(q->db, e, "insert into idempotency (key, who, route, body_hash, status, body, at)"
                  " values (?, ?, ?, ?, ?, ?, ?)",
                  VALS(V(o->key), V(q->who.name), V(o->route), V_BLOB(hash_of(o)), V(q->status), V(buf_str(q->out)),
                       V(now_ms())));
}

static bool run(struct request *r, struct err *e)
{
    return r->ask.route->run(&r->ask, e) && buf_ok(r->ask.out, e);
}

static bool run_once(struct request *r, struct str body, struct err *e)
{
    struct once o = once_of(r, body);
    bool found = false;
    if (!recall(r, &o, &found, e))
        return false;
    return found || (run(r, e) && remember(r, &o, e));
}

bool act(struct request *r, struct str body, struct err *e)
{
    struct ask *q = &r->ask;
    bool keyed = ask_header(q, "idempotency-key").n && !(q->route->flags & R_HOOK);
    if (q->route->method == GET)
        return run(r, e);
    if (q->route->flags & R_KEYED && !keyed)
        return need_key(r, e);
    if (!sql_begin(q->db, e))
        return false;
    if (!(keyed ? run_once(r, body, e) : run(r, e)) || !sql_commit(q->db, e))
        return sql_undo(q->db);
    wake_role(q->data, "releaser");
    return true;
}
