// cmd_inside.c: the verbs that the worker runs as children of its own, since they may take long.
#include "release/cli.h"
#include "release/diff.h"
#include "release/git.h"
#include "release/pack.h"
#include "release/plan.h"
#include "release/record.h"
#include "site/site.h"
#include <stdio.h>

enum { TREES_KEPT = 3 };

static bool load(struct call *c, struct db *db, int64_t id, struct record *r, const struct service **svc, struct err *e)
{
    struct str text;
    struct site *site;
    struct mistakes m = {0};
    if (!record_by_id(c->arena, db, id, r, e) ||
        !sql_str(c->arena, db, e, &text, "select text from site_text where hash = ?", VALS(V(r->site))) ||
        !site_parse(c->arena, text, &site, &m, e))
        return false;
    if (m.n)
        return err_set(e, ERR_STATE, "the site file it began with is not understood by this program");
    return site_need_service(site, r->service, svc, e);
}

bool cmd_pack(struct call *c, struct err *e)
{
    OWN_DB struct db *db = NULL;
    struct record r;
    const struct service *svc;
    struct pack_result out;
    uint64_t id;
    int64_t live;
    if (!str_u64(call_arg(c, 0), &id) || !store_find(c->data, &db, e) || !load(c, db, (int64_t)id, &r, &svc, e) ||
        !record_live(db, r.service, &live, e))
        return e->kind ? false : err_set(e, ERR_INPUT, "not a release id");
    struct str dir = str_f(c->arena, "%s/builds/" STR_F, c->data, STR_A(r.service));
    struct pack_job job = {.tree = str_f(c->arena, STR_F "/tree", STR_A(dir)),
                           .dir = dir,
                           .number = r.number,
                           .service = r.service,
                           .rev = r.rev,
                           .exclude = svc->exclude,
                           .scratch = svc->scratch,
                           .shared_dirs = svc->shared.dirs,
                           .shared_files = svc->shared.files,
                           .live = live,
                           .keep = TREES_KEPT,
                           .patience_ms = 120000};
    if (!pack_run(c->arena, &job, &out, e))
        return false;
    printf("tree:%.64s\tfiles:%llu\tbytes:%llu\tchanged:%llu\n" STR_F "\n", out.tree, (unsigned long long)out.files,
           (unsigned long long)out.bytes, (unsigned long long)out.changed, STR_A(out.warnings));
    return true;
}

bool cmd_make_plan(struct call *c, struct err *e)
{
    OWN_DB struct db *db = NULL;
    OWN_BUF struct buf json = buf_make(4 << 20);
    struct site *site;
    const struct service *svc;
    if (!site_load(c->arena, c->site, &site, e) || !site_need_service(site, call_arg(c, 0), &svc, e) ||
        !store_find(c->data, &db, e))
        return false;
    if (!plan_make(c->arena, db, c->data, site, svc, call_arg(c, 1), &json, e))
        return false;
    puts(buf_z(&json));
    return true;
}

bool cmd_make_diff(struct call *c, struct err *e)
{
    OWN_DB struct db *db = NULL;
    OWN_BUF struct buf json = buf_make(4 << 20);
    struct site *site;
    const struct service *svc;
    int64_t number, against;
    if (!str_i64(call_arg(c, 1), &number) || !str_i64(call_arg(c, 2), &against))
        return err_set(e, ERR_INPUT, "not a release number");
    if (!site_load(c->arena, c->site, &site, e) || !site_need_service(site, call_arg(c, 0), &svc, e) ||
        !store_find(c->data, &db, e) || !diff_make(c->arena, db, c->data, svc, number, against, &json, e))
        return false;
    puts(buf_z(&json));
    return true;
}
