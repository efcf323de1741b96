// decide.c: the rule, and the names of those whom it lets decide: accounts with the right, or whom the site file names.
#include "release/decide.h"
#include "web/person.h"
#include "web/rights.h"

enum decide decide_may(const struct ask *q, const struct service *svc, struct str asked_by)
{
    if (!standing_has(q->who.role, RELEASE_APPROVE))
        return DECIDE_ROLE;
    if (!rights_has(q, RELEASE_APPROVE, svc->name))
        return DECIDE_SERVICE;
    if (svc->approve.by.n && !strs_have(&svc->approve.by, q->who.name))
        return DECIDE_BY;
    return svc->approve.not_author && str_eq(asked_by, q->who.name) ? DECIDE_AUTHOR : DECIDE_YES;
}

// A name in approve.by that has no account may come by a proxy or on the server, so it counts.
static bool no_account(struct db *db, struct str name)
{
    struct err ignored = {0};
    int64_t n = 0;
    return sql_int(db, &ignored, &n, "select count(*) from account where name = ?", VALS(V(name))) && n == 0;
}

static bool names(struct ask *q, const struct service *svc, struct str asked_by, struct strs *out, struct err *e)
{
    struct strs able = {0};
    const struct strs *by = &svc->approve.by;
    if (!person_with(q->arena, q->db, RELEASE_APPROVE, svc->name, &able, e))
        return false;
    const struct strs *from = by->n ? by : &able;
    for (size_t i = 0; i < from->n; i++) {
        bool author = svc->approve.not_author && str_eq(from->at[i], asked_by);
        if (!author && (!by->n || strs_have(&able, from->at[i]) || no_account(q->db, from->at[i])))
            vec_push(q->arena, out, from->at[i]);
    }
    return true;
}

bool decide_tell(struct ask *q, const struct service *svc, struct str asked_by, struct str *out, struct err *e)
{
    static const char *const why[] = {[DECIDE_YES] = NULL, [DECIDE_ROLE] = "role", [DECIDE_SERVICE] = "service",
                                      [DECIDE_BY] = "by", [DECIDE_AUTHOR] = "author"};
    struct strs all = {0};
    OWN_BUF struct buf b = buf_make(4096);
    enum decide may = decide_may(q, svc, asked_by);
    if (!names(q, svc, asked_by, &all, e))
        return false;
    size_t shown = all.n < DECIDERS_NAMED ? all.n : DECIDERS_NAMED;
    json_open(&b, '{');
    json_kvs(&b, KVS(KV("you", V_BOOL(may == DECIDE_YES)), KV("why", why[may]), KV("more", all.n - shown)));
    json_key(&b, "names");
    json_open(&b, '[');
    for (size_t i = 0; i < shown; i++)
        json_val(&b, V(all.at[i]));
    json_close(&b, ']');
    json_close(&b, '}');
    if (!buf_ok(&b, e))
        return false;
    *out = str_dup(q->arena, buf_str(&b));
    return true;
}
