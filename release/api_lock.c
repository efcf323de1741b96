// api_lock.c: locks on services, and the door for webhooks.
#include "base/clock.h"
#include "release/api.h"

bool api_locks(struct ask *q, struct err *e)
{
    const struct list_in *in = q->in;
    OWN_ROWS struct rows *r =
        sql_ask(q->db, e,
                "select l.service, r.number, l.reason, l.author, l.since, l.until from lock l left join release r "
                "on r.id = l.release where l.lifted_at is null and (l.until is null or l.until > ?1) and "
                "(r.id is null or r.ended_at is null) and (?2 = '' or l.service = ?2) order by l.id limit 500",
                VALS(V(now_ms()), V(in->service)));
    struct arena *a = q->arena;
    if (in->service.n && !api_known(q, in->service, e))
        return false;
    json_open(q->out, '{');
    json_key(q->out, "items");
    json_open(q->out, '[');
    while (r && rows_next(r, e)) {
        json_open(q->out, '{');
        json_kvs(q->out, KVS(KV("service", row_str(a, r, 0)), KV("release", row_val(a, r, 1)),
                             KV("reason", row_str(a, r, 2)), KV("author", row_str(a, r, 3))));
        api_put_time(q->out, "since", row_int(r, 4));
        api_put_time(q->out, "until", row_int(r, 5));
        json_close(q->out, '}');
    }
    json_close(q->out, ']');
    json_kv(q->out, "next", V_NULL);
    api_put_zone(q);
    json_close(q->out, '}');
    return r && !rows_failed(r);
}

bool api_lock(struct ask *q, struct err *e)
{
    const struct lock_in *in = q->in;
    const struct service *svc;
    if (!api_service(q, in->service, &svc, e))
        return false;
    if (!sql_do(q->db, e, "insert into lock (service, reason, author, since, until) values (?, ?, ?, ?, ?)",
                VALS(V(svc->name), V(in->reason), V(q->who.name), V(now_ms()),
                     in->for_ms ? V(now_ms() + in->for_ms) : V_NULL)))
        return false;
    q->status = 201;
    json_object(q->out, KV("service", svc->name), KV("reason", in->reason));
    return true;
}

bool api_lift(struct ask *q, struct err *e)
{
    const struct service *svc;
    if (!api_service(q, ask_param(q, "service"), &svc, e))
        return false;
    if (!sql_do(
            q->db, e,
            "update lock set lifted_by = ?, lifted_at = ?2 where service = ?3 and release is null "
            "and lifted_at is null and (until is null or until > ?2)",
            VALS(V(q->who.name), V(now_ms()), V(svc->name))))
        return false;
    if (sql_changes(q->db) == 0)
        return err_set(e, ERR_STATE, STR_F " is not locked", STR_A(svc->name));
    json_object(q->out, KV("service", svc->name), KV("lifted", sql_changes(q->db)));
    return true;
}

enum { INBOX_MAX = 64, INBOX_BYTES = 64 << 20 };

static bool inbox_has_room(struct ask *q, struct err *e)
{
    int64_t n, bytes;
    if (!sql_int(q->db, e, &n, "select count(*) from hook_inbox", NO_VALS) ||
        !sql_int(q->db, e, &bytes, "select coalesce(sum(length(body)), 0) from hook_inbox", NO_VALS))
        return false;
    if (n < INBOX_MAX && bytes < INBOX_BYTES)
        return true;
    q->retry_after_s = 10;
    return err_set(e, ERR_LIMIT, "too many webhooks wait already");
}

// Nothing is believed yet: this role has no secret. The answer is the same for known and unknown services.
bool api_hook(struct ask *q, struct err *e)
{
    struct str signature = ask_header(q, "X-Hub-Signature-256");
    if (signature.n == 0)
        signature = ask_header(q, "X-Gitea-Signature");
    struct str event = ask_header(q, "X-GitHub-Event"), delivery = ask_header(q, "X-GitHub-Delivery");
    if (event.n == 0)
        event = ask_header(q, "X-Gitea-Event");
    if (delivery.n == 0)
        delivery = ask_header(q, "X-Gitea-Delivery");
    if (!inbox_has_room(q, e))
        return false;
    if (!sql_do(q->db, e,
                "insert into hook_inbox (service, event, delivery, signature, body, at) values (?, ?, ?, ?, ?, ?)",
                VALS(V(str_head(ask_param(q, "service"), 64)), V(str_head(event, 64)), V(str_head(delivery, 100)),
                     V(str_head(signature, 100)), V_BLOB(q->body), V(now_ms()))))
        return false;
    q->status = 202;
    json_object(q->out, KV("accepted", V_BOOL(true)));
    return true;
}

bool api_hook_log(struct ask *q, struct err *e)
{
    const struct list_in *in = q->in;
    int64_t limit = in->limit ? in->limit : 50, last = 0, n = 0;
    OWN_ROWS struct rows *r =
        sql_ask(q->db, e,
                "select id, service, delivery, at, result, detail from hook_log where (?1 = '' or service = ?1) "
                "and (?2 = 0 or id < ?2) order by id desc limit ?3",
                VALS(V(in->service), V(in->after), V(limit)));
    struct arena *a = q->arena;
    json_open(q->out, '{');
    json_key(q->out, "items");
    json_open(q->out, '[');
    for (; r && rows_next(r, e); n++) {
        last = row_int(r, 0);
        json_open(q->out, '{');
        json_kvs(q->out, KVS(KV("service", row_str(a, r, 1)), KV("delivery", row_str(a, r, 2)),
                             KV("result", row_str(a, r, 4)), KV("detail", row_str(a, r, 5))));
        api_put_time(q->out, "at", row_int(r, 3));
        json_close(q->out, '}');
    }
    json_close(q->out, ']');
    json_kv(q->out, "next", n == limit ? V(last) : V_NULL);
    json_close(q->out, '}');
    return r && !rows_failed(r);
}
