// worker.c: one loop. Every second, and whenever a datagram hints at it: webhooks, requests, the runs' wishes, and the
// queue. The rows are the truth; whatever a hint forgets, the next second finds.
#include "release/worker.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/say.h"
#include "release/gate.h"
#include "release/release.h"
#include "release/run.h"
#include <assert.h>
#include <dirent.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TICK_MS = 1000, STOP_TICK_MS = 50, REST_AFTER_MS = 60000, LOOK_ARENA = 64 << 20 };

struct run *worker_run_of(struct worker *w, int64_t release_id)
{
    struct run *r;
    LIST_FOREACH(r, &w->runs, next)
        if (r->rec.id == release_id)
            return r;
    return NULL;
}

static bool service_runs(struct worker *w, struct str service)
{
    struct run *r;
    LIST_FOREACH(r, &w->runs, next)
        if (str_eq(r->rec.service, service))
            return true;
    return false;
}

// ---- the queue ----

static void set_why(struct worker *w, const struct record *rec, struct str why)
{
    struct err e = {0};
    if (str_eq(rec->why, why))
        return;
    if (!sql_do(w->db, &e, "update release set why = ? where id = ?", VALS(V(why), V(rec->id))))
        say_err("release.store", &e);
}

static void end_queued(struct worker *w, const struct record *rec, const char *state, const char *why)
{
    struct err e = {0};
    if (!sql_do(w->db, &e, "update release set state = ?, why = ?, state_at = ?3, ended_at = ?3 where id = ?4",
                VALS(V(state), V(why), V(now_ms()), V(rec->id))))
        say_err("release.store", &e);
}

static bool is_held(struct arena *a, struct worker *w, const struct record *rec, struct str *why)
{
    struct err e = {0};
    OWN_ROWS struct rows *r =
        sql_ask(w->db, &e, "select author, reason from lock where release = ? and lifted_at is null", VALS(V(rec->id)));
    if (!r || !rows_next(r, &e))
        return false;
    *why = str_f(a, "held by " STR_F ": " STR_F, STR_A(row_str(a, r, 0)), STR_A(row_str(a, r, 1)));
    return true;
}

// A release that starts takes the site file as it is now, and keeps that copy to its end.
static bool give_site(struct arena *a, struct worker *w, const struct record *rec, const struct site *site,
                      struct err *e)
{
    struct str hash;
    return record_site(a, w->db, site->text, &hash, e) &&
        sql_do(w->db, e, "update release set site = ? where id = ?", VALS(V(hash), V(rec->id)));
}

static void start_queued(struct arena *a, struct worker *w, const struct record *rec, const struct site *site,
                         const struct err *mistake)
{
    struct err e = {0};
    struct closed c;
    struct str why;
    if (rec->aborting.n) {
        end_queued(w, rec, "cancelled", "cancelled before it began");
        return;
    }
    if (is_held(a, w, rec, &why)) {
        set_why(w, rec, why);
        return;
    }
    if (!site) {
        set_why(w, rec, str_f(a, "waits for the site file to be mended: %s", mistake->text));
        return;
    }
    const struct service *svc = site_service(site, rec->service);
    if (!svc) {
        end_queued(w, rec, "failed", "the site file no longer has this service");
        return;
    }
    // A rollback is the way out of trouble: neither lock nor window keeps it.
    if (!rec->rollback && !rec->override.n && !gate_open(a, w->db, site, svc, &c)) {
        set_why(w, rec, str_f(a, "waits: " STR_F, STR_A(c.why)));
        return;
    }
    if (!give_site(a, w, rec, site, &e) || !run_begin(w, rec, &e))
        say_err("release.begin", &e);
}

// What a release waits for that is behind another one; a person who has to do something first is told what.
static struct str behind(struct arena *a, const struct records *all, struct str service)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct record *r = &all->at[i];
        if (!str_eq(r->service, service) || (r->state != ASKING && r->state != NEEDS_HUMAN))
            continue;
        const char *verb = r->state == ASKING ? "approve" : "continue";
        return str_f(a, "waits for the running release: %lld waits for a person: rusuban release %s " STR_F " %lld",
                     (long long)r->number, verb, STR_A(service), (long long)r->number);
    }
    return S("waits for the running release");
}

// Unfinished ones first (after our own restart), then what waits: one a service, rollbacks before anything else.
static void serve_queue(struct worker *w)
{
    OWN_ARENA struct arena a = arena_make(LOOK_ARENA);
    struct records all = {0};
    struct err e = {0}, mistake = {0};
    struct site *site = NULL;
    if (!record_unfinished(&a, w->db, &all, &e)) {
        say_err("release.store", &e);
        return;
    }
    for (size_t i = 0; i < all.n; i++)
        if (all.at[i].state != QUEUED && !worker_run_of(w, all.at[i].id) && !run_begin(w, &all.at[i], &e))
            say_err("release.resume", &e);
    // Read once for all who wait: a long queue must not fill the arena with copies.
    if (all.n && all.at[all.n - 1].state == QUEUED && !site_load(&a, w->site_path, &site, &mistake))
        site = NULL;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < all.n; i++) {
            const struct record *rec = &all.at[i];
            if (rec->state != QUEUED || rec->rollback != (pass == 0) || worker_run_of(w, rec->id))
                continue;
            if (service_runs(w, rec->service) && !rec->aborting.n)
                set_why(w, rec, behind(&a, &all, rec->service));
            else
                start_queued(&a, w, rec, site, &mistake);
        }
}

// ---- life ----

static bool busy(struct worker *w)
{
    struct run *r;
    LIST_FOREACH(r, &w->runs, next)
        if (run_busy(r))
            return true;
    return false;
}

static void rest_if_idle(struct worker *w)
{
    if (!LIST_EMPTY(&w->runs))
        w->idle_since = tick_ms();
    else if (tick_ms() - w->idle_since > REST_AFTER_MS)
        remote_rest(w->remote);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct worker *w = arg;
    struct run *r, *next;
    if (w->stopping) {
        if (!busy(w))
            loop_stop(w->loop);
        return;
    }
    hooks_serve(w);
    requests_serve(w);
    for (r = LIST_FIRST(&w->runs); r; r = next) {
        next = LIST_NEXT(r, next);
        run_poke(r);
    }
    serve_queue(w);
    rest_if_idle(w);
}

void worker_poke(struct worker *w)
{
    if (w->tick)
        event_active(w->tick, EV_TIMEOUT, 1);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct worker *w = arg;
    wake_drain(fd);
    worker_poke(w);
}

static void on_term(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct worker *w = arg;
    if (w->stopping) {
        loop_stop(w->loop);
        return;
    }
    w->stopping = true;
    say("releaser.stopping", KV("busy", busy(w)));
    event_free(w->tick);
    w->tick = loop_every(w->loop, STOP_TICK_MS, on_tick, w);
}

// A lock of this data directory, not of a release: two workers on one store would be two minds.
static bool be_the_only_one(struct worker *w, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    if (file_lock(str_zf(&a, "%s/run/releaser.lock", w->data), &w->lock_fd, e))
        return true;
    if (e->kind == ERR_STATE)
        err_set(e, ERR_STATE, "another releaser works on %s", w->data);
    return false;
}

// A build ends with its worker, and may not be begun again: its secrets must not lie there until the next one.
static void sweep_secrets(const struct worker *w)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    DIR *d = opendir(str_zf(&a, "%s/builds", w->data));
    for (struct dirent *x; d && (x = readdir(d));) {
        struct err e = {0};
        if (x->d_name[0] != '.' && !tree_remove(str_zf(&a, "%s/builds/%s/secrets", w->data, x->d_name), &e))
            say_err("releaser.secrets", &e);
    }
    if (d)
        closedir(d);
}

static bool open_all(struct worker *w, struct err *e)
{
    unsigned char owner[16];
    if (sodium_init() < 0)
        return err_set(e, ERR_BUG, "libsodium does not start");
    randombytes_buf(owner, sizeof owner);
    hex_encode(owner, sizeof owner, w->owner);
    if (!store_open(w->data, &w->db, e) || !be_the_only_one(w, e) || !wake_listen(w->data, "releaser", &w->wake_fd, e))
        return false;
    w->loop = loop_new(e);
    if (!w->loop)
        return false;
    w->remote = remote_new(w->loop, w->data);
    sweep_secrets(w);
    return true;
}

bool releaser_run(const char *site_path, const char *data_dir, struct err *e)
{
    struct worker w = {.site_path = site_path, .data = data_dir, .wake_fd = -1, .lock_fd = -1, .idle_since = tick_ms()};
    LIST_INIT(&w.runs);
    LIST_INIT(&w.plans);
    say_role("releaser");
    umask(022);
    if (!open_all(&w, e))
        return false;
    loop_signal(w.loop, SIGTERM, on_term, &w);
    loop_signal(w.loop, SIGINT, on_term, &w);
    w.wake = loop_readable(w.loop, w.wake_fd, on_wake, &w);
    w.tick = loop_every(w.loop, TICK_MS, on_tick, &w);
    requests_resume(&w);
    worker_poke(&w);
    loop_run(w.loop);
    // Children die with us; unfinished rows are what the next start goes on from.
    say_kvs("releaser.stopped", (struct kvs){0});
    store_close(w.db);
    return true;
}
