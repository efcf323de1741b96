// cmd_judge_canary.c: `rusuban log judge-canary`: what a release is told of its canary when it judges it. A process of
// its own, since the release must not wait while minutes are read; it sees what GET .../traffic shows, at the moment
// that the asker's clock says, so that there are no two.
#include "log/canary.h"
#include "log/cli.h"
#include "site/site.h"
#include <stdio.h>

static bool read_release(struct call *c, struct db *db, int64_t *id, struct str *service, struct err *e)
{
    struct str word = call_arg(c, 0);
    if (!str_i64(word, id))
        return err_set(e, ERR_INPUT, "not the id of a release: " STR_F, STR_A(word));
    return sql_str(c->arena, db, e, service, "select service from release where id = ?", VALS(V(*id)));
}

static void put_side(const char *name, const struct canary_side *s)
{
    printf("%s_n:%llu\t%s_c5:%llu\t%s_c4:%llu\t%s_p95:%lld\t", name, (unsigned long long)s->sum.n, name,
           (unsigned long long)s->sum.c5, name, (unsigned long long)s->sum.c4, name,
           (long long)hist_quantile(&s->sum.took, 0.95));
}

static void put_line(const struct canary *c)
{
    const struct verdict *v = &c->verdict;
    printf("state:%s\tanswer:%s\tonce:%.0f\tminutes:%llu\twants:%llu\tn_c:%llu\tk_c:%llu\tn_b:%llu\tk_b:%llu\t"
           "late:" STR_F "\tlate_ms:%lld\tfrom_ms:%lld\t", canary_word(c->state), verdict_word(verdict_say(v)),
           1 / verdict_risk(v), (unsigned long long)v->minutes, (unsigned long long)verdict_wants(v),
           (unsigned long long)v->n_c, (unsigned long long)v->k_c, (unsigned long long)v->n_b,
           (unsigned long long)v->k_b, STR_A(c->late), (long long)c->late_ms, (long long)c->from_ms);
    put_side("canary", &c->canary);
    put_side("others", &c->others);
    putchar('\n');
}

bool cmd_log_judge_canary(struct call *c, struct err *e)
{
    OWN_DB struct db *db = NULL;
    struct str service;
    int64_t id, now;
    struct canary *k = NEW(c->arena, struct canary);
    if (!str_i64(call_arg(c, 1), &now))
        return err_set(e, ERR_INPUT, "not a time in milliseconds: " STR_F, STR_A(call_arg(c, 1)));
    // Which log it is stands in the release's own copy of the site file: the one that somebody edits now is not read.
    if (!store_find(c->data, &db, e) || !read_release(c, db, &id, &service, e)
        || !canary_read(c->arena, db, NULL, service, id, now, k, e))
        return false;
    put_line(k);
    return true;
}
