// act.c: the transaction around a handler, the memory of keys, and the line in the audit log.
#include "web/act.h"
#include "base/clock.h"
#include "base/say.h"
#include "store/chain.h"
#include "web/live.h"
#include "web/origin.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

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
        q->code = "key_reused";
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

// The audit log.

static struct str via(const struct ask *q)
{
    static const char *const ways[] = {[WAY_NONE] = "", [WAY_SOCKET] = "socket", [WAY_SESSION] = "session",
                                       [WAY_PROXY] = "proxy"};
    return q->who.way == WAY_TOKEN ? str_f(q->arena, "token " STR_F, STR_A(q->who.token)) : str_z(ways[q->who.way]);
}

// "release approve {service} {number}" is the verb "release approve"; a row without a command line is its own path.
static struct str verb(const struct ask *q)
{
    struct str rest = str_z(q->route->cli), word, whole = rest;
    size_t n = 0;
    while ((word = str_word(&rest)).n && str_plain(word, "-") && word.p[0] >= 'a' && word.p[0] <= 'z')
        n = (size_t)(word.p + word.n - whole.p);
    return n ? str_head(whole, n) : str_f(q->arena, "%s %s", method_name(q->route->method), q->route->path);
}

static struct str subject(const struct request *r)
{
    bool secret = r->ask.route->flags & R_SECRET;
    return secret ? str_z(r->ask.route->path) : str_from(r->path, sizeof "/api/v1" - 1);
}

static struct str or_else(struct str told, struct str usual)
{
    return told.n ? told : usual;
}

static bool note(struct request *r, struct str body, bool ok, struct err *e)
{
    struct ask *q = &r->ask;
    const struct remark *t = &q->remark;
    if (q->route->flags & (R_HOOK | R_QUIET))
        return true;
    return chain_add(q->db, &(struct deed){.who = or_else(t->who, q->who.name), .via = via(q), .from = q->from,
                                           .verb = verb(q), .subject = or_else(t->subject, subject(r)),
                                           .before = t->before, .ok = ok,
                                           .after = or_else(t->after, q->route->flags & R_SECRET ? S("") : body)}, e);
}

static void note_alone(struct request *r, struct str after, bool ok, const char *otherwise)
{
    struct ask *q = &r->ask;
    struct err e;
    if (!sql_begin(q->db, &e) || !note(r, after, ok, &e) || !sql_commit(q->db, &e)) {
        sql_undo(q->db);
        say_err(otherwise, &e);
    }
}

// Whom we know not has only a network, and many addresses of it.
static bool has_a_line(struct request *r)
{
    const struct ask *q = &r->ask;
    struct str who = or_else(q->remark.who, q->who.name);
    return q->who.name.n ? refusals_take(&r->web->refusals, who, S(""), tick_ms())
                         : refusals_take(&r->web->strangers, who, address_net(q->arena, r->from), tick_ms());
}

// What was refused left nothing, but that somebody tried is a line. Without it the refusal stands all the same.
void act_refused(struct request *r)
{
    if (has_a_line(r))
        note_alone(r, S(""), false, "audit.refused");
}

// The password that is asked for once more is part of the deed, and who made the request from a foreign page is not known.
static bool worth_a_line(const struct request *r, const struct err *e)
{
    const struct ask *q = &r->ask;
    bool once_more = q->code && strcmp(q->code, "step_up") == 0;
    return e->kind == ERR_DENIED && !once_more && q->who.name.n && q->route && q->route->method != GET &&
           !(q->route->flags & (R_HOOK | R_QUIET | R_ASIDE)) && !q->remark.refused;
}

void act_forbidden(struct request *r, const struct err *e)
{
    if (!worth_a_line(r, e) || !refusals_take(&r->web->refusals, r->ask.who.name, S(""), tick_ms()))
        return;
    r->ask.remark.after = str_z(e->text);       // the reason, not what was sent
    note_alone(r, S(""), false, "audit.forbidden");
}

void act_over(struct request *r, bool ok, struct str told)
{
    note_alone(r, told, ok, "audit.over");
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
    return found || (run(r, e) && remember(r, &o, e) && note(r, body, true, e));
}

bool act(struct request *r, struct str body, struct err *e)
{
    struct ask *q = &r->ask;
    bool keyed = ask_header(q, "idempotency-key").n && !(q->route->flags & (R_HOOK | R_SECRET | R_ROWS));
    if (q->route->method == GET || q->route->flags & R_ASIDE
        || (q->route->flags & R_ROWS && q->route->flags & R_QUIET))
        return run(r, e);
    if (q->route->flags & R_KEYED && !keyed)
        return need_key(r, e);
    if (!sql_begin(q->db, e))
        return false;
    if (!(keyed ? run_once(r, body, e) : run(r, e) && note(r, body, true, e)) || !sql_commit(q->db, e)) {
        sql_undo(q->db);
        if (q->remark.refused)
            act_refused(r);
        return false;
    }
    if (!(q->route->flags & R_ROWS))
        wake_role(q->data, "releaser");
    if (q->route->right == PEOPLE || q->route->right == OWN || q->route->right == PUBLIC)
        live_ask_who(r->web->live);     // of accounts, sessions and tokens; the streams' own look comes once a second
    return true;
}
