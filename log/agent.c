// agent.c: see agent.h. One loop: inotify and a sweep say when to look at the files, acks and the window when to send.
#include "log/agent_inner.h"
#include "log/pack.h"
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { QUIET_MS = 60000, SETTLE_MS = 5000, GATHER_MS = 50, SWEEP_MS = 1000 };

void agent_watch(struct agent *a, const char *dir)
{
    for (size_t i = 0; i < a->watches_n; i++)
        if (strcmp(a->watches[i].dir, dir) == 0)
            return;
    int wd = inotify_add_watch(a->inotify, dir, IN_MODIFY | IN_CREATE | IN_MOVE | IN_DELETE | IN_ONLYDIR);
    if (wd < 0 || a->watches_n == FOLLOWS_MAX)      // the sweep looks anyway
        return;
    a->watches[a->watches_n++] = (struct watch){wd, strdup(dir)};
}

void agent_tick(struct agent *a)
{
    for (struct follow *fo = a->talk.follows; fo; fo = fo->next)
        follow_tick(fo);
    agent_pump(a);
}

static void on_room(void *arg)
{
    agent_pump(arg);
}

static void on_more(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    agent_pump(arg);
}

// ---- looking ----

static void on_gathered(evutil_socket_t fd, short what, void *arg)
{
    struct agent *a = arg;
    (void)fd, (void)what;
    event_add(a->changed, NULL);
    agent_tick(a);
}

// Another name, or one that was finished and is written again.
static void hear(struct agent *a, const struct inotify_event *ev)
{
    for (size_t i = 0; i < a->watches_n && ev->mask & IN_IGNORED; i++)
        if (a->watches[i].wd == ev->wd) {       // the directory is gone; one of that name may come
            free(a->watches[i].dir);
            a->watches[i--] = a->watches[--a->watches_n];
        }
    bool all = ev->mask & (IN_Q_OVERFLOW | IN_IGNORED) || ev->len == 0;
    for (struct follow *fo = a->talk.follows; fo; fo = fo->next)
        if (all || follow_sibling(fo, ev->name))
            fo->rescan = true;
}

// Whatever it says: look at everything, after small writes had time to become a large one. Until then it is not asked.
static void on_changed(evutil_socket_t fd, short what, void *arg)
{
    struct agent *a = arg;
    _Alignas(struct inotify_event) char b[16 << 10];
    struct timeval t = {a->spec.gather_ms / 1000, a->spec.gather_ms % 1000 * 1000};
    (void)what;
    for (ssize_t n; (n = read(fd, b, sizeof b)) > 0;)
        for (char *p = b; p < b + n; p += sizeof(struct inotify_event) + ((struct inotify_event *)(void *)p)->len)
            hear(a, (struct inotify_event *)(void *)p);
    event_del(a->changed);
    evtimer_add(a->gather, &t);
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
    struct agent *a = arg;
    (void)fd, (void)what;
    for (struct follow *fo = a->talk.follows; fo; fo = fo->next)
        agent_watch(a, fo->dir);
    agent_tick(a);
}

// ---- making one ----

static void usual(struct agent_spec *s)
{
    s->quiet_ms = s->quiet_ms ? s->quiet_ms : QUIET_MS;
    s->settle_ms = s->settle_ms ? s->settle_ms : SETTLE_MS;
    s->gather_ms = s->gather_ms ? s->gather_ms : GATHER_MS;
    s->sweep_ms = s->sweep_ms ? s->sweep_ms : SWEEP_MS;
    s->level = s->level ? s->level : s->server ? PACK_FAR : PACK_NEAR;
}

struct agent *agent_new(struct loop *l, const struct agent_spec *spec, struct err *e)
{
    struct agent *a = calloc(1, sizeof *a);
    a->loop = l;
    a->spec = *spec;
    usual(&a->spec);
    struct link_spec link = {.socket = spec->socket, .server = spec->server, .fd = spec->fd, .token = spec->token,
                             .host = spec->host, .retry_ms = spec->retry_ms, .up = agent_on_up, .frame = agent_on_frame,
                             .down = agent_on_down, .room = on_room, .arg = a};
    a->talk.link = link_new(l, &link, e);
    a->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (!a->talk.link || (a->inotify < 0 && !err_set(e, ERR_IO, "watch files: %m"))) {
        agent_free(a);
        return NULL;
    }
    a->talk.claims = calloc(SOURCES_MAX, sizeof *a->talk.claims);
    a->talk.quiet_ms = a->spec.quiet_ms;
    a->talk.settle_ms = a->spec.settle_ms;
    a->packer = packer_new(a->spec.level);
    a->room = malloc(TAIL_ROOM);
    a->clear = buf_make(BLOCK_MAX);
    a->watches = calloc(FOLLOWS_MAX, sizeof *a->watches);
    a->changed = loop_readable(l, a->inotify, on_changed, a);
    a->gather = evtimer_new(loop_base(l), on_gathered, a);
    a->more = event_new(loop_base(l), -1, 0, on_more, a);
    a->sweep = loop_every(l, a->spec.sweep_ms, on_sweep, a);
    a->status = loop_every(l, STATUS_MS, agent_on_status, a);
    return a;
}

static void drop_event(struct event *ev)
{
    if (ev)
        event_free(ev);
}

void agent_free(struct agent *a)
{
    for (struct follow *fo = a->talk.follows, *next; fo; fo = next) {
        next = fo->next;
        follow_free(fo);
    }
    drop_event(a->changed);
    drop_event(a->gather);
    drop_event(a->more);
    drop_event(a->sweep);
    drop_event(a->status);
    if (a->talk.link)
        link_free(a->talk.link);
    if (a->inotify >= 0)
        close(a->inotify);
    for (size_t i = 0; i < a->watches_n; i++)
        free(a->watches[i].dir);
    free(a->watches);
    if (a->packer)
        packer_free(a->packer);
    agent_free_rules(a->rules, a->rules_n);
    buf_drop(&a->clear);
    free(a->room);
    free(a->talk.claims);
    free(a);
}
