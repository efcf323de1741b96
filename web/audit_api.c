// audit_api.c: the audit log to read, and whether it is whole.
#include "store/chain.h"
#include "web/account_api.h"

static void put_line(struct ask *q, const struct rows *r)
{
    struct arena *a = q->arena;
    struct str hash = row_str(a, r, 10);
    char hex[HEAD_HEX + 1] = "";
    if (hash.n == HEAD_HEX / 2)
        hex_encode(hash.p, hash.n, hex);
    json_open(q->out, '{');
    json_kv(q->out, "seq", row_int(r, 0));
    put_moment(q->out, "at", row_int(r, 1));
    json_kvs(q->out, KVS(KV("who", row_str(a, r, 2)), KV("via", row_str(a, r, 3)), KV("from", V_OPT(row_str(a, r, 4))),
                         KV("verb", row_str(a, r, 5)), KV("subject", row_str(a, r, 6)),
                         KV("before", V_OPT(row_str(a, r, 7))), KV("after", V_OPT(row_str(a, r, 8))),
                         KV("ok", V_BOOL(row_int(r, 9) == 1)), KV("hash", str_z(hex))));
    json_close(q->out, '}');
}

bool api_audit(struct ask *q, struct err *e)
{
    const struct audit_in *in = q->in;
    int64_t limit = in->limit ? in->limit : 50, n = 0, last = 0;
    OWN_ROWS struct rows *r = sql_ask(q->db, e, "select seq, at, who, via, origin, verb, subject, before, after, ok,"
                                      " hash from audit where (?1 = 0 or seq < ?1) and (?2 = '' or who = ?2)"
                                      " and (?3 = '' or verb = ?3) order by seq desc limit ?4",
                                      VALS(V(in->after), V(in->who), V(in->verb), V(limit)));
    json_open(q->out, '{');
    json_key(q->out, "items");
    json_open(q->out, '[');
    for (; r && rows_next(r, e); n++) {
        last = row_int(r, 0);
        put_line(q, r);
    }
    json_close(q->out, ']');
    json_kvs(q->out, KVS(KV("next", n == limit ? V(last) : V_NULL),
                         KV("timezone", q->site ? V(q->site->timezone) : V_NULL)));
    json_close(q->out, '}');
    return r && !rows_failed(r);
}

// A broken chain is an answer, not a failure of the question.
bool api_audit_verify(struct ask *q, struct err *e)
{
    const struct verify_in *in = q->in;
    struct chain_head head = {0};
    bool well = chain_verify(q->db, in->head, &head, e);
    if (!well && e->kind != ERR_CHECK)
        return false;
    json_object(q->out, KV("ok", well), KV("lines", well ? V(head.seq) : V_NULL),
                KV("head", well ? V(head.hash) : V_NULL), KV("why", well ? V_NULL : V(e->text)));
    return true;
}
