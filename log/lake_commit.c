// lake_commit.c: what readers made since the last commit becomes durable: files, figures, ledger, catalog, in this
// order.
#include "log/lake_inner.h"
#include "base/fault.h"
#include "base/json.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RETRY_MS = 500 };

static void put_tally(struct lake *l, struct buf *b, const struct tally *t)
{
    const struct stream *s = streams_find(l->spec.streams, t->stream);
    json_object(b, KV("id", t->stream), KV("host", s ? s->host : ""), KV("path", s ? s->path : ""), KV("from", t->from),
                KV("to", t->to), KV("lines", t->lines), KV("rows", t->rows), KV("bad", t->bad), KV("blank", t->blank),
                KV("imported", (int)(s && s->imported)));
}

static void put_ended(struct lake *l, struct buf *b, const struct ended *x)
{
    const struct stream *s = streams_find(l->spec.streams, x->stream);
    json_object(b, KV("id", x->stream), KV("size", x->size), KV("why", (int)x->why), KV("host", s ? s->host : ""),
                KV("path", s ? s->path : ""));
}

static bool of_table(struct lake *l, uint64_t stream, size_t table)
{
    const struct stream *s = streams_find(l->spec.streams, stream);
    return s && (size_t)(2 * (s->dataset - 1)) == table;
}

struct fresh { VEC(struct lake_file) files; };

static void put_commit(struct lake *l, struct buf *b, size_t table, uint64_t to, struct part *const *parts,
                       const struct fresh *rows, const struct fresh *bad)
{
    json_open(b, '{');
    json_kvs(b, KVS(KV("from", l->at[table].catalog.done), KV("to", to), KV("at_us", lake_now_us())));
    json_key(b, "streams");
    json_open(b, '[');
    for (size_t r = 0; r < l->spec.readers; r++)
        for (size_t i = 0; i < parts[r]->tallies; i++)
            if (of_table(l, parts[r]->tally[i].stream, table))
                put_tally(l, b, &parts[r]->tally[i]);
    json_close(b, ']');
    json_key(b, "done");
    json_open(b, '[');
    for (size_t r = 0; r < l->spec.readers; r++)
        for (size_t i = 0; i < parts[r]->endeds; i++)
            if (of_table(l, parts[r]->ended[i].stream, table))
                put_ended(l, b, &parts[r]->ended[i]);
    json_close(b, ']');
    lake_put_paths(b, "files", rows->files.at, rows->files.n);
    lake_put_paths(b, "bad_files", bad->files.at, bad->files.n);
    json_close(b, '}');
    buf_addc(b, '\n');
}

static bool write_committed(struct lake *l, struct part *const *parts, struct arena *a, struct fresh *fresh,
                            struct err *e)
{
    for (size_t r = 0; r < l->spec.readers; r++) {
        size_t i = 0;
        const struct made *m;
        STAILQ_FOREACH(m, &parts[r]->made, next) {
            struct lake_file f;
            struct str path = lake_name_of(a, l, parts[r], m, i++);
            if (!lake_write_file(&l->at[m->table], path, m->file, true, e))
                return false;
            lake_describe(m, FILE_COMMITTED, a, &f);
            f.path = path;
            vec_push(a, &fresh[m->table].files, f);
        }
    }
    return true;
}

// A try before came so far, or, while the write-ahead log is read again, a life before: there is nothing new of this
// table.
static bool is_through(const struct lake *l, size_t table, uint64_t to)
{
    return l->at[table].catalog.done >= to;
}

static bool write_ledgers(struct lake *l, struct part *const *parts, uint64_t to, const struct fresh *fresh,
                          struct err *e)
{
    for (size_t t = 0; t < l->n; t += 2) {
        if (is_through(l, t, to))
            continue;
        OWN_BUF struct buf b = buf_make(64 << 20);
        put_commit(l, &b, t, to, parts, &fresh[t], &fresh[t + 1]);
        if (!buf_ok(&b, e) || !lake_note(&l->at[t], buf_str(&b), e))
            return false;
    }
    return true;
}

// Bad lines first: what is durable of them and not of the rows is known by its own `done`.
static bool write_durable(struct lake *l, uint64_t to, const struct fresh *fresh, struct err *e)
{
    for (size_t i = l->n; i-- > 0;) {
        struct lake_table *t = &l->at[i];
        if (is_through(l, i, to))
            continue;
        uint64_t before = t->catalog.done;
        size_t files = t->catalog.files.n;
        lake_adopt(t, fresh[i].files.at, fresh[i].files.n);
        t->catalog.done = to;
        if (!lake_write_durable(l, t, e)) {
            t->catalog.files.n = files;
            t->catalog.done = before;
            return false;
        }
        fault_die_at(i % 2 ? "lake:after-bad" : "lake:after-rows");
        for (size_t k = t->hot_n; k-- > 0;)
            lake_drop_hot(l, t, k);
    }
    return true;
}

// It is a commit even while readers do not see it yet: the next mark tries again.
static void show_committed(struct lake *l)
{
    struct err e;
    for (size_t i = 0; i < l->n; i++)
        if (!lake_write_seen(l, &l->at[i], &e))
            lake_trouble(l, "log.publish", &e);
}

static bool commit_once(struct lake *l, struct part *const *parts, uint64_t to, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(LAKE_ARENA);
    struct fresh *fresh = NEW_N(&a, struct fresh, l->n + 1);
    if (!write_committed(l, parts, &a, fresh, e))
        return false;
    fault_die_at("lake:after-files");
    if (l->spec.commit && !l->spec.commit(l->spec.arg, to, e))
        return err_in(e, "figures");
    for (size_t i = 0; i < l->n; i++)
        if (!lake_unnote(&l->at[i], e))     // or the next catalog would make it true
            return false;
    if (!write_ledgers(l, parts, to, fresh, e))
        return false;
    fault_die_at("lake:after-ledger");
    if (!write_durable(l, to, fresh, e))
        return false;
    show_committed(l);
    for (size_t i = 0; i < l->n; i++) {
        if (fresh[i].files.n)
            sealing_note(&l->sealing, (int)i, &l->at[i].catalog, fresh[i].files.n);
        lake_renew(&l->at[i]);
    }
    return true;
}

// Whoever imported hours of the past has no more of them.
static bool imported(const struct lake *l, struct part *const *parts)
{
    bool any = false;
    for (size_t r = 0; r < l->spec.readers; r++)
        for (size_t i = 0; i < parts[r]->endeds; i++)
            any = any || parts[r]->ended[i].why == DONE_IMPORTED;
    return any;
}

static bool ending(struct lake *l)
{
    pthread_mutex_lock(&l->lock);
    bool last = false;
    for (size_t r = 0; r < l->spec.readers; r++) {
        const struct part *p = STAILQ_FIRST(&l->waiting[r]);
        last = last || (p && p->last);
    }
    pthread_mutex_unlock(&l->lock);
    return last;
}

// Rows stay in memory and in the write-ahead log until there is room. Whoever ends us meanwhile loses nothing.
bool lake_commit(struct lake *l, struct part *const *parts, uint64_t to)
{
    struct err e;
    l->generation++;            // once: a second try writes the same names
    while (!commit_once(l, parts, to, &e)) {
        lake_trouble(l, "log.commit", &e);
        if (ending(l))
            return false;
        stale_sweep(&l->stale, lake_shown(l));
        usleep(RETRY_MS * 1000);
    }
    l->seal_now = l->seal_now || imported(l, parts);
    if (!l->at[0].changed)
        lake_trouble_over(l);
    return true;
}
