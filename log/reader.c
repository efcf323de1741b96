// reader.c: see reader.h.
#include "log/reader.h"
#include "base/say.h"
#include "log/hour.h"
#include "log/tail.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FILE_MAX = 1 << 30,
    BUSY_HOURS = 3,             // hours of a table whose columns stay in memory; a late line opens its hour again
    HOURS_MAX = 96,             // then a commit is asked for
    FRESH_LEVEL = 1,            // of zstd
};
#define HOUR_US INT64_C(3600000000)

struct hour {
    int table;
    int32_t hour;
    struct sheet *sheet;
    uint64_t used;              // counts up with every batch
    size_t told_open;           // rows that the last MADE_OPEN was made of, closed ones included
    bool has_open;
};

// Bad lines become rows of a table of their own through a batch that is made by hand.
struct aside {
    struct batch batch;
    struct buf text;
    struct schema schema;
};

struct feed {                   // a dataset, as this reader reads it
    struct reader *reader;
    struct set *set;
    struct ltsv *ltsv;
    struct schema schema;
    struct aside *aside;
    struct figures *figures;
    unsigned wants_version;
};

struct reader {
    struct reader_spec spec;
    pthread_t thread;
    struct queue *in;
    struct feed *feed[DATASETS_MAX];
    struct hour *hours;
    size_t hours_n, hours_cap;
    uint64_t clock;
    struct hour_cache zone;
    const struct job *job;      // whose lines are being read
    struct tally *tally;
    size_t tallies, tallies_cap;
    struct tally now;           // of the block being read
    struct ended *ended;
    size_t endeds;
    int64_t oldest_us;          // since the last mark
    struct caught *caught;      // the same
};

void caught_free(struct caught *c)
{
    for (struct caught *next; c; c = next) {
        next = c->next;
        free(c);
    }
}

void part_free(struct part *p)
{
    for (struct made *m; (m = STAILQ_FIRST(&p->made));) {
        STAILQ_REMOVE_HEAD(&p->made, next);
        free((char *)(uintptr_t)m->file.p);
        free(m);
    }
    for (size_t i = 0; i < DATASETS_MAX; i++)
        figures_part_free(p->figures[i]);
    caught_free(p->caught);
    free(p->tally);
    free(p->ended);
    free(p);
}

// ---- hours ----

static struct schema *schema_of(struct reader *r, int table)
{
    struct feed *f = r->feed[table / 2];
    return table % 2 ? &f->aside->schema : &f->schema;
}

// Memory for columns is given to the hours that were used last.
static void rest_others(struct reader *r, const struct hour *one)
{
    struct hour *oldest = NULL;
    int busy = 0;
    for (size_t i = 0; i < r->hours_n; i++) {
        struct hour *h = &r->hours[i];
        if (h == one || h->table != one->table || sheet_resting(h->sheet))
            continue;
        busy++;
        if (!oldest || h->used < oldest->used)
            oldest = h;
    }
    if (busy >= BUSY_HOURS)
        sheet_rest(oldest->sheet);
}

static struct hour *hour_at(struct reader *r, int table, int32_t number)
{
    for (size_t i = 0; i < r->hours_n; i++)
        if (r->hours[i].table == table && r->hours[i].hour == number)
            return &r->hours[i];
    if (r->hours_n == r->hours_cap) {
        r->hours_cap = r->hours_cap * 2 + 8;
        r->hours = realloc(r->hours, r->hours_cap * sizeof *r->hours);
        assert(r->hours);
    }
    if (r->hours_n == HOURS_MAX)
        r->spec.too_many_hours(r->spec.arg);
    struct hour *h = &r->hours[r->hours_n++];
    *h = (struct hour){.table = table, .hour = number, .sheet = sheet_new(schema_of(r, table), FRESH_LEVEL, FILE_MAX)};
    return h;
}

static void add_rows(struct reader *r, int table, int32_t number, struct str server, const struct batch *b, size_t from,
                     size_t to)
{
    struct hour *h = hour_at(r, table, number);
    h->used = ++r->clock;
    if (sheet_resting(h->sheet))
        rest_others(r, h);
    sheet_add(h->sheet, server, b, from, to);
}

// ---- rows ----

static void keep_rows(struct feed *f, const struct batch *b)
{
    struct reader *r = f->reader;
    int table = 2 * (f->set->id - 1);
    struct str server = str_z(r->job->stream->host);
    size_t from = 0;
    int32_t now = 0;
    for (size_t i = 0; i < b->rows; i++) {
        int32_t number = hour_of(&r->zone, b->time[i]);
        if (i > 0 && number != now) {
            add_rows(r, table, now, server, b, from, i);
            from = i;
        }
        now = number;
    }
    if (b->rows)
        add_rows(r, table, now, server, b, from, b->rows);
}

// ---- bad lines ----

static struct cell aside_text(struct aside *a, struct str s)
{
    struct cell c = {(uint32_t)a->text.n, (uint32_t)s.n};
    buf_add(&a->text, s);
    return c;
}

// Bytes that are no UTF-8, and NUL, as \xNN: what stands in the table is text, and nothing is lost but the difference
// to a backslash that was there before.
static struct cell aside_line(struct aside *a, struct str s)
{
    struct cell c = {(uint32_t)a->text.n, 0};
    if (str_utf8(s)) {
        buf_add(&a->text, s);
    } else {
        for (size_t i = 0; i < s.n; i++) {
            unsigned char x = (unsigned char)s.p[i];
            if (x >= 0x80 || x == 0)
                buf_addf(&a->text, "\\x%02x", x);
            else
                buf_addc(&a->text, (char)x);
        }
    }
    c.n = (uint32_t)(a->text.n - c.at);
    return c;
}

static struct cell aside_number(struct aside *a, uint64_t v)
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)v);
    return aside_text(a, (struct str){digits, (size_t)n});
}

static void flush_aside(struct feed *f)
{
    struct aside *a = f->aside;
    struct reader *r = f->reader;
    if (a->batch.rows == 0)
        return;
    buf_addn(&a->text, 0, LTSV_SLACK);
    assert(!a->text.failed);
    a->batch.text = a->text.p;
    add_rows(r, 2 * (f->set->id - 1) + 1, hour_of(&r->zone, a->batch.time[0]), str_z(r->job->stream->host), &a->batch,
             0, a->batch.rows);
    a->batch.rows = 0;
    buf_clear(&a->text);
    buf_addn(&a->text, 0, LTSV_SLACK);
}

// When the line came counts, not when it says that it was written: it may say anything.
// at: in the clear text of the block. Of lines that were changed on their way only the block's place is known.
static void keep_bad(struct feed *f, size_t at, struct str line, enum bad_reason why)
{
    struct aside *a = f->aside;
    const struct job *j = f->reader->job;
    if (j->lsn < f->set->bad->done)
        return;
    size_t i = a->batch.rows++;
    a->batch.time[i] = j->received_us;
    a->batch.cells[BAD_STREAM][i] = aside_number(a, j->stream->id);
    a->batch.cells[BAD_OFFSET][i] = aside_number(a, j->block.start + (j->block.raw_n == j->block.clear_n ? at : 0));
    a->batch.cells[BAD_REASON][i] = aside_text(a, bad_reason_name(why));
    a->batch.cells[BAD_LINE][i] = aside_line(a, line);
    if (a->batch.rows == BATCH_LINES || a->text.n > 8 << 20)
        flush_aside(f);
}

static void on_batch(void *arg, const struct batch *b)
{
    struct feed *f = arg;
    struct tally *t = &f->reader->now;
    t->lines += b->rows + b->bad_n + b->blank;
    t->rows += b->rows;
    t->bad += b->bad_n;
    t->blank += b->blank;
    if (f->reader->job->lsn >= f->set->rows->done)
        keep_rows(f, b);
    if (f->reader->job->lsn >= f->set->counted)
        figures_batch(f->figures, b, &f->schema, str_z(f->reader->job->stream->host));
    for (size_t i = 0; i < b->bad_n; i++)
        keep_bad(f, b->bad[i].line.at, (struct str){b->text + b->bad[i].line.at, b->bad[i].line.n}, b->bad[i].reason);
}

// ---- blocks ----

static struct feed *feed_of(struct reader *r, uint16_t dataset)
{
    struct feed **at = &r->feed[dataset - 1];
    if (*at)
        return *at;
    struct feed *f = *at = calloc(1, sizeof *f);
    assert(f);
    f->reader = r;
    f->set = tables_set(r->spec.tables, dataset);
    f->schema = schema_of_master(&f->set->rows->master);
    f->ltsv = ltsv_new(&f->schema, on_batch, f);
    f->figures = figures_new(&(struct strs){f->set->pages, f->set->pages_n, f->set->pages_n});
    f->aside = calloc(1, sizeof *f->aside);
    assert(f->aside);
    f->aside->schema = schema_of_master(&f->set->bad->master);
    f->aside->text = buf_make(64 << 20);
    buf_addn(&f->aside->text, 0, LTSV_SLACK);
    for (int i = 0; i < BAD_COLUMNS; i++)
        f->aside->batch.filled[i] = i != SCHEMA_EXTRA;
    return f;
}

// Blocks join, but not where the write-ahead log lost some (salvage.h): then there is another one, and audit sees the
// gap.
static struct tally *tally_of(struct reader *r, uint64_t stream, uint64_t start)
{
    for (size_t i = r->tallies; i-- > 0;)
        if (r->tally[i].stream == stream && r->tally[i].to == start)
            return &r->tally[i];
    if (r->tallies == r->tallies_cap) {
        r->tallies_cap = r->tallies_cap * 2 + 64;
        r->tally = realloc(r->tally, r->tallies_cap * sizeof *r->tally);
        assert(r->tally);
    }
    struct tally *t = &r->tally[r->tallies++];
    *t = (struct tally){.stream = stream, .from = UINT64_MAX};
    return t;
}

static void count_block(struct reader *r, const struct job *j)
{
    struct tally *t = tally_of(r, j->stream->id, j->block.start);
    if (t->from == UINT64_MAX)
        t->from = j->block.start;
    t->to = j->block.start + j->block.raw_n;
    t->lines += r->now.lines;
    t->rows += r->now.rows;
    t->bad += r->now.bad;
    t->blank += r->now.blank;
}

static void take_wants(struct feed *f)
{
    unsigned version = atomic_load(&f->set->wants_version);
    if (version == f->wants_version)
        return;
    f->wants_version = version;
    figures_want(f->figures, set_wants(f->set));
}

static void read_block(struct reader *r, const struct job *j)
{
    struct feed *f = feed_of(r, j->stream->dataset);
    r->job = j;
    r->now = (struct tally){0};
    take_wants(f);
    if (j->block.read_us > 0 && !j->stream->imported && (!r->oldest_us || j->block.read_us < r->oldest_us))
        r->oldest_us = j->block.read_us;
    ltsv_times(f->ltsv, j->stream->imported ? INT64_MIN : j->received_us - f->set->keep_us,
               j->stream->imported ? INT64_MAX : j->received_us + HOUR_US);
    if (j->flags & BLOCK_LONG) {
        r->now.lines = r->now.bad = 1;
        keep_bad(f, 0, (struct str){j->clear, j->block.clear_n}, BAD_LONG);
    } else {
        ltsv_read(f->ltsv, j->clear, j->block.clear_n);
    }
    flush_aside(f);
    if (tail_wanted())
        tail_offer(f->set->id, str_z(j->stream->host), (struct str){j->clear, j->block.clear_n}, r->spec.bell);
    if (j->lsn >= f->set->rows->done)
        count_block(r, j);
}

// ---- handing over ----

static struct made *new_made(struct part *p, const struct hour *h, enum made_kind kind)
{
    struct made *m = calloc(1, sizeof *m);
    assert(m);
    m->kind = kind;
    m->table = h->table;
    m->hour = h->hour;
    STAILQ_INSERT_TAIL(&p->made, m, next);
    return m;
}

static void put_made(struct part *p, const struct hour *h, enum made_kind kind, const struct sheet_part *s)
{
    if (s->rows == 0)
        return;
    struct made *m = new_made(p, h, kind);
    m->rows = s->rows;
    m->low_us = s->low_us;
    m->high_us = s->high_us;
    m->columns = s->columns;
    memcpy(m->column_bytes, s->column_bytes, sizeof m->column_bytes);
    char *copy = malloc(s->file.n);
    assert(copy);
    memcpy(copy, s->file.p, s->file.n);
    m->file = (struct str){copy, s->file.n};
}

// A file that is too large for its ceiling cannot be, so failing is a bug.
static void must(bool ok, const struct err *e)
{
    if (!ok)
        say_err("log.reader.failed", e);
    assert(ok);
}

static void give_fresh(struct part *p, struct hour *h, const struct parquet_pair *pairs, size_t n)
{
    struct err e;
    struct sheet_part s;
    if (h->has_open && sheet_n(h->sheet) == h->told_open) {
        new_made(p, h, MADE_SAME);
        return;
    }
    must(sheet_closed(h->sheet, pairs, n, &s, &e), &e);
    put_made(p, h, MADE_CLOSED, &s);
    must(sheet_open(h->sheet, pairs, n, &s, &e), &e);
    put_made(p, h, MADE_OPEN, &s);
    h->told_open = sheet_n(h->sheet);
    h->has_open = s.rows > 0;
}

static void give_all(struct part *p, struct hour *h, const struct parquet_pair *pairs, size_t n)
{
    struct err e;
    struct sheet_part s;
    must(sheet_file(h->sheet, pairs, n, &s, &e), &e);
    put_made(p, h, MADE_ALL, &s);
}

// An hour that the last commit left empty goes; one that was used stays with its columns' memory.
static void begin_anew(struct reader *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->hours_n; i++) {
        struct hour *h = &r->hours[i];
        if (sheet_n(h->sheet) == 0 || sheet_resting(h->sheet)) {
            sheet_free(h->sheet);
            continue;
        }
        sheet_clear(h->sheet);
        h->told_open = 0;
        h->has_open = false;
        r->hours[kept++] = *h;
    }
    r->hours_n = kept;
}

static void hand_over(struct reader *r, struct mark mark, bool last)
{
    struct part *p = calloc(1, sizeof *p);
    char lsn[24];
    assert(p);
    *p = (struct part){.reader = r->spec.number, .mark = mark, .last = last, .oldest_us = r->oldest_us,
                       .caught = r->caught};
    r->oldest_us = 0;
    r->caught = NULL;
    STAILQ_INIT(&p->made);
    snprintf(lsn, sizeof lsn, "%llu", (unsigned long long)mark.lsn);
    const struct parquet_pair pairs[] = {{S("rusuban.lsn"), str_z(lsn)}};
    for (size_t i = 0; i < r->hours_n && !last; i++)
        if (sheet_n(r->hours[i].sheet))
            (mark.commit ? give_all : give_fresh)(p, &r->hours[i], pairs, ARRAY_LEN(pairs));
    if (mark.commit) {
        begin_anew(r);
        p->tally = r->tally;
        p->tallies = r->tallies;
        p->ended = r->ended;
        p->endeds = r->endeds;
        r->tally = NULL;
        r->ended = NULL;
        r->tallies = r->tallies_cap = r->endeds = 0;
    }
    for (size_t i = 0; i < DATASETS_MAX && !last; i++)
        if (r->feed[i] && (mark.commit || atomic_load(&r->feed[i]->set->wants_version)))
            p->figures[i] = figures_take(r->feed[i]->figures);
    r->spec.hand_over(r->spec.arg, p);
}

static void note_end(struct reader *r, const struct job *j)
{
    r->ended = realloc(r->ended, (r->endeds + 1) * sizeof *r->ended);
    assert(r->ended);
    r->ended[r->endeds++] = (struct ended){j->stream->id, j->size, j->why};
}

static void note_caught(struct reader *r, struct job *j)
{
    j->caught->next = r->caught;
    r->caught = j->caught;
    j->caught = NULL;
}

static void *run(void *arg)
{
    struct reader *r = arg;
    bool stop = false;
    while (!stop) {
        struct job *j = queue_take(r->in, -1);
        if (j->kind == JOB_BLOCK)
            read_block(r, j);
        else if (j->kind == JOB_DONE)
            note_end(r, j);
        else if (j->kind == JOB_CAUGHT)
            note_caught(r, j);
        else if (j->kind == JOB_MARK)
            hand_over(r, j->mark, false);
        stop = j->kind == JOB_STOP;
        job_free(j);
    }
    hand_over(r, (struct mark){0}, true);
    parquet_thread_ends();
    return NULL;
}

struct reader *reader_start(const struct reader_spec *spec, struct queue *in)
{
    struct reader *r = calloc(1, sizeof *r);
    assert(r);
    r->spec = *spec;
    r->in = in;
    int failed = pthread_create(&r->thread, NULL, run, r);
    assert(!failed);
    return r;
}

static void feed_free(struct feed *f)
{
    if (!f)
        return;
    ltsv_free(f->ltsv);
    figures_free(f->figures);
    buf_drop(&f->aside->text);
    free(f->aside);
    free(f);
}

void reader_join(struct reader *r)
{
    pthread_join(r->thread, NULL);
    for (size_t i = 0; i < r->hours_n; i++)
        sheet_free(r->hours[i].sheet);
    for (size_t i = 0; i < DATASETS_MAX; i++)
        feed_free(r->feed[i]);
    free(r->hours);
    free(r->tally);
    free(r->ended);
    free(r);
}
