// tail.c: see tail.h.
#include "log/tail.h"
#include "base/clock.h"
#include "log/inner.h"
#include "log/unmet.h"
#include <assert.h>
#include <event2/buffer.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COLLECT_MAX = 256 << 10, WHOLE_MAX = 2 << 20, LINES_A_SECOND = 1000 };

struct follower {
    LIST_ENTRY(follower) next;
    struct peer *peer;
    uint16_t dataset;
    struct where *where;        // NULL: every line
    struct unmet unmet;
    struct buf lines;           // collected since the last flush
    int64_t second;             // tick / 1000
    unsigned sent;              // in that second
    uint64_t skipped;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static LIST_HEAD(, follower) followers = LIST_HEAD_INITIALIZER(followers);
static atomic_int n_followers;

bool tail_wanted(void)
{
    return atomic_load_explicit(&n_followers, memory_order_relaxed) > 0;
}

static struct str table_name(const void *tables, size_t i)
{
    return str_z(((const struct tables *)tables)->set[i].rows->name);
}

static bool no_such(const struct tables *t, struct str name, struct err *e)
{
    OWN_BUF struct buf b = buf_make(8 << 10);
    struct str near = str_nearest(name, t->sets, table_name, t);
    for (size_t i = 0; i < t->sets; i++)
        buf_addf(&b, "%s%s", i ? ", " : "", t->set[i].rows->name);
    if (near.n)
        return err_set(e, ERR_NOT_FOUND, "there is no dataset \"" STR_F "\"; did you mean " STR_F "?",
                       STR_A(str_head(name, 100)), STR_A(near));
    return err_set(e, ERR_NOT_FOUND, "there is no dataset \"" STR_F "\"; there %s %s", STR_A(str_head(name, 100)),
                   t->sets == 1 ? "is" : "are", t->sets ? buf_z(&b) : "none");
}

bool tail_begin(struct peer *p, struct str what, struct err *e)
{
    struct str name = str_cut(&what, '\n');
    struct set *set = tables_named(p->server->tables, name);
    if (!set)
        return no_such(p->server->tables, name, e);
    struct where *w = NULL;
    if (what.n && !(w = where_new(what, e)))
        return false;
    if (!where_of_lines(w, e)) {
        where_free(w);
        return false;
    }
    tail_end(p);
    struct follower *f = calloc(1, sizeof *f);
    assert(f);
    *f = (struct follower){.peer = p, .dataset = set->id, .where = w, .unmet = unmet_make(w),
                           .lines = buf_make(COLLECT_MAX)};
    p->imports = true;          // a person, not the host's agent
    pthread_mutex_lock(&lock);
    LIST_INSERT_HEAD(&followers, f, next);
    atomic_fetch_add(&n_followers, 1);
    pthread_mutex_unlock(&lock);
    return true;
}

static void drop(struct follower *f)
{
    LIST_REMOVE(f, next);
    atomic_fetch_sub(&n_followers, 1);
    unmet_drop(&f->unmet);
    where_free(f->where);
    buf_drop(&f->lines);
    free(f);
}

void tail_end(struct peer *p)
{
    struct follower *f, *later;
    pthread_mutex_lock(&lock);
    for (f = LIST_FIRST(&followers); f; f = later) {
        later = LIST_NEXT(f, next);
        if (f->peer == p)
            drop(f);
    }
    pthread_mutex_unlock(&lock);
}

// line: with its host as the first label, so that conditions may name it.
static void collect(struct follower *f, struct str line)
{
    int64_t tick = tick_ms(), second = tick / 1000;
    unmet_look(&f->unmet, line, tick);
    if (!where_match(f->where, line))
        return;
    if (second != f->second)
        f->second = second, f->sent = 0;
    size_t before = f->lines.n;
    if (f->sent < LINES_A_SECOND) {
        buf_add(&f->lines, line);
        buf_addc(&f->lines, '\n');
    }
    if (f->sent >= LINES_A_SECOND || f->lines.failed) {
        f->lines.failed = false;
        buf_cut(&f->lines, before);
        f->skipped++;
        return;
    }
    f->sent++;
}

static bool is_followed(uint16_t dataset)
{
    struct follower *f;
    LIST_FOREACH(f, &followers, next)
        if (f->dataset == dataset)
            return true;
    return false;
}

void tail_offer(uint16_t dataset, struct str host, struct str lines, int bell)
{
    uint64_t one = 1;
    OWN_BUF struct buf whole = buf_make(WHOLE_MAX);
    pthread_mutex_lock(&lock);
    bool any = is_followed(dataset);
    buf_addf(&whole, "server:" STR_F "\t", STR_A(host));
    size_t head = whole.n;
    while (any && lines.n) {
        struct str line = str_cut(&lines, '\n');
        struct follower *f;
        buf_add(&whole, line);
        LIST_FOREACH(f, &followers, next)
            if (f->dataset == dataset && line.n)
                collect(f, buf_str(&whole));
        buf_cut(&whole, head);
    }
    pthread_mutex_unlock(&lock);
    if (any) {
        ssize_t n = write(bell, &one, sizeof one);
        (void)n;
    }
}

static void tell_unmet(struct follower *f)
{
    OWN_BUF struct buf b = buf_make(UNMET_SAID_MAX);
    if (unmet_say(&f->unmet, tick_ms(), &b) && !b.failed)
        peer_send(f->peer, FRAME_ANSWER, buf_str(&b));
}

void tail_flush(struct log_server *s)
{
    struct follower *f;
    (void)s;
    if (!tail_wanted())
        return;
    pthread_mutex_lock(&lock);
    LIST_FOREACH(f, &followers, next) {
        struct evbuffer *out = bufferevent_get_output(f->peer->bev);
        if (f->peer->ending || evbuffer_get_length(out) > COLLECT_MAX)
            continue;               // the person's terminal is slow: what comes meanwhile is skipped and counted
        if (f->skipped) {
            buf_addf(&f->lines, "skipped:%llu\n", (unsigned long long)f->skipped);
            f->skipped = 0;
        }
        f->lines.failed = false;
        if (f->lines.n)
            peer_send(f->peer, FRAME_ANSWER, buf_str(&f->lines));
        buf_clear(&f->lines);
        tell_unmet(f);
    }
    pthread_mutex_unlock(&lock);
}
