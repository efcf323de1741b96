// work.c: the table of who does what in each state, and production's batches: at most `limit` hosts at once, zones
// taking turns, so that no batch empties a zone while the other is still old.
#include "release/work.h"
#include <assert.h>
#include <string.h>

enum who { NOBODY, HERE, EVERY_HOST, CANARY_HOSTS, PRODUCTION_HOSTS, MIGRATION_HOST, TOUCHED_HOSTS, HOSTS_THEN_HERE };

struct work {
    enum who who;
    bool batches;
    int count;
    enum step steps[LANE_STEPS - 1];
};

static const struct work release_work[STATES] = {
    [BUILDING] = {HERE, false, 3, {STEP_FETCH, STEP_BUILD, STEP_PACK}},
    [STAGING] = {EVERY_HOST, false, 1, {STEP_STAGE}},
    [MIGRATING] = {MIGRATION_HOST, false, 1, {STEP_MIGRATE}},
    [CANARY] = {CANARY_HOSTS, false, 3, {STEP_SWITCH, STEP_RESTART, STEP_HEALTH}},
    [JUDGING] = {HERE, false, 1, {STEP_JUDGE}},
    [PRODUCTION] = {PRODUCTION_HOSTS, true, 3, {STEP_SWITCH, STEP_RESTART, STEP_HEALTH}},
    [FINISHING] = {HOSTS_THEN_HERE, false, 1, {STEP_DROP}},
    [ROLLING_BACK] = {TOUCHED_HOSTS, false, 3, {STEP_BACK, STEP_BACK_RESTART, STEP_BACK_HEALTH}},
};

// A rollback builds and copies nothing and takes all hosts at once.
static const struct work rollback_work[STATES] = {
    [STAGING] = {EVERY_HOST, false, 0, {0}},
    [PRODUCTION] = {EVERY_HOST, false, 3, {STEP_SWITCH, STEP_RESTART, STEP_HEALTH}},
    [ROLLING_BACK] = {TOUCHED_HOSTS, false, 3, {STEP_BACK, STEP_BACK_RESTART, STEP_BACK_HEALTH}},
};

// A host that this release has claimed already stays its own, marked out or not: it may have to go back.
static bool hosts_out(struct run *r, struct strs *out, struct err *e)
{
    OWN_ROWS struct rows *rows =
        sql_ask(r->worker->db, e, "select host from release_host where service = ? and out_by <> '' and host not in "
                "(select host from release_base where release = ?)", VALS(V(r->rec.service), V(r->rec.id)));
    while (rows && rows_next(rows, e))
        vec_push(&r->arena, out, row_str(&r->arena, rows, 0));
    return rows && !rows_failed(rows);
}

static bool read_bases(struct run *r, struct err *e)
{
    for (size_t i = 0; i < r->hosts.n; i++) {
        struct run_host *h = &r->hosts.at[i];
        h->base = -1;
        if (!sql_int(r->worker->db, e, &h->base, "select base from release_base where release = ? and host = ?",
                     VALS(V(r->rec.id), V(h->host->name))) && e->kind != ERR_NOT_FOUND)
            return false;
    }
    return true;
}

// A host taken back in while the release was already past copying has nothing of it: it comes with the next one.
static void forget_newcomers(struct run *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->hosts.n; i++)
        if (r->hosts.at[i].base >= 0)
            r->hosts.at[n++] = r->hosts.at[i];
    r->hosts.n = n;
}

bool work_find_hosts(struct run *r, struct err *e)
{
    struct strs out = {0};
    if (!hosts_out(r, &out, e))
        return false;
    for (size_t g = 0; g < r->svc->servers.n; g++) {
        const struct group *group = &r->svc->servers.at[g];
        for (size_t i = 0; i < group->hosts.n; i++) {
            if (strs_have(&out, group->hosts.at[i]))
                continue;
            const struct host *h = site_host(r->site, group->hosts.at[i]);
            assert(h && "the site file was checked");
            vec_push(&r->arena, &r->hosts,
                     ((struct run_host){.host = h, .group = group, .canary = str_eq(group->name, S("canary"))}));
        }
    }
    if (!read_bases(r, e))
        return false;
    if (r->rec.state > STAGING)
        forget_newcomers(r);
    return r->hosts.n > 0 || err_set(e, ERR_STATE, "every host of " STR_F " is marked out", STR_A(r->rec.service));
}

bool work_has_canary(const struct run *r)
{
    for (size_t i = 0; i < r->hosts.n; i++)
        if (r->hosts.at[i].canary)
            return true;
    return false;
}

bool work_has_production(const struct run *r)
{
    for (size_t i = 0; i < r->hosts.n; i++)
        if (!r->hosts.at[i].canary)
            return true;
    return false;
}

// Was a switch of this release ever begun on the host?
static bool touched(const struct run *r, const struct run_host *h)
{
    struct err e = {0};
    int64_t n = 0;
    if (!sql_int(r->worker->db, &e, &n,
                 "select count(*) from release_step where release = ? and host = ? and step = 'switch'",
                 VALS(V(r->rec.id), V(h->host->name))))
        return true;        // not known: going back to what is there already changes nothing
    return n > 0;
}

static bool wanted(const struct run *r, const struct run_host *h, enum who who)
{
    switch (who) {
    case EVERY_HOST:
    case HOSTS_THEN_HERE:
        return true;
    case CANARY_HOSTS:
        return h->canary;
    case PRODUCTION_HOSTS:
        return !h->canary;
    case MIGRATION_HOST:
        return r->svc->migrate.run.n > 0 && str_eq(h->host->name, r->svc->migrate.on);
    case TOUCHED_HOSTS:
        return touched(r, h);
    case NOBODY:
    case HERE:
        break;
    }
    return false;
}

// A host that had nothing before has nothing to be healthy with after going back.
static bool applies(const struct run *r, const struct run_host *h, enum step s)
{
    bool nothing_left = h && h->base == 0 && (s == STEP_BACK_HEALTH || s == STEP_BACK_RESTART);
    if (nothing_left)
        return false;
    if (s == STEP_HEALTH || s == STEP_BACK_HEALTH)
        return r->svc->health.path.n > 0;
    if (s == STEP_RESTART || s == STEP_BACK_RESTART)
        return r->svc->restart.kind != RESTART_NONE;
    return true;
}

static struct lane *add_lane(struct run *r, struct run_host *h, const struct work *w)
{
    struct lane *l = &r->lanes[r->lanes_n++];
    *l = (struct lane){.run = r, .there = h};
    if (h && !h->claimed)
        l->steps[l->count++] = STEP_CLAIM;
    for (int i = 0; i < w->count; i++)
        if (applies(r, h, w->steps[i]))
            l->steps[l->count++] = w->steps[i];
    return l;
}

static int group_size(const struct run *r, const struct group *g)
{
    int n = 0;
    for (size_t i = 0; i < r->hosts.n; i++)
        n += r->hosts.at[i].group == g;
    return n;
}

// limit rounds down, at least one host; no limit = all at once.
static int batch_size(const struct run *r, const struct group *g)
{
    int all = group_size(r, g);
    int size = g->limit_percent ? all * g->limit_percent / 100 : g->limit_count ? g->limit_count : all;
    return size < 1 ? 1 : size;
}

static bool same_zone_waits(const struct run *r, const struct group *g, const bool *taken, struct str zone)
{
    for (size_t i = 0; i < r->hosts.n; i++)
        if (r->hosts.at[i].group == g && !taken[i] && !str_eq(r->hosts.at[i].host->zone, zone))
            return true;
    return false;
}

// The next host of the group: of another zone than the last one, while there is one.
static size_t next_host(const struct run *r, const struct group *g, const bool *taken, struct str last_zone)
{
    bool other = same_zone_waits(r, g, taken, last_zone);
    for (size_t i = 0; i < r->hosts.n; i++)
        if (r->hosts.at[i].group == g && !taken[i] && (!other || !str_eq(r->hosts.at[i].host->zone, last_zone)))
            return i;
    return r->hosts.n;
}

static void lay_batches(struct run *r, const struct work *w)
{
    bool *taken = NEW_N(&r->arena, bool, r->hosts.n);
    int batch = 0;
    for (size_t g = 0; g < r->svc->servers.n; g++) {
        const struct group *group = &r->svc->servers.at[g];
        struct str zone = S("");
        int in_batch = 0;
        if (str_eq(group->name, S("canary")))
            continue;
        for (size_t i; (i = next_host(r, group, taken, zone)) < r->hosts.n;) {
            taken[i] = true;
            zone = r->hosts.at[i].host->zone;
            if (in_batch == batch_size(r, group)) {
                batch++;
                in_batch = 0;
            }
            add_lane(r, &r->hosts.at[i], w)->batch = batch;
            in_batch++;
        }
        batch += in_batch > 0;
    }
}

void work_lay_out(struct run *r)
{
    static const struct work prune = {HERE, false, 1, {STEP_PRUNE}};
    const struct work *w = r->rec.rollback ? &rollback_work[r->rec.state] : &release_work[r->rec.state];
    r->lanes = NEW_N(&r->arena, struct lane, r->hosts.n + 1);
    r->lanes_n = 0;
    r->batch = 0;
    if (w->batches) {
        lay_batches(r, w);
        return;
    }
    for (size_t i = 0; i < r->hosts.n; i++)
        if (wanted(r, &r->hosts.at[i], w->who))
            add_lane(r, &r->hosts.at[i], w);
    if (w->who == HERE)
        add_lane(r, NULL, w);
    if (w->who == HOSTS_THEN_HERE)
        add_lane(r, NULL, &prune);
}
