// api_changes.c: what is in a release: commits and files as they were written down when it was fetched, and the
// question for its lines, which the releaser answers, since it alone may read the repository.
#include "release/api.h"

static void put_lists(struct ask *q, struct rows *row)
{
    struct arena *a = q->arena;
    bool known = row != NULL;
    json_kvs(q->out, KVS(KV("known", known), KV("commits", V_JSON(known ? row_str(a, row, 0) : S("[]"))),
                         KV("files", V_JSON(known ? row_str(a, row, 1) : S("[]"))),
                         KV("files_total", known ? V(row_int(row, 2)) : V(0)),
                         KV("added", known ? V(row_int(row, 3)) : V(0)),
                         KV("removed", known ? V(row_int(row, 4)) : V(0))));
}

bool api_commits(struct ask *q, struct err *e)
{
    struct record r;
    if (!api_record(q, &r, e))
        return false;
    OWN_ROWS struct rows *rows = sql_ask(q->db, e, "select commits, files, files_total, added, removed "
                                         "from release_changes where release = ?", VALS(V(r.id)));
    bool known = rows && rows_next(rows, e);
    if (!rows || rows_failed(rows))
        return false;
    json_open(q->out, '{');
    json_kvs(q->out, KVS(KV("service", r.service), KV("number", r.number), KV("base", r.base),
                         KV("commits_total", known ? V(r.commits) : V(0))));
    put_lists(q, known ? rows : NULL);
    json_close(q->out, '}');
    return true;
}

// A roll back has no revision of its own: it is compared as what it brings back.
static bool has_revision(struct ask *q, struct str service, int64_t number, struct err *e)
{
    struct record r;
    if (!record_find(q->arena, q->db, service, number, &r, e) ||
        (r.rollback && !record_find(q->arena, q->db, service, r.target, &r, e)))
        return false;
    return r.rev.n || err_set(e, ERR_STATE, "release %lld has no revision: it was never fetched", (long long)number);
}

bool api_diff(struct ask *q, struct err *e)
{
    const struct diff_in *in = q->in;
    const struct service *svc;
    struct record r;
    if (!api_record(q, &r, e) || !api_service(q, r.service, &svc, e))
        return false;
    int64_t against = in->against ? in->against : r.base;
    if (!against)
        return err_set(e, ERR_STATE, "release %lld is the first one of " STR_F ": there is nothing to compare it with",
                       (long long)r.number, STR_A(r.service));
    return has_revision(q, r.service, r.number, e) && has_revision(q, r.service, against, e) &&
        api_ask_worker(q, "diff", r.service, str_f(q->arena, "%lld %lld", (long long)r.number, (long long)against), e);
}
