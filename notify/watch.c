// watch.c: the role watcher: wakes when a notice is due, lets up to four carriers bring them at once, and writes down
// what became of each.
#include "base/clock.h"
#include "base/say.h"
#include "notify/letter.h"
#include "notify/notify.h"
#include <signal.h>
#include <string.h>

enum {
    CARRIERS = DUE_SKIP_MAX,
    LOOK_MS = 30 * 1000,        // at least this often, for taps on the shoulder may get lost
    TROUBLE_MS = 5 * 1000,      // the next look after our own store or site file failed
    LETTER_BYTES = 1 << 20,
};

struct watcher;
struct carrier {
    struct watcher *of;
    struct arena arena;         // the notice, and what is made of it
    struct notice notice;
    struct child *child;        // NULL: free
};

struct watcher {
    const char *site, *data;
    struct db *db;
    struct loop *loop;
    struct event *timer, *tap;
    int wake_fd;
    struct carrier carrier[CARRIERS];
    struct err trouble;         // the last one told
    bool ending;
};

static void look(struct watcher *w);

static struct carrier *free_carrier(struct watcher *w)
{
    for (int i = 0; i < CARRIERS; i++)
        if (!w->carrier[i].child)
            return &w->carrier[i];
    return NULL;
}

static size_t on_their_way(const struct watcher *w, const struct notice *away[CARRIERS])
{
    size_t n = 0;
    for (int i = 0; i < CARRIERS; i++)
        if (w->carrier[i].child)
            away[n++] = &w->carrier[i].notice;
    return n;
}

static bool idle(const struct watcher *w)
{
    const struct notice *away[CARRIERS];
    return on_their_way(w, away) == 0;
}

static void on_time(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    look(arg);
}

static void look_later(struct watcher *w, int64_t ms)
{
    if (w->timer)
        event_free(w->timer);
    w->timer = loop_after(w->loop, ms, on_time, w);
}

// Told once, however often we look meanwhile.
static void trouble(struct watcher *w, const struct err *e)
{
    if (strcmp(w->trouble.text, e->text) != 0)
        say_err("notice.trouble", e);
    w->trouble = *e;
    look_later(w, TROUBLE_MS);
}

static void on_done(void *arg, const struct child_result *r)
{
    struct carrier *c = arg;
    struct watcher *w = c->of;
    struct err why, e;
    bool ok = child_err("notifier", r, &why);
    bool written = ok ? due_sent(w->db, &c->notice, &e) : due_failed(w->db, &c->notice, why.text, &e);
    c->child = NULL;
    arena_drop(&c->arena);
    if (w->ending && idle(w))
        loop_stop(w->loop);
    if (!written)
        trouble(w, &e);
    else
        look(w);
}

// What cannot even be started counts as a try.
static bool carry(struct carrier *c, const struct site *site, struct err *e)
{
    struct watcher *w = c->of;
    struct child_spec spec;
    struct err why;
    if (letter_make(&c->arena, &c->notice, site, w->db, w->data, &spec, &why))
        c->child = child_start(w->loop, &spec, on_done, c, &why);
    return c->child || due_failed(w->db, &c->notice, why.text, e);
}

// One due notice to one carrier; *none when nothing is due. The site file is read for the first of them.
static bool carry_next(struct watcher *w, struct carrier *c, struct arena *a, struct site **site, bool *none,
                       struct err *e)
{
    const struct notice *away[CARRIERS];
    *c = (struct carrier){.of = w, .arena = arena_make(LETTER_BYTES)};
    bool ok = due_next(&c->arena, w->db, away, on_their_way(w, away), &c->notice, e);
    *none = ok && !c->notice.id;
    if (ok && !*none)
        ok = (*site || site_load(a, w->site, site, e)) && carry(c, *site, e);
    if (!c->child)
        arena_drop(&c->arena);
    return ok;
}

static bool carry_all(struct watcher *w, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(16 << 20);
    struct site *site = NULL;
    bool none = false;
    for (struct carrier *c; !none && (c = free_carrier(w));)
        if (!carry_next(w, c, &a, &site, &none, e))
            return false;
    return true;
}

static void look(struct watcher *w)
{
    struct err e;
    int64_t next = 0;
    if (w->ending)
        return;
    if (!carry_all(w, &e) || !due_when(w->db, &next, &e)) {
        trouble(w, &e);
        return;
    }
    int64_t ms = next ? next - now_ms() : LOOK_MS;
    w->trouble.text[0] = 0;
    look_later(w, ms < 0 ? 0 : ms < LOOK_MS ? ms : LOOK_MS);
}

static void on_tap(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    wake_drain(fd);
    look(arg);
}

static void on_hup(evutil_socket_t sig, short what, void *arg)
{
    (void)sig, (void)what;
    look(arg);
}

static void on_term(evutil_socket_t sig, short what, void *arg)
{
    (void)sig, (void)what;
    struct watcher *w = arg;
    if (w->ending || idle(w))
        loop_stop(w->loop);
    w->ending = true;
}

static void run_loop(struct watcher *w)
{
    w->tap = loop_readable(w->loop, w->wake_fd, on_tap, w);
    loop_signal(w->loop, SIGTERM, on_term, w);
    loop_signal(w->loop, SIGINT, on_term, w);
    loop_signal(w->loop, SIGHUP, on_hup, w);
    look(w);
    loop_run(w->loop);
    if (w->timer)
        event_free(w->timer);
    event_free(w->tap);
    loop_free(w->loop);
    for (int i = 0; i < CARRIERS; i++)
        arena_drop(&w->carrier[i].arena);
}

bool watcher_run(const char *site, const char *data, struct err *e)
{
    OWN_DB struct db *db = NULL;
    OWN_FD wake = -1;
    if (!store_open(data, &db, e) || !due_forget(db, e) || !wake_listen(data, "watcher", &wake, e))
        return false;
    struct watcher w = {.site = site, .data = data, .db = db, .wake_fd = wake, .loop = loop_new(e)};
    if (!w.loop)
        return false;
    run_loop(&w);
    return true;
}
