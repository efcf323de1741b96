// salvage.c: see salvage.h. The log is read twice: how each stream ends decides what is done about its hole.
#include "log/salvage.h"
#include "base/clock.h"
#include "log/account.h"
#include "log/catalog.h"
#include "log/table.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ACCOUNT_DAYS = FORGET_DAYS + 5 };

struct fate { uint64_t id; bool again, told; };     // again: blocks from its hole on are dropped

struct salvager {
    struct salvage *v;
    struct wal_scan scan;
    struct tables tables;
    struct streams end;         // as the log says, holes or not
    struct streams now;         // as far as everything joins
    VEC(struct fate) fates;
    VEC(struct account_stream *) committed;
    uint64_t done;              // the least of all tables
    bool after;                 // a hole was passed
};

// ---- what the lake has ----

static bool read_table(struct salvager *x, struct table *t, struct catalog *c, struct err *e)
{
    if (!catalog_read(x->v->arena, str_zf(x->v->arena, "%s/manifest.durable", t->dir), c, e)) {
        if (e->kind != ERR_NOT_FOUND)
            return false;
        *c = (struct catalog){0};
    }
    t->done = c->done;
    x->done = c->done < x->done ? c->done : x->done;
    return true;
}

static bool read_set(struct salvager *x, struct set *set, struct err *e)
{
    struct catalog rows, bad;
    if (!read_table(x, set->rows, &rows, e) || !read_table(x, set->bad, &bad, e))
        return false;
    struct account acc = {.arena = x->v->arena, .done = rows.done, .generation = rows.generation,
                          .bad_generation = bad.generation,
                          .from_us = (now_ms() - ACCOUNT_DAYS * INT64_C(86400000)) * 1000, .to_us = INT64_MAX};
    if (!account_read(&acc, set->rows->dir, e))
        return false;
    for (size_t i = 0; i < acc.streams.n; i++)
        vec_push(x->v->arena, &x->committed, acc.streams.at[i]);
    return true;
}

static uint64_t committed(const struct salvager *x, uint64_t id)
{
    for (size_t i = 0; i < x->committed.n; i++)
        if (x->committed.at[i]->id == id)
            return x->committed.at[i]->to;
    return 0;
}

// ---- findings ----

static void find(struct salvager *x, enum salvage_fate fate, const struct stream *s, uint64_t id, uint64_t from,
                 uint64_t to)
{
    struct arena *a = x->v->arena;
    vec_push(a, &x->v->found, ((struct salvage_stream){fate, id, s ? str_dup(a, str_z(s->host)) : S(""),
                                                       s ? str_dup(a, str_z(s->path)) : S(""), from, to}));
}

static struct fate *fate_of(struct salvager *x, uint64_t id)
{
    for (size_t i = 0; i < x->fates.n; i++)
        if (x->fates.at[i].id == id)
            return &x->fates.at[i];
    vec_push(x->v->arena, &x->fates, ((struct fate){.id = id}));
    return &x->fates.at[x->fates.n - 1];
}

// true: what is behind the gap of this stream stays. Its bytes from `written` to `to` are missing.
static bool decide(struct salvager *x, const struct stream *s, uint64_t to)
{
    struct fate *f = fate_of(x, s->id);
    const struct stream *end = streams_find(&x->end, s->id);
    if (f->again)
        return false;
    f->again = !x->v->keep && !(end && end->why);
    find(x, f->again ? SALVAGE_AGAIN : SALVAGE_LOST, s, s->id, s->written, to);
    return !f->again;
}

// ---- the log, as it ends ----

static void read_end(void *arg, const struct wal_record *r, bool *drop)
{
    struct salvager *x = arg;
    struct err e;
    struct block b;
    (void)drop;
    if (r->kind == WAL_STREAM || r->kind == WAL_STREAMS) {
        if (!streams_read(&x->end, r->payload, &e))
            return;
    } else if (r->kind == WAL_DONE) {
        struct bytes p = bytes_of(r->payload);
        struct stream *s = streams_find(&x->end, bytes_u64(&p));
        uint64_t size = bytes_u64(&p);
        if (s)
            stream_ended(&x->end, s, size, bytes_u8(&p), r->received_us);
    } else if (r->kind == WAL_BLOCK && block_read(r->payload, &b, &e)) {
        struct stream *s = streams_find(&x->end, b.stream);
        if (s)
            stream_wrote(&x->end, s, b.start + b.raw_n, b.tail, r->received_us);
    }
}

static void no_hole(void *arg, const struct wal_hole *h)
{
    (void)arg, (void)h;
}

// ---- the log, as far as it joins ----

static const unsigned char no_tail[16];

static void copy_to(struct streams *t, const struct stream *s)
{
    struct err e;
    OWN_BUF struct buf b = buf_make(64 << 10);
    struct streams one = {.at = (struct stream *[]){(struct stream *)(uintptr_t)s}, .n = 1};
    pthread_mutex_init(&one.lock, NULL);
    stream_put(&one, &b, s);
    pthread_mutex_destroy(&one.lock);
    bool ok = streams_read(t, buf_str(&b), &e);
    assert(ok);
}

// What is committed and was among what is damaged: the lake's word is as good for how far it is, but not for what
// stands there.
static void raise_to_lake(struct salvager *x, struct stream *s)
{
    uint64_t to = committed(x, s->id);
    if (to > s->written)
        stream_wrote(&x->now, s, to, no_tail, s->touched_us);
}

static void on_hole(void *arg, const struct wal_hole *h)
{
    struct salvager *x = arg;
    vec_push(x->v->arena, &x->v->holes, *h);
    x->after = true;
    for (size_t i = 0; i < x->now.n; i++)
        raise_to_lake(x, x->now.at[i]);
}

// One that was made in the hole, and that a record behind it knows.
static struct stream *named_later(struct salvager *x, uint64_t id)
{
    const struct stream *later = streams_find(&x->end, id);
    if (!later)
        return NULL;
    struct stream s = *later;
    s.written = s.taken = s.size = 0;
    s.why = 0;
    memset(s.tail, 0, sizeof s.tail);
    copy_to(&x->now, &s);
    struct stream *made = streams_find(&x->now, id);
    raise_to_lake(x, made);
    return made;
}

static bool in_lake(struct salvager *x, const struct wal_record *r)
{
    const struct set *set = tables_set(&x->tables, r->dataset);
    return set && r->lsn < set->rows->done && r->lsn < set->bad->done;
}

static void read_block(struct salvager *x, const struct wal_record *r, bool *drop)
{
    struct block b;
    struct err e;
    if (!block_read(r->payload, &b, &e)) {
        *drop = true;
        return;
    }
    struct stream *s = streams_find(&x->now, b.stream);
    uint64_t end = b.start + b.raw_n;
    if (!s && !(s = named_later(x, b.stream))) {
        if (!fate_of(x, b.stream)->told)
            find(x, SALVAGE_NAMELESS, NULL, b.stream, b.start, end);
        fate_of(x, b.stream)->told = *drop = true;
        return;
    }
    if (in_lake(x, r)) {
        if (end >= s->written)
            stream_wrote(&x->now, s, end, b.tail, r->received_us);
        return;
    }
    *drop = fate_of(x, s->id)->again || b.start < s->written || (b.start > s->written && !decide(x, s, b.start));
    if (!*drop)
        stream_wrote(&x->now, s, end, b.tail, r->received_us);
}

// What a claim or a list says of one stream. Offsets that go beyond what we have show a gap.
static void take_stream(struct salvager *x, const struct wal_record *r, const struct stream *said)
{
    struct stream *s = streams_find(&x->now, said->id);
    struct stream to = *said;
    if (!s && x->after)
        s = named_later(x, said->id);
    if (s) {
        bool stays = !fate_of(x, s->id)->again;
        if (stays && said->written > s->written && x->after && r->lsn >= x->done)
            stays = decide(x, s, said->written);
        if (!stays || said->written < s->written) {
            to.written = to.taken = s->written;
            memcpy(to.tail, s->tail, sizeof to.tail);
            to.why = stays ? said->why : 0;
        }
    }
    copy_to(&x->now, &to);
}

static void read_streams(struct salvager *x, const struct wal_record *r)
{
    struct streams said;
    struct err e;
    streams_make(&said);
    if (streams_read(&said, r->payload, &e))
        for (size_t i = 0; i < said.n; i++)
            take_stream(x, r, said.at[i]);
    streams_drop(&said);
}

static void read_done(struct salvager *x, const struct wal_record *r, bool *drop)
{
    struct bytes b = bytes_of(r->payload);
    struct stream *s = streams_find(&x->now, bytes_u64(&b));
    uint64_t size = bytes_u64(&b);
    *drop = !s || fate_of(x, s->id)->again;
    if (!*drop)
        stream_ended(&x->now, s, size, bytes_u8(&b), r->received_us);
}

static void on_record(void *arg, const struct wal_record *r, bool *drop)
{
    struct salvager *x = arg;
    switch (r->kind) {
    case WAL_BLOCK:     read_block(x, r, drop);     break;
    case WAL_DONE:      read_done(x, r, drop);      break;
    case WAL_STREAM:
    case WAL_STREAMS:   read_streams(x, r);         break;
    default:            break;
    }
}

// ---- both ----

static bool nobody_knows(struct salvager *x, struct err *e)
{
    size_t n = 0;
    const struct account_stream *first = NULL;
    for (size_t i = 0; i < x->committed.n; i++) {
        const struct account_stream *s = x->committed.at[i];
        if (s->seen && !streams_find(&x->now, s->id)) {
            first = first ? first : s;
            n++;
        }
    }
    if (!n)
        return false;
    err_set(e, ERR_CHECK,
            "what is damaged held the beginnings of %zu file%s that ha%s rows in the lake, of them " STR_F " on " STR_F
            ": they could not be told from new ones, and would be read again", n, n == 1 ? "" : "s",
            n == 1 ? "s" : "ve",
            STR_A(first->path), STR_A(first->host));
    err_hint(e, "nothing was changed; put the whole lake back from a backup, agents send again what came after it");
    return true;
}

static void raised(struct salvager *x)
{
    for (size_t i = 0; i < x->now.n; i++) {
        const struct stream *s = x->now.at[i];
        if (s->written && memcmp(s->tail, no_tail, sizeof no_tail) == 0)
            find(x, SALVAGE_GOES_ON, s, s->id, s->written, s->written);
    }
}

bool salvage_look(struct salvage *v, struct err *e)
{
    struct strs none = {0};
    struct salvager *x = v->inside = calloc(1, sizeof *x);
    assert(x);
    x->v = v;
    x->done = UINT64_MAX;
    streams_make(&x->end);
    streams_make(&x->now);
    if (!tables_open(&x->tables, v->lake, &none, e))
        return false;
    for (size_t i = 0; i < x->tables.sets; i++)
        if (!read_set(x, &x->tables.set[i], e))
            return false;
    x->scan = (struct wal_scan){.arena = v->arena, .dir = str_zf(v->arena, "%s/wal", v->lake),
                                .from = x->tables.sets ? x->done : 0, .record = read_end, .hole = no_hole, .arg = x};
    if (!wal_scan(&x->scan, e))
        return false;
    x->scan.record = on_record;
    x->scan.hole = on_hole;
    if (!wal_scan(&x->scan, e))
        return false;
    if (v->holes.n && nobody_knows(x, e))
        return false;
    raised(x);
    return true;
}

static bool put_now(void *arg, uint64_t *after, struct buf *out)
{
    return streams_put(&((struct salvager *)arg)->now, after, out);
}

const char *salvage_kept(struct arena *a, const char *lake)
{
    return str_zf(a, "%s/wal-damaged", lake);
}

bool salvage_do(struct salvage *v, struct err *e)
{
    return wal_snapshot(&v->inside->scan, put_now, v->inside, e)
        && wal_mend(&v->inside->scan, salvage_kept(v->arena, v->lake), e);
}

void salvage_drop(struct salvage *v)
{
    if (!v->inside)
        return;
    streams_drop(&v->inside->end);
    streams_drop(&v->inside->now);
    free(v->inside);
    v->inside = NULL;
}
