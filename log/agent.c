// agent.c: see agent.h. One loop: inotify and a sweep say when to look at the files, acks and the window when to send.
#include "log/agent.h"
#include "base/clock.h"
#include "base/jansson.h"
#include "log/pack.h"
#include "log/policy.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    QUIET_MS = 60000, SETTLE_MS = 5000, GATHER_MS = 50, SWEEP_MS = 1000,
    LEAST_ROOM = 2 * 64 << 10,          // a block is never cut smaller than two of the longest lines
    TURN_BYTES = 4 << 20,               // read in one turn of the loop
    FOLLOWS_MAX = 1024,
    DATASETS_MAX = 64,
};

struct watch { int wd; char *dir; };
// What may leave this host of a dataset's lines.
struct rules { uint16_t dataset; struct policy *policy; };

struct agent {
    struct loop *loop;
    struct agent_spec spec;
    struct talk talk;
    struct packer *packer;
    char *room;
    struct buf clear;                   // what a policy made of the lines in room
    struct rules rules[DATASETS_MAX];
    size_t rules_n;
    uint32_t window;
    size_t follows_n;
    struct follow *turn;                // whose turn it is
    int inotify;
    struct event *changed, *gather, *sweep, *status, *more;
    struct watch *watches;
    size_t watches_n;
};

static void pump(struct agent *a);

// ---- what is followed ----

static void watch_dir(struct agent *a, const char *dir)
{
    for (size_t i = 0; i < a->watches_n; i++)
        if (strcmp(a->watches[i].dir, dir) == 0)
            return;
    int wd = inotify_add_watch(a->inotify, dir, IN_MODIFY | IN_CREATE | IN_MOVE | IN_DELETE | IN_ONLYDIR);
    if (wd < 0 || a->watches_n == FOLLOWS_MAX)      // the sweep looks anyway
        return;
    a->watches[a->watches_n++] = (struct watch){wd, strdup(dir)};
}

static struct follow *find_follow(struct agent *a, uint16_t dataset, struct str path)
{
    for (struct follow *fo = a->talk.follows; fo; fo = fo->next)
        if (fo->dataset == dataset && str_eq(str_z(fo->path), path))
            return fo;
    return NULL;
}

static bool want(struct agent *a, uint16_t dataset, struct str path, struct err *e)
{
    struct follow *fo = find_follow(a, dataset, path);
    if (!fo && a->follows_n == FOLLOWS_MAX)
        return err_set(e, ERR_PEER, "more than %d paths to follow", FOLLOWS_MAX);
    if (!fo) {
        fo = follow_new(&a->talk, dataset, path, a->spec.root, e);
        if (!fo)
            return false;
        fo->next = a->talk.follows;
        a->talk.follows = fo;
        a->follows_n++;
    }
    fo->wanted = true;
    return true;
}

static void drop_unwanted(struct agent *a)
{
    for (struct follow **p = &a->talk.follows; *p;) {
        struct follow *fo = *p;
        if (fo->wanted) {
            p = &fo->next;
            continue;
        }
        *p = fo->next;
        a->follows_n--;
        follow_free(fo);
    }
    a->turn = NULL;
}

static bool take_dataset(struct agent *a, const json_t *d, struct rules *rules, struct err *e)
{
    json_int_t id = json_integer_value(json_object_get(d, "id"));
    const json_t *paths = json_object_get(d, "paths"), *path;
    size_t i;
    if (id < 0 || id > UINT16_MAX || !json_is_array(paths))
        return err_set(e, ERR_PEER, "the server's list of what to follow has a dataset without id or paths");
    *rules = (struct rules){(uint16_t)id, policy_read(d, e)};
    if (!rules->policy)
        return false;
    json_array_foreach(paths, i, path) {
        if (!json_is_string(path))
            return err_set(e, ERR_PEER, "a path to follow that is no text");
        if (!want(a, (uint16_t)id, (struct str){json_string_value(path), json_string_length(path)}, e))
            return false;
    }
    return true;
}

static void free_rules(struct rules *rules, size_t n)
{
    for (size_t i = 0; i < n; i++)
        policy_free(rules[i].policy);
}

static void use_rules(struct agent *a, const struct rules *rules, size_t n)
{
    free_rules(a->rules, a->rules_n);
    memcpy(a->rules, rules, n * sizeof *rules);
    a->rules_n = n;
    for (struct follow *fo = a->talk.follows; fo; fo = fo->next)
        for (size_t i = 0; i < n; i++)
            if (rules[i].dataset == fo->dataset)
                fo->owner = rules[i].policy;
}

static bool take_datasets(struct agent *a, const json_t *datasets, struct err *e)
{
    struct rules rules[DATASETS_MAX];
    size_t i, n = 0;
    const json_t *d;
    if (!json_is_array(datasets) || json_array_size(datasets) > DATASETS_MAX)
        return err_set(e, ERR_PEER, "the server's list of what to follow cannot be read");
    for (struct follow *fo = a->talk.follows; fo; fo = fo->next)
        fo->wanted = false;
    json_array_foreach(datasets, i, d)
        if (!take_dataset(a, d, &rules[n++], e)) {
            free_rules(rules, n);
            return false;
        }
    drop_unwanted(a);
    use_rules(a, rules, n);
    return true;
}

// A list that is wrong anywhere ends the connection, since nothing may be sent under rules that are not understood.
static bool configure(struct agent *a, struct str config, struct err *e)
{
    json_t *all = json_loadb(config.p, config.n, JSON_REJECT_DUPLICATES, NULL);
    bool ok = take_datasets(a, json_object_get(all, "datasets"), e);
    json_decref(all);
    return ok;
}

static void ask_new_ones(struct agent *a)
{
    for (struct follow *fo = a->talk.follows; fo; fo = fo->next) {
        watch_dir(a, fo->dir);
        if (!fo->heard)
            follow_ask(fo);
    }
}

static void tick(struct agent *a)
{
    for (struct follow *fo = a->talk.follows; fo; fo = fo->next)
        follow_tick(fo);
    pump(a);
}

// ---- frames ----

static bool on_streams(struct agent *a, struct str payload, struct err *e)
{
    static struct wire_streams m;       // 24 KiB
    if (!wire_streams_read(payload, &m, e))
        return false;
    struct follow *fo = find_follow(a, m.dataset, m.path);
    if (!fo)                            // the site changed meanwhile
        return true;
    if (!follow_streams(fo, &m, e))
        return false;
    tick(a);
    return true;
}

static bool on_stream(struct agent *a, struct str payload, struct err *e)
{
    struct wire_stream m;
    struct talk *t = &a->talk;
    if (!wire_stream_read(payload, &m, e))
        return false;
    if (t->claims_n == 0)
        return err_set(e, ERR_PEER, "an answer to a claim that nobody made");
    struct source *s = t->claims[t->claim_at];
    t->claim_at = (t->claim_at + 1) % SOURCES_MAX;
    t->claims_n--;
    return !s || follow_answer(s, m.id, m.offset, e);
}

typedef bool offset_fn(struct follow *fo, uint64_t id, uint64_t offset);

static bool on_offsets(struct agent *a, struct str payload, offset_fn *fn, struct err *e)
{
    static struct wire_offsets m;
    if (!wire_offsets_read(payload, &m, e))
        return false;
    for (size_t i = 0; i < m.n; i++)
        for (struct follow *fo = a->talk.follows; fo; fo = fo->next)
            if (fn(fo, m.at[i].id, m.at[i].offset))
                break;
    return true;
}

static bool take_config(struct agent *a, struct str payload, struct err *e)
{
    struct wire_welcome w;
    if (!wire_welcome_read(payload, &w, e) || !configure(a, w.config, e))
        return false;
    a->window = w.window;
    ask_new_ones(a);
    return true;
}

static bool take(struct agent *a, const struct frame *f, struct err *e)
{
    switch (f->type) {
    case FRAME_STREAMS:
        return on_streams(a, f->payload, e);
    case FRAME_STREAM:
        return on_stream(a, f->payload, e);
    case FRAME_ACK:
        return on_offsets(a, f->payload, follow_acked, e);
    case FRAME_REWIND:
        return on_offsets(a, f->payload, follow_rewound, e);
    case FRAME_WINDOW:
        return wire_window_read(f->payload, &a->window, e);
    case FRAME_CONFIG:
        return take_config(a, f->payload, e);
    default:
        return err_set(e, ERR_PEER, "a frame of type %d, which only agents send", f->type);
    }
}

static void on_frame(void *arg, const struct frame *f)
{
    struct agent *a = arg;
    struct err e = {0};
    if (!take(a, f, &e))
        link_fail(a->talk.link, &e);
    else
        pump(a);
}

static void on_up(void *arg, const struct wire_welcome *w)
{
    struct agent *a = arg;
    struct err e = {0};
    a->window = w->window;
    if (!configure(a, w->config, &e)) {
        link_fail(a->talk.link, &e);
        return;
    }
    ask_new_ones(a);
    tick(a);
}

static void on_down(void *arg)
{
    struct agent *a = arg;
    a->talk.claims_n = 0;
    a->window = 0;
    for (struct follow *fo = a->talk.follows; fo; fo = fo->next)
        follow_down(fo);
}

static void on_room(void *arg)
{
    pump(arg);
}

// ---- sending ----

static uint64_t flight(const struct agent *a)
{
    uint64_t n = 0;
    for (const struct follow *fo = a->talk.follows; fo; fo = fo->next) {
        n += fo->live ? source_flight(fo->live) : 0;
        for (const struct source *s = fo->older; s; s = s->next)
            n += source_flight(s);
    }
    return n;
}

// The live file and the backlog take turns, or one would starve the other.
static struct source *work_of(struct follow *fo)
{
    struct source *live = fo->live && source_works(fo->live) ? fo->live : NULL, *old = fo->older;
    while (old && !source_works(old))
        old = old->next;
    if (live && old)
        return fo->turn++ & 1 ? live : old;
    return live ? live : old;
}

static struct source *next_work(struct agent *a)
{
    struct follow *fo = a->turn ? a->turn : a->talk.follows;
    for (size_t i = 0; i < a->follows_n; i++) {
        struct source *s = work_of(fo);
        fo = fo->next ? fo->next : a->talk.follows;
        if (s) {
            a->turn = fo;
            return s;
        }
    }
    return NULL;
}

static void send_part(struct agent *a, struct source *s, const struct cut *c, struct str text, uint32_t policy)
{
    link_send_frame(a->talk.link, packer_block(a->packer, c, text, s->id, policy, now_ms() * 1000));
}

// Lines that grow by a policy may need more than one block.
static void send_cut(struct agent *a, struct source *s, const struct cut *c)
{
    struct policy *p = s->follow->owner;
    if (policy_plain(p)) {
        send_part(a, s, c, c->text, policy_version(p));
        return;
    }
    for (size_t at = 0, taken; at < c->text.n; at += taken) {
        buf_clear(&a->clear);
        a->clear.failed = false;
        taken = policy_apply(p, str_from(c->text, at), &a->clear);
        taken = c->flags ? c->text.n : taken;
        struct cut part = cut_part(c, at, taken);
        send_part(a, s, &part, buf_str(&a->clear), policy_version(p));
    }
}

static size_t ship(struct agent *a, struct source *s, size_t room)
{
    struct err e = {0};
    struct cut c;
    size_t max = room < BLOCK_MAX ? room : BLOCK_MAX;
    switch (tailfile_next(s->f, s->ending, max, a->room, &c, &e)) {
    case TAIL_LINES:
        s->ending = false;
        send_cut(a, s, &c);
        return c.raw_n;
    case TAIL_WAIT:
        s->waited = s->f->size;
        return 0;
    case TAIL_AGAIN:
        return TURN_BYTES;
    case TAIL_TRUNCATED:
        source_is_cut(s);
        return 0;
    case TAIL_FAILED:
        source_failed(s, &e);
        return 0;
    }
    return 0;
}

// How many bytes may be read now; 0: wait for acks or for what is on its way out.
static size_t room_now(const struct agent *a)
{
    uint64_t out = flight(a);
    if (!link_up(a->talk.link) || a->window == 0 || link_waiting(a->talk.link) >= LINK_ROOM)
        return 0;
    if (out == 0)
        return a->window > LEAST_ROOM ? a->window : LEAST_ROOM;
    return a->window >= out + LEAST_ROOM ? a->window - (size_t)out : 0;
}

static void pump(struct agent *a)
{
    size_t done = 0, room;
    struct source *s;
    while (done < TURN_BYTES && (room = room_now(a)) && (s = next_work(a))) {
        if (s->state == SOURCE_GOING)
            done += source_go(s) ? TURN_BYTES : 0;
        else
            done += ship(a, s, room);
    }
    if (done >= TURN_BYTES)             // others in this loop come first
        event_active(a->more, EV_TIMEOUT, 0);
}

static void on_more(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    pump(arg);
}

// ---- looking ----

static void on_gathered(evutil_socket_t fd, short what, void *arg)
{
    struct agent *a = arg;
    (void)fd, (void)what;
    event_add(a->changed, NULL);
    tick(a);
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
        watch_dir(a, fo->dir);
    tick(a);
}

// ---- status ----

static int64_t resident_bytes(void)
{
    long pages = 0, skip;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f && fscanf(f, "%ld %ld", &skip, &pages) != 2)
        pages = 0;
    if (f)
        fclose(f);
    return pages * sysconf(_SC_PAGESIZE);
}

static void tell_file(struct wire_status *m, const struct source *s)
{
    if (!s || m->n == STATUS_FILES || s->state != SOURCE_SHIPPING)
        return;
    const struct tailfile *f = s->f;
    bool even = s->acked >= f->size || (s->waited == f->size && s->acked == f->at);
    uint64_t size = f->packed && !f->ended ? f->at : f->size;
    int64_t since = s->even_us ? s->even_us : f->btime_us ? f->btime_us : f->mtime_us;
    m->at[m->n++] = (struct wire_file){.stream = s->id, .size = size, .offset = s->acked, .path = str_z(f->path),
                                       .oldest_us = even && !(f->packed && !f->ended) ? 0 : since};
}

static void on_status(evutil_socket_t fd, short what, void *arg)
{
    static struct wire_status m;        // 14 KiB
    struct agent *a = arg;
    struct rusage u;
    OWN_BUF struct buf b = buf_make(FRAME_MAX);
    (void)fd, (void)what;
    if (!link_up(a->talk.link) || link_waiting(a->talk.link) >= LINK_ROOM)
        return;
    getrusage(RUSAGE_SELF, &u);
    // Taken before the look: whatever is younger than this is not told of.
    m.now_us = now_ms() * 1000;
    m.cpu_us = (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
    m.rss = resident_bytes();
    m.n = 0;
    tick(a);
    for (struct follow *fo = a->talk.follows; fo; fo = fo->next) {
        tell_file(&m, fo->live);
        for (struct source *s = fo->older; s; s = s->next)
            tell_file(&m, s);
    }
    wire_status_put(&b, &m);
    link_send(a->talk.link, FRAME_STATUS, buf_str(&b));
}

// ---- making one ----

static void usual(struct agent_spec *s)
{
    s->quiet_ms = s->quiet_ms ? s->quiet_ms : QUIET_MS;
    s->settle_ms = s->settle_ms ? s->settle_ms : SETTLE_MS;
    s->gather_ms = s->gather_ms ? s->gather_ms : GATHER_MS;
    s->sweep_ms = s->sweep_ms ? s->sweep_ms : SWEEP_MS;
    s->level = s->level ? s->level : 1;
}

struct agent *agent_new(struct loop *l, const struct agent_spec *spec, struct err *e)
{
    struct agent *a = calloc(1, sizeof *a);
    a->loop = l;
    a->spec = *spec;
    usual(&a->spec);
    struct link_spec link = {.socket = spec->socket, .server = spec->server, .fd = spec->fd, .token = spec->token,
                             .host = spec->host, .retry_ms = spec->retry_ms, .up = on_up, .frame = on_frame,
                             .down = on_down, .room = on_room, .arg = a};
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
    a->status = loop_every(l, STATUS_MS, on_status, a);
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
    free_rules(a->rules, a->rules_n);
    buf_drop(&a->clear);
    free(a->room);
    free(a->talk.claims);
    free(a);
}
