// logwatch.c: the role `logwatch`: looks every few seconds whether minutes are complete, and judges them (alarm.h).
#include "log/alarm.h"
#include "base/clock.h"
#include "base/loop.h"
#include "base/say.h"
#include "log/log.h"
#include "log/pace.h"
#include <signal.h>
#include <string.h>

enum { LOOK_MS = 5000, SITE_BYTES = 16 << 20 };

struct role { const char *site, *data; struct db *db; struct loop *loop; struct alarms *alarms; struct err trouble; };

static bool look(struct role *r, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(SITE_BYTES);
    struct site *site = NULL;
    bool news = false;
    bool ok = site_load(&a, r->site, &site, e) && alarms_look(r->alarms, r->db, site, now_ms(), &news, e);
    if (news)
        wake_role(r->data, "watcher");
    return ok;
}

// Told once, however often we look meanwhile.
static void on_look(evutil_socket_t fd, short what, void *arg)
{
    struct role *r = arg;
    struct err e = {0};
    (void)fd, (void)what;
    if (look(r, &e))
        e.text[0] = 0;
    else if (strcmp(e.text, r->trouble.text) != 0)
        say_err("log.watch.trouble", &e);
    r->trouble = e;
}

static void on_term(evutil_socket_t sig, short what, void *arg)
{
    (void)sig, (void)what;
    loop_stop(((struct role *)arg)->loop);
}

bool logwatch_run(const char *site, const char *data, struct err *e)
{
    OWN_DB struct db *db = NULL;
    if (!store_open(data, &db, e))
        return false;
    struct role r = {.site = site, .data = data, .db = db, .loop = loop_new(e), .alarms = alarms_new()};
    if (!r.loop)
        return false;
    loop_signal(r.loop, SIGTERM, on_term, &r);
    loop_signal(r.loop, SIGINT, on_term, &r);
    struct event *every = loop_every(r.loop, LOOK_MS, on_look, &r);
    on_look(-1, 0, &r);
    loop_run(r.loop);
    event_free(every);
    loop_free(r.loop);
    alarms_free(r.alarms);
    return true;
}
