// ltsv.c: from marks to cells.
#include "log/ltsv.h"
#include "log/field.h"
#include "log/hash.h"
#include "log/when.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WINDOW = 128 << 10,         // marks are found for so much at a time: they stay in the second cache
    PATIENCE = 16,              // lines in another order before it is learned
    SLOTS = 256,                // label to column; more than twice SCHEMA_MAX
    WATCHED = 256,              // labels without a column that are counted
    TRIAL = 10000, OFTEN = 10,  // a tenth of a percent of so many lines makes a column
    ROOM_FOR_NEW = 64,          // columns that unknown labels may take
};

// 16 bytes at once, in whatever registers the processor has.
typedef unsigned char v16 __attribute__((vector_size(16)));
typedef long long v2 __attribute__((vector_size(16)));

struct expected {
    v16 label, care;            // "\tstatus:" and ff for its bytes; no tab before the first label of a line
    uint32_t skip;              // of the label and its colon
    int column;
};

struct watched { char name[LABEL_MAX]; size_t n; uint32_t seen; };

struct ltsv {
    struct schema *schema;
    batch_fn *fn;
    void *arg;
    int64_t low, high;
    struct expected order[SCHEMA_MAX];
    size_t order_n;
    size_t longer[SCHEMA_MAX];  // of the order: labels that do not fit 16 bytes
    size_t longer_n;
    int misses;
    int loose[SCHEMA_MAX];      // columns filled in this batch that are not in the order
    size_t loose_n;
    short slot[SLOTS];          // column + 1
    int slots_for;              // the schema's number for which slots were made
    struct watched watched[WATCHED];
    size_t watched_n;
    uint32_t watched_lines, new_columns;
    char *extra;
    size_t extra_n, extra_cap;
    struct batch *batch;
    uint32_t *marks;
};

struct str bad_reason_name(enum bad_reason r)
{
    static const char *const names[BAD_REASONS] = {"no_label", "no_time", "utf8", "long", "torn", "time"};
    return str_z(names[r]);
}

struct ltsv *ltsv_new(struct schema *s, batch_fn *fn, void *arg)
{
    struct ltsv *l = aligned_alloc(64, (sizeof *l + 63) & ~(size_t)63);
    assert(l);
    memset(l, 0, sizeof *l);
    *l = (struct ltsv){.schema = s, .fn = fn, .arg = arg, .low = INT64_MIN, .high = INT64_MAX};
    l->batch = malloc(sizeof *l->batch);
    l->marks = malloc(MARKS_ROOM(WINDOW) * sizeof *l->marks);
    assert(l->batch && l->marks);
    return l;
}

void ltsv_free(struct ltsv *l)
{
    if (!l)
        return;
    free(l->extra);
    free(l->batch);
    free(l->marks);
    free(l);
}

void ltsv_times(struct ltsv *l, int64_t low_us, int64_t high_us)
{
    l->low = low_us;
    l->high = high_us;
}

// ---- label to column ----

static size_t slot_of(const char *p, size_t n)
{
    return (n * 31 + (unsigned char)p[0] * 7 + (unsigned char)p[n - 1] * 131) % SLOTS;
}

static void make_slots(struct ltsv *l)
{
    memset(l->slot, 0, sizeof l->slot);
    for (int c = 0; c < l->schema->n; c++) {
        const struct column_def *d = &l->schema->at[c];
        // What we make ourselves is no place for what a line says.
        if (c == SCHEMA_SERVER || c == SCHEMA_EXTRA || str_ends((struct str){d->name, d->name_n}, S("__s")))
            continue;
        size_t i = slot_of(d->name, d->name_n);
        while (l->slot[i])
            i = (i + 1) % SLOTS;
        l->slot[i] = (short)(c + 1);
    }
    l->slots_for = l->schema->number;
}

static int column_of(struct ltsv *l, struct str label)
{
    if (l->slots_for != l->schema->number)
        make_slots(l);
    for (size_t i = slot_of(label.p, label.n); l->slot[i]; i = (i + 1) % SLOTS) {
        const struct column_def *d = &l->schema->at[l->slot[i] - 1];
        if (d->name_n == label.n && memcmp(d->name, label.p, label.n) == 0)
            return l->slot[i] - 1;
    }
    return -1;
}

// A label that was never met: a known one gets its column at once, another one when it has come often enough.
static int new_column(struct ltsv *l, struct str label)
{
    enum column_type type;
    if (str_eq(label, S("server")) || str_eq(label, S("extra")) || str_ends(label, S("__s")) || !label_ok(label))
        return -1;
    if (label_type(label, &type))
        return schema_add_typed(l->schema, label, type);
    size_t i = 0;
    while (i < l->watched_n && !str_eq(label, (struct str){l->watched[i].name, l->watched[i].n}))
        i++;
    if (i == WATCHED || l->new_columns == ROOM_FOR_NEW)
        return -1;
    if (i == l->watched_n) {
        l->watched[i] = (struct watched){.n = label.n};
        memcpy(l->watched[i].name, label.p, label.n);
        l->watched_n++;
    }
    if (++l->watched[i].seen < OFTEN)
        return -1;
    l->new_columns++;
    l->watched[i] = l->watched[--l->watched_n];
    return schema_add_typed(l->schema, label, COLUMN_TEXT);
}

// Rare labels are forgotten now and then, so that "often" means often.
static void count_for_watched(struct ltsv *l)
{
    if (++l->watched_lines >= TRIAL)
        l->watched_lines = 0, l->watched_n = 0;
}

// ---- the batch ----

static void begin_batch(struct ltsv *l, const char *text)
{
    struct batch *b = l->batch;
    b->text = text;
    b->rows = b->bad_n = b->blank = b->bytes = 0;
    memset(b->filled, 0, sizeof b->filled);
    for (size_t i = 0; i < l->order_n; i++)
        b->filled[l->order[i].column] = true;
    l->loose_n = 0;
    l->extra_n = 0;
}

static void copy_row(struct ltsv *l, size_t to, size_t from)
{
    struct batch *b = l->batch;
    for (size_t i = 0; i < l->order_n; i++)
        b->cells[l->order[i].column][to] = b->cells[l->order[i].column][from];
    for (size_t i = 0; i < l->loose_n; i++)
        b->cells[l->loose[i]][to] = b->cells[l->loose[i]][from];
}

static struct cell line_around(const struct batch *b, struct cell inside)
{
    const char *p = b->text + inside.at, *end = p;
    while (p > b->text && p[-1] != '\n')
        p--;
    end = rawmemchr(end, '\n');
    return (struct cell){(uint32_t)(p - b->text), (uint32_t)(end - p)};
}

static void add_bad(struct ltsv *l, struct cell line, enum bad_reason why)
{
    l->batch->bad[l->batch->bad_n++] = (struct bad_line){line, why};
}

// Reads the times; rows without one leave, the others close up.
static void read_times(struct ltsv *l)
{
    struct batch *b = l->batch;
    struct when_cache cache = {0};
    struct cell last = {0, CELL_NONE};          // a time that was read: us
    int64_t us = 0;
    size_t kept = 0;
    for (size_t i = 0; i < b->rows; i++) {
        struct cell c = b->cells[SCHEMA_TIME][i];
        const char *p = b->text + c.at;
        bool is = (c.n == last.n && same_text(p, b->text + last.at, c.n))
            || when_read(p, c.n, &cache, &us);
        if (is && us >= l->low && us <= l->high) {
            if (kept != i)
                copy_row(l, kept, i);
            b->time[kept++] = us;
        } else {
            add_bad(l, line_around(b, c), is ? BAD_TIME : BAD_NO_TIME);
        }
        last = is ? c : (struct cell){0, CELL_NONE};
    }
    b->rows = kept;
}

static void end_batch(struct ltsv *l)
{
    struct batch *b = l->batch;
    if (b->bytes == 0)
        return;
    if (b->rows)
        read_times(l);
    b->extra = l->extra;
    l->fn(l->arg, b);
}

// ---- a line in the expected order ----

static inline v16 load16(const char *p)
{
    v16 v;
    memcpy(&v, p, sizeof v);
    return v;
}

static bool longer_as_expected(const struct ltsv *l, const char *text)
{
    for (size_t i = 0; i < l->longer_n; i++) {
        const struct expected *x = &l->order[l->longer[i]];
        const struct column_def *d = &l->schema->at[x->column];
        const char *label = text + l->batch->cells[x->column][l->batch->rows].at - x->skip;
        if (memcmp(label, d->name, d->name_n) || label[d->name_n] != ':')
            return false;
    }
    return true;
}

// The tab before each label is compared with it, so a line break among the first n - 1 marks is seen too.
static inline bool line_as_expected(struct ltsv *l, const char *text, uint32_t start, const uint32_t *marks)
{
    struct batch *b = l->batch;
    v16 differs = {0};
    size_t row = b->rows, n = l->order_n;
    for (size_t k = 0; k < n; k++) {
        const struct expected *x = &l->order[k];
        differs |= (load16(text + start - 1) ^ x->label) & x->care;
        b->cells[x->column][row] = (struct cell){start + x->skip, marks[k] - start - x->skip};
        start = marks[k] + 1;
    }
    v2 d = (v2)differs;
    return (d[0] | d[1]) == 0 && text[marks[n - 1]] == '\n' && (l->longer_n == 0 || longer_as_expected(l, text));
}

// ---- any other line ----

static void fill(struct ltsv *l, int column)
{
    struct batch *b = l->batch;
    if (b->filled[column])
        return;
    b->filled[column] = true;
    for (size_t i = 0; i <= b->rows; i++)
        b->cells[column][i].n = CELL_NONE;
    l->loose[l->loose_n++] = column;
}

static void extra_add(struct ltsv *l, const char *p, size_t n)
{
    if (l->extra_n + n + LTSV_SLACK > l->extra_cap) {
        l->extra_cap = (l->extra_n + n + LTSV_SLACK) * 2;
        l->extra = realloc(l->extra, l->extra_cap);
        assert(l->extra);
    }
    memcpy(l->extra + l->extra_n, p, n);
    l->extra_n += n;
}

static void extra_text(struct ltsv *l, struct str s)
{
    static const char hex[] = "0123456789abcdef";
    extra_add(l, "\"", 1);
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\')
            extra_add(l, (char[]){'\\', (char)c}, 2);
        else if (c < 0x20)
            extra_add(l, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
        else
            extra_add(l, (char[]){(char)c}, 1);
    }
    extra_add(l, "\"", 1);
}

// {"label":"value",...}, one object a row.
static void put_extra(struct ltsv *l, struct str label, struct str value)
{
    struct batch *b = l->batch;
    struct cell *c = &b->cells[SCHEMA_EXTRA][b->rows];
    fill(l, SCHEMA_EXTRA);
    if (c->n == CELL_NONE) {
        *c = (struct cell){(uint32_t)l->extra_n, 0};
        extra_add(l, "{", 1);
    } else {
        l->extra[l->extra_n - 1] = ',';
    }
    extra_text(l, label);
    extra_add(l, ":", 1);
    extra_text(l, value);
    extra_add(l, "}", 1);
    c->n = (uint32_t)(l->extra_n - c->at);
}

static void forget_row(struct ltsv *l)
{
    struct batch *b = l->batch;
    for (size_t i = 0; i < l->order_n; i++)
        b->cells[l->order[i].column][b->rows].n = CELL_NONE;
    for (size_t i = 0; i < l->loose_n; i++)
        b->cells[l->loose[i]][b->rows].n = CELL_NONE;
}

static void put_cell(struct ltsv *l, const char *text, struct str label, struct str value, int column)
{
    struct batch *b = l->batch;
    if (column >= 0)
        fill(l, column);
    if (column < 0 || b->cells[column][b->rows].n != CELL_NONE)     // no column, or the label came twice
        put_extra(l, label, value);
    else
        b->cells[column][b->rows] = (struct cell){(uint32_t)(value.p - text), (uint32_t)value.n};
}

// Field by field. What it saw goes to `seen`, in case it is to become the order; *seen_n = 0: no order.
static bool line_by_labels(struct ltsv *l, const char *text, struct str line, int *seen, size_t *seen_n)
{
    size_t fields = 0, labels = 0;
    bool plain = true;
    forget_row(l);
    count_for_watched(l);
    *seen_n = 0;
    while (line.n) {
        struct str field = str_cut(&line, '\t');
        struct field at;
        if (!field_cut(field, fields++ == 0, &at)) {
            char name[24];
            int n = snprintf(name, sizeof name, "_%zu", fields);
            if (field.n)
                put_extra(l, (struct str){name, (size_t)n}, field);
            plain = false;
            continue;
        }
        labels++;
        int column = column_of(l, at.label);
        if (column < 0)
            column = new_column(l, at.label);
        if (at.before.n)
            put_extra(l, S("_before"), at.before);
        put_cell(l, text, at.label, at.value, column);
        plain = plain && column >= 0 && at.before.n == 0 && *seen_n < SCHEMA_MAX;
        if (plain)
            seen[(*seen_n)++] = column;
    }
    if (!plain)
        *seen_n = 0;
    return labels > 0;
}

static bool twice(const int *seen, size_t n)
{
    bool met[SCHEMA_MAX] = {false};
    for (size_t i = 0; i < n; i++) {
        if (met[seen[i]])
            return true;
        met[seen[i]] = true;
    }
    return false;
}

// Between batches only: the cells of a batch stand in the order that it began with.
static void learn(struct ltsv *l, const int *seen, size_t n)
{
    l->misses = 0;
    if (n == 0 || twice(seen, n))
        return;
    l->order_n = n;
    l->longer_n = 0;
    for (size_t i = 0; i < n; i++) {
        const struct column_def *d = &l->schema->at[seen[i]];
        unsigned char label[16] = "\t", care[16] = {i > 0 ? 0xff : 0};
        size_t fits = d->name_n < 14 ? d->name_n : 14;
        memcpy(label + 1, d->name, fits);
        label[fits + 1] = ':';
        memset(care + 1, 0xff, fits + (d->name_n <= 14));
        memcpy(&l->order[i].label, label, 16);
        memcpy(&l->order[i].care, care, 16);
        l->order[i].skip = (uint32_t)d->name_n + 1;
        l->order[i].column = seen[i];
        if (d->name_n > 14)
            l->longer[l->longer_n++] = i;
    }
}

// ---- the walk ----

static bool blank(struct str line)
{
    return line.n == 0 || (line.n == 1 && line.p[0] == '\r');
}

// A line break in C's sense: without "\r" before it, which other systems write.
static struct str bare(struct str line)
{
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

static void flush(struct ltsv *l, const char *text)
{
    end_batch(l);
    begin_batch(l, text);
}

static bool full(const struct batch *b)
{
    return b->rows + b->bad_n + b->blank >= BATCH_LINES;
}

static struct cell cell_of(const char *text, struct str line)
{
    return (struct cell){(uint32_t)(line.p - text), (uint32_t)line.n};
}

static void expected_line(struct ltsv *l, const char *text, struct str line, bool odd)
{
    struct batch *b = l->batch;
    if (line.n > LINE_MAX_BYTES) {
        add_bad(l, cell_of(text, line), BAD_LONG);
    } else if (odd && !str_utf8(line)) {
        add_bad(l, cell_of(text, line), BAD_UTF8);
    } else {
        for (size_t i = 0; i < l->loose_n; i++)
            b->cells[l->loose[i]][b->rows].n = CELL_NONE;
        b->cells[l->order[l->order_n - 1].column][b->rows].n -= line.p[line.n - 1] == '\r';
        b->rows++;
        l->misses = 0;
    }
}

static void other_line(struct ltsv *l, const char *text, struct str line, bool odd)
{
    struct batch *b = l->batch;
    struct cell cell = cell_of(text, line);
    int seen[SCHEMA_MAX];
    size_t seen_n = 0;
    if (blank(line)) {
        b->blank++;
        return;
    }
    if (line.n > LINE_MAX_BYTES) {
        add_bad(l, cell, BAD_LONG);
    } else if (odd && !str_utf8(line)) {
        add_bad(l, cell, BAD_UTF8);
    } else if (!line_by_labels(l, text, bare(line), seen, &seen_n)) {
        add_bad(l, cell, BAD_NO_LABEL);
    } else if (b->cells[SCHEMA_TIME][b->rows].n == CELL_NONE || !b->filled[SCHEMA_TIME]) {
        add_bad(l, cell, BAD_NO_TIME);
    } else {
        b->rows++;
        if ((++l->misses >= PATIENCE || l->order_n == 0) && seen_n) {
            flush(l, text);
            learn(l, seen, seen_n);
            begin_batch(l, text);
        }
    }
}

// One window of marks; returns where the first line begins that does not end in it.
static size_t read_window(struct ltsv *l, const char *text, size_t from, size_t to)
{
    bool odd;
    size_t n = marks_find(text + from, to - from, l->marks, &odd), k = 0;
    struct batch *b = l->batch;
    size_t start = from;
    for (size_t i = 0; i < n; i++)
        l->marks[i] += (uint32_t)from;
    while (k < n) {
        if (full(b))
            flush(l, text);
        if (l->order_n && k + l->order_n <= n && line_as_expected(l, text, (uint32_t)start, l->marks + k)) {
            k += l->order_n;
            expected_line(l, text, (struct str){text + start, l->marks[k - 1] - start}, odd);
            b->bytes += l->marks[k - 1] + 1 - start;
        } else {
            while (k < n && text[l->marks[k]] != '\n')
                k++;
            if (k == n)
                break;
            b->bytes += l->marks[k] + 1 - start;
            other_line(l, text, (struct str){text + start, l->marks[k] - start}, odd);
            k++;
        }
        start = l->marks[k - 1] + 1;
    }
    return start;
}

void ltsv_read(struct ltsv *l, const char *text, size_t n)
{
    size_t from = 0;
    assert(n < UINT32_MAX);
    begin_batch(l, text);
    while (from < n) {
        size_t to = n - from > WINDOW ? from + WINDOW : n;
        size_t next = read_window(l, text, from, to);
        if (next == from) {         // no line ends in this window
            const char *end = to < n ? memchr(text + to, '\n', n - to) : NULL;
            size_t length = end ? (size_t)(end - text) - from : n - from;
            if (full(l->batch))
                flush(l, text);
            add_bad(l, (struct cell){(uint32_t)from, (uint32_t)length}, length > LINE_MAX_BYTES ? BAD_LONG : BAD_TORN);
            next = from + length + (end ? 1 : 0);
            l->batch->bytes += next - from;
        }
        from = next;
    }
    end_batch(l);
}
