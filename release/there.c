// there.c: the steps that happen on a host, over remote.h: claim, stage, migrate, switch, back, restart, drop.
//
// Each is begun by one function and ended by one callback. What the transport does for `stage` (prepare, copy, seal)
// is transport.h's business; everything else is one verb of host.sh.
#include "release/there.h"
#include "release/transport.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/say.h"
#include <assert.h>
#include <stdlib.h>

enum { VERB_MS = 60000, RESTART_MS = 180000, DROP_MS = 600000 };

static void stop_task(struct lane *l)
{
    task_stop(l->effect);
}

struct verb there_verb(struct lane *l, const char *name, int64_t deadline_ms)
{
    struct run *r = l->run;
    return (struct verb){.name = name,
                         .dir = remote_dir(&r->arena, l->there->host, r->svc->deploy_to),
                         .fence = r->fence,
                         .owner = r->owner,
                         .deadline_ms = deadline_ms};
}

static bool start(struct lane *l, const struct verb *v, outcome_fn *fn)
{
    l->effect = remote_verb(l->run->worker->remote, l->there->host, v, fn, l);
    return true;
}

// ---- claim ----

bool there_remember(struct db *db, struct str service, struct str host, const struct host_state *s, struct err *e)
{
    OWN_BUF struct buf receipts = buf_make(64 << 10);
    for (size_t i = 0; i < s->receipts.n; i++)
        buf_addf(&receipts, "%s%lld", i ? " " : "", (long long)s->receipts.at[i]);
    return sql_do(
        db, e,
        "insert into release_host (service, host, current, receipts, fence, free_bytes, seen_at, error) "
        "values (?, ?, ?, ?, ?, ?, ?, '') on conflict (service, host) do update set current = excluded.current, "
        "receipts = excluded.receipts, fence = excluded.fence, free_bytes = excluded.free_bytes, "
        "seen_at = excluded.seen_at, error = ''",
        VALS(V(service), V(host), V(s->current), V(buf_str(&receipts)), V(s->fence), V(s->free_bytes), V(now_ms())));
}

bool there_failed(struct db *db, struct str service, struct str host, const struct err *why, struct err *e)
{
    return sql_do(db, e, "insert into release_host (service, host, error) values (?1, ?2, ?3) "
                  "on conflict (service, host) do update set error = ?3", VALS(V(service), V(host), V(why->text)));
}

// Where a roll back of this release goes on this host: what was live when it was first claimed.
static bool remember_base(struct run *r, struct run_host *h, struct err *e)
{
    struct db *db = r->worker->db;
    if (!sql_do(db, e, "insert or ignore into release_base (release, host, base) values (?, ?, ?)",
                VALS(V(r->rec.id), V(h->host->name), V(h->current))))
        return false;
    return sql_int(db, e, &h->base, "select base from release_base where release = ? and host = ?",
                   VALS(V(r->rec.id), V(h->host->name)));
}

static bool learn(struct lane *l, const struct outcome *o, struct err *e)
{
    struct run *r = l->run;
    struct run_host *h = l->there;
    struct host_state s;
    if (!host_state_parse(&r->arena, o->out, &s, e))
        return false;
    if (s.current < 0) {
        err_set(e, ERR_CONFLICT, "current on " STR_F " is not a link to a release", STR_A(h->host->name));
        return err_hint(e, "move " STR_F "/current away once, then release again",
                        STR_A(remote_dir(&r->arena, h->host, r->svc->deploy_to)));
    }
    h->claimed = true;
    h->current = s.current;
    h->receipts = (struct strs){0};
    for (size_t i = 0; i < s.receipts.n; i++)
        vec_push(&r->arena, &h->receipts, run_number(r, s.receipts.at[i]));
    return there_remember(r->worker->db, r->rec.service, h->host->name, &s, e) && remember_base(r, h, e);
}

// This host obeys another server, which may be a copy of this very store, as after a restore: it has our name. Under a
// new one we stay out until a person says takeover, however far our count gets meanwhile. Never for a fence that is not
// the last one of ours: then it is a later life of this server that was obeyed.
static void stay_out(const struct run *r)
{
    struct err e = {0};
    if (!sql_do(r->worker->db, &e,
                "update fence set server = lower(hex(randomblob(8))) where service = ? and number = ?",
                VALS(V(r->rec.service), V(r->fence))))
        say_err("release.store", &e);
}

static void on_claimed(void *arg, const struct outcome *o)
{
    struct lane *l = arg;
    struct err e = o->err, ignored = {0};
    if (e.kind == ERR_REFUSED)
        stay_out(l->run);
    bool ok = e.kind == ERR_NONE && learn(l, o, &e);
    if (!ok && !there_failed(l->run->worker->db, l->run->rec.service, l->there->host->name, &e, &ignored))
        say_err("release.store", &ignored);     // only what people see; the journal says it too
    lane_done(l, &e, ok ? str_f(&l->run->arena, "runs %lld", (long long)l->there->current) : S(""));
}

bool effect_claim(struct lane *l, struct err *e)
{
    (void)e;
    struct verb v = there_verb(l, "claim", VERB_MS);
    vec_push(&l->run->arena, &v.args, str_f(&l->run->arena, "%lld", (long long)l->run->over));
    l->stop = stop_task;
    return start(l, &v, on_claimed);
}

// ---- stage ----

static void on_staged(void *arg, const struct err *err, struct str detail)
{
    lane_done(arg, err, detail);
}

bool effect_stage(struct lane *l, struct err *e)
{
    l->stop = transport_stop;
    return transport_stage(l, on_staged, e);
}

// ---- switch and back ----

static bool remember_current(struct lane *l, int64_t number, struct err *e)
{
    l->there->current = number;
    return sql_do(l->run->worker->db, e,
                  "update release_host set current = ?, seen_at = ? where service = ? and host = ?",
                  VALS(V(number), V(now_ms()), V(l->run->rec.service), V(l->there->host->name)));
}

static void switched(struct lane *l, const struct outcome *o, int64_t to)
{
    struct err e = o->err;
    bool ok = e.kind == ERR_NONE && remember_current(l, to, &e);
    lane_done(l, &e,
              ok && to ? str_f(&l->run->arena, "runs %lld", (long long)to)
              : ok     ? S("runs nothing, as before")
                       : S(""));
}

static void on_switched(void *arg, const struct outcome *o)
{
    struct lane *l = arg;
    switched(l, o, l->run->rec.target);
}

static void on_back(void *arg, const struct outcome *o)
{
    struct lane *l = arg;
    switched(l, o, l->there->base);
}

static bool begin_switch(struct lane *l, int64_t from, int64_t to, struct str tree, outcome_fn *fn)
{
    struct verb v = there_verb(l, "switch", VERB_MS);
    vec_push(&l->run->arena, &v.args, run_number(l->run, from));
    vec_push(&l->run->arena, &v.args, run_number(l->run, to));
    vec_push(&l->run->arena, &v.args, tree);
    return start(l, &v, fn);
}

bool effect_switch(struct lane *l, struct err *e)
{
    (void)e;
    return begin_switch(l, l->there->base, l->run->rec.target, l->run->rec.tree, on_switched);
}

bool effect_back(struct lane *l, struct err *e)
{
    (void)e;
    return begin_switch(l, l->run->rec.target, l->there->base, S("-"), on_back);     // perhaps of another server
}

// ---- restart ----

static void on_plain(void *arg, const struct outcome *o)
{
    struct lane *l = arg;
    lane_done(l, &o->err, S(""));
}

static const char *const restart_words[] = {
    [RESTART_PHP_FPM] = "php_fpm", [RESTART_UNICORN] = "unicorn", [RESTART_PUMA] = "puma",
    [RESTART_NODE] = "node",       [RESTART_SYSTEMD] = "systemd", [RESTART_COMMAND] = "command",
};

static void push_run_words(struct lane *l, struct verb *v, int64_t seconds, int64_t number, const struct words *words)
{
    struct run *r = l->run;
    struct arena *a = &r->arena;
    vec_push(a, &v->args, str_f(a, "%lld", (long long)seconds));
    vec_push(a, &v->args, run_number(r, number));
    vec_push(a, &v->args, r->rec.service);
    vec_push(a, &v->args, run_number(r, number));
    vec_push(a, &v->args, r->rec.rev);
    vec_push(a, &v->args, l->there->host->name);
    for (size_t i = 0; i < words->n; i++)
        vec_push(a, &v->args, words->at[i]);
}

bool effect_restart(struct lane *l, struct err *e)
{
    (void)e;
    struct run *r = l->run;
    struct arena *a = &r->arena;
    bool back = l->steps[l->at] == STEP_BACK_RESTART;
    if (r->svc->restart.kind == RESTART_COMMAND) {
        struct verb v = there_verb(l, "run", RESTART_MS + 20000);
        push_run_words(l, &v, RESTART_MS / 1000, back ? l->there->base : r->rec.target, &r->svc->restart.command);
        return start(l, &v, on_plain);
    }
    struct verb v = there_verb(l, "restart", RESTART_MS);
    vec_push(a, &v.args, str_z(restart_words[r->svc->restart.kind]));
    vec_push(a, &v.args, r->svc->restart.signal);
    vec_push(a, &v.args, r->svc->restart.pid.n ? remote_dir(a, l->there->host, r->svc->restart.pid) : S(""));
    vec_push(a, &v.args, r->svc->restart.unit);
    return start(l, &v, on_plain);
}

// ---- migrate ----

static void on_migrated(void *arg, const struct outcome *o)
{
    struct lane *l = arg;
    struct err e = {0};
    const char *path = run_log(l->run, STEP_MIGRATE, l->there->host->name, l->intent.attempt);
    if (!file_write(path, o->out, 0640, &e))
        say_err("release.output", &e);      // the output is for people; the step's own result decides
    struct str last = str_head(str_last_line(o->out), 300);
    struct err told = o->err;
    if (told.kind == ERR_CHECK && last.n)
        err_set(&told, ERR_CHECK, "%s: " STR_F, o->err.text, STR_A(last));
    lane_done(l, &told, str_dup(&l->run->arena, last));
}

bool effect_migrate(struct lane *l, struct err *e)
{
    struct run *r = l->run;
    if (!dir_make(run_path(r, "log/%lld", (long long)r->rec.number), 0750, e))
        return false;
    struct verb v = there_verb(l, "run", r->svc->migrate.timeout_ms + 20000);
    push_run_words(l, &v, r->svc->migrate.timeout_ms / 1000, r->rec.target, &r->svc->migrate.run);
    return start(l, &v, on_migrated);
}

// ---- drop ----

static void keep_also(struct lane *l, struct strs *keep, const struct records *from, int most)
{
    for (size_t i = 0; i < from->n && keep->n < (size_t)most; i++) {
        struct str number = run_number(l->run, from->at[i].number);
        if (strs_have(&l->there->receipts, number) && !strs_have(keep, number))
            vec_push(&l->run->arena, keep, number);
    }
}

// What stays: this release, the one before, and up to `keep` the newest ones to go back to, then the newest that were
// live at all. A release that was rolled back from may be wanted again; one that never got past the canary is not.
static bool to_drop(struct lane *l, struct strs *drop, struct err *e)
{
    struct run *r = l->run;
    struct arena *a = &r->arena;
    struct records good = {0}, done = {0};
    struct strs keep = {0};
    vec_push(a, &keep, run_number(r, r->rec.target));
    if (l->there->base != r->rec.target)
        vec_push(a, &keep, run_number(r, l->there->base));
    if (!record_good(a, r->worker->db, r->rec.service, r->svc->keep, &good, e) ||
        !record_done(a, r->worker->db, r->rec.service, 2 * r->svc->keep, &done, e))
        return false;
    keep_also(l, &keep, &good, r->svc->keep);
    keep_also(l, &keep, &done, r->svc->keep);
    for (size_t i = 0; i < l->there->receipts.n; i++)
        if (!strs_have(&keep, l->there->receipts.at[i]))
            vec_push(a, drop, l->there->receipts.at[i]);
    return true;
}

// What the host holds after the drop, without asking it again.
static bool remember_receipts(struct lane *l, struct err *e)
{
    struct run *r = l->run;
    struct strs drop = {0};
    OWN_BUF struct buf b = buf_make(64 << 10);
    if (!to_drop(l, &drop, e))
        return false;
    for (size_t i = 0; i < l->there->receipts.n; i++)
        if (!strs_have(&drop, l->there->receipts.at[i]))
            buf_addf(&b, "%s" STR_F, b.n ? " " : "", STR_A(l->there->receipts.at[i]));
    if (!strs_have(&l->there->receipts, run_number(r, r->rec.target)))
        buf_addf(&b, "%s%lld", b.n ? " " : "", (long long)r->rec.target);
    return sql_do(r->worker->db, e, "update release_host set receipts = ? where service = ? and host = ?",
                  VALS(V(buf_str(&b)), V(r->rec.service), V(l->there->host->name)));
}

static void on_dropped(void *arg, const struct outcome *o)
{
    struct lane *l = arg;
    struct err e = {0};
    if (o->err.kind == ERR_NONE && !remember_receipts(l, &e))
        say_err("release.store", &e);       // an older list; the next claim learns it anew
    lane_done(l, &o->err, S(""));
}

bool effect_drop(struct lane *l, struct err *e)
{
    struct verb v = there_verb(l, "drop", DROP_MS);
    if (!to_drop(l, &v.args, e))
        return false;
    return start(l, &v, on_dropped);
}
