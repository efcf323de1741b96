// saved_api.c: questions that people keep, shared by all who may ask. Only whose it is changes one.
#include "base/clock.h"
#include "log/api.h"
#include "log/param.h"

enum { SAVED_MAX = 1000 };

struct saved { int64_t id, rev; struct str name, sql, who; };

static void put_saved(struct buf *out, struct arena *a, const struct rows *r)
{
    char created[TIME_TEXT_MAX], changed[TIME_TEXT_MAX];
    json_object(out, KV("id", row_int(r, 0)), KV("name", row_str(a, r, 1)), KV("sql", row_str(a, r, 2)),
                KV("who", row_str(a, r, 3)), KV("created_at", time_text(row_int(r, 4), created)),
                KV("changed_at", time_text(row_int(r, 5), changed)), KV("rev", row_int(r, 6)),
                KV("params", V_JSON(row_str(a, r, 7))));
}

// By id, or all of them by name.
static bool put_some(struct ask *q, int64_t id, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(q->db, e, "select id, name, sql, who, created_at, changed_at, rev, params"
                                      " from log_saved"
                                      " where ?1 = 0 or id = ?1 order by name limit ?2", VALS(V(id), V((int)SAVED_MAX)));
    if (!r)
        return false;
    while (rows_next(r, e))
        put_saved(q->out, q->arena, r);
    return !rows_failed(r);
}

bool api_log_saved(struct ask *q, struct err *e)
{
    json_open(q->out, '{');
    json_key(q->out, "items");
    json_open(q->out, '[');
    if (!put_some(q, 0, e))
        return false;
    json_close(q->out, ']');
    json_kv(q->out, "next", V_NULL);
    json_close(q->out, '}');
    return true;
}

static bool well_named(struct ask *q, int64_t id, struct err *e)
{
    const struct saved_in *in = q->in;
    int64_t other;
    if (!str_eq(str_trim(in->name), in->name))
        return ask_wrong(q, e, "name", "", "a name has no blanks at its ends");
    if (!sql_int(q->db, e, &other, "select count(*) from log_saved where name = ? and id <> ?",
                 VALS(V(in->name), V(id))))
        return false;
    return !other || ask_wrong(q, e, "name", "choose another name", "there is a question \"" STR_F "\" already",
                               STR_A(in->name));
}

// The defaults, as they are kept. Those that the question has no place for are left out.
static bool defaults(struct ask *q, struct str *json, struct err *e)
{
    const struct saved_in *in = q->in;
    OWN_BUF struct buf b = buf_make(128 << 10);
    struct params given = {0}, open = {0}, kept = {0};
    struct str text;
    struct err none;
    if (!query_params(q, &in->params, &given, e))
        return false;
    (void)(params_of(q->arena, in->sql, &text, &open, &none) || (open.n = 0));  // kept, wrong as it may be
    for (size_t i = 0; i < given.n; i++)
        if (params_find(&open, given.at[i].name) && given.at[i].value.n)
            vec_push(q->arena, &kept, given.at[i]);
    params_put(&b, &kept);
    *json = str_dup(q->arena, buf_str(&b));
    return buf_ok(&b, e);
}

bool api_log_save(struct ask *q, struct err *e)
{
    struct str params;
    const struct saved_in *in = q->in;
    int64_t n, now = now_ms();
    if (!well_named(q, 0, e) || !defaults(q, &params, e) || !sql_int(q->db, e, &n, "select count(*) from log_saved", NO_VALS))
        return false;
    if (n >= SAVED_MAX)
        return err_set(e, ERR_LIMIT, "%d questions are kept already; forget some first", SAVED_MAX);
    q->status = 201;
    return sql_do(q->db, e, "insert into log_saved (name, sql, who, created_at, changed_at, params)"
                  " values (?, ?, ?, ?, ?, ?)",
                  VALS(V(in->name), V(in->sql), V(q->who.name), V(now), V(now), V(params)))
        && put_some(q, sql_last_id(q->db), e);
}

static bool find(struct ask *q, struct saved *x, struct err *e)
{
    if (!ask_number(q, "id", &x->id, e))
        return false;
    OWN_ROWS struct rows *r = sql_ask(q->db, e, "select rev, name, sql, who from log_saved where id = ?", VALS(V(x->id)));
    if (!r)
        return false;
    if (!rows_next(r, e))
        return rows_failed(r) ? false : err_set(e, ERR_NOT_FOUND, "there is no saved question %lld", (long long)x->id);
    *x = (struct saved){.id = x->id, .rev = row_int(r, 0), .name = row_str(q->arena, r, 1),
                        .sql = row_str(q->arena, r, 2), .who = row_str(q->arena, r, 3)};
    return true;
}

static bool mine(const struct ask *q, const struct saved *x, struct err *e)
{
    if (q->who.owner || q->who.role == ADMINISTRATOR || str_eq(q->who.name, x->who))
        return true;
    err_set(e, ERR_DENIED, "\"" STR_F "\" is " STR_F "'s question", STR_A(x->name), STR_A(x->who));
    return err_hint(e, "keep a copy of your own under another name");
}

bool api_log_resave(struct ask *q, struct err *e)
{
    const struct saved_in *in = q->in;
    struct saved x = {0};
    struct str params;
    if (!find(q, &x, e) || !mine(q, &x, e) || !defaults(q, &params, e))
        return false;
    if (in->rev != x.rev) {
        err_set(e, ERR_STATE, "somebody changed this question meanwhile");
        return err_hint(e, "read it again: it is at rev %lld", (long long)x.rev);
    }
    return well_named(q, x.id, e)
        && sql_do(q->db, e, "update log_saved set name = ?, sql = ?, params = ?, changed_at = ?, rev = rev + 1 where id = ?",
                  VALS(V(in->name), V(in->sql), V(params), V(now_ms()), V(x.id)))
        && put_some(q, x.id, e);
}

bool api_log_unsave(struct ask *q, struct err *e)
{
    struct saved x = {0};
    if (!find(q, &x, e) || !mine(q, &x, e) || !sql_do(q->db, e, "delete from log_saved where id = ?", VALS(V(x.id))))
        return false;
    json_object(q->out, KV("id", x.id), KV("forgotten", (bool)true));
    return true;
}
