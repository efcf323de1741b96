// parquet.c: see parquet.h. A chunk is encoded page by page into one scratch buffer, compressed into the file, and put
// back as it was when compression saved too little.
#include "log/bits.h"
#include "log/parquet_inner.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

enum {
    SAVES_TOO_LITTLE = 20,          // a twentieth
    LEVEL_OF_DULL = -50,            // zstd's quickest: little more than a copy
};

static const enum physical physical[] = {
    [COLUMN_TIME] = INT64, [COLUMN_INT32] = INT32, [COLUMN_INT64] = INT64, [COLUMN_MS] = INT32,
    [COLUMN_TEXT] = BYTE_ARRAY,
};

enum physical parquet_physical(enum column_type type)
{
    return physical[type];
}

// What a writer needs only while it writes a chunk. A server writes hundreds of files in turn, so it belongs to the
// thread.
static __thread struct scratch {
    struct buf page, head;
    ZSTD_CCtx *zstd;
    char *squeezed;                     // a page, compressed
    size_t squeezed_cap;
    uint16_t *dense;                    // [PAGE_ROWS + 1]; codes of a page
} scratch;

void parquet_thread_ends(void)
{
    buf_drop(&scratch.page);
    buf_drop(&scratch.head);
    free(scratch.squeezed);
    free(scratch.dense);
    ZSTD_freeCCtx(scratch.zstd);
    scratch = (struct scratch){0};
}

static void scratch_ready(void)
{
    if (scratch.zstd)
        return;
    scratch = (struct scratch){.page = buf_make(64 << 20), .head = buf_make(1 << 20), .zstd = ZSTD_createCCtx(),
                               .dense = malloc((PAGE_ROWS + 1) * sizeof *scratch.dense)};
    assert(scratch.zstd && scratch.dense);
}

static char *squeeze_room(size_t n)
{
    if (n > scratch.squeezed_cap) {
        free(scratch.squeezed);
        scratch.squeezed = malloc(n);
        scratch.squeezed_cap = n;
        assert(scratch.squeezed);
    }
    return scratch.squeezed;
}

struct parquet *parquet_new(int level, size_t max_bytes)
{
    struct parquet *p = calloc(1, sizeof *p);
    assert(p);
    p->file = buf_make(max_bytes);
    p->level = level;
    parquet_clear(p);
    return p;
}

void parquet_free(struct parquet *p)
{
    if (!p)
        return;
    buf_drop(&p->file);
    free(p->chunks);
    free(p->groups);
    free(p);
}

void parquet_clear(struct parquet *p)
{
    buf_clear(&p->file);
    buf_addz(&p->file, "PAR1");
    p->chunks_n = p->groups_n = 0;
    memset(p->column_bytes, 0, sizeof p->column_bytes);
}

const int64_t *parquet_column_bytes(const struct parquet *p)
{
    return p->column_bytes;
}

// ---- pages ----

static char *room(struct buf *b, size_t n)      // NULL: over the ceiling, remembered by b
{
    size_t at = b->n;
    buf_addn(b, 0, n);
    return b->failed ? NULL : b->p + at;
}

struct page_row { enum page type; enum encoding encoding; size_t values; };

static void put_header(struct parquet *p, const struct page_row *row, size_t clear, size_t stored, uint32_t crc)
{
    buf_clear(&scratch.head);
    struct thrift t = thrift_make(&scratch.head);
    thrift_i32(&t, 1, (int32_t)row->type);
    thrift_i32(&t, 2, (int32_t)clear);
    thrift_i32(&t, 3, (int32_t)stored);
    thrift_i32(&t, 4, (int32_t)crc);
    thrift_struct(&t, row->type == DATA_PAGE ? 5 : 7);
    thrift_i32(&t, 1, (int32_t)row->values);
    thrift_i32(&t, 2, (int32_t)row->encoding);
    if (row->type == DATA_PAGE) {
        thrift_i32(&t, 3, RLE);
        thrift_i32(&t, 4, RLE);
    }
    thrift_end(&t);
    thrift_end(&t);
    buf_add(&p->file, buf_str(&scratch.head));
}

static void put_page(struct parquet *p, struct chunk *c, const struct page_row *row)
{
    struct str clear = buf_str(&scratch.page);
    struct str stored = clear;
    if (c->codec == ZSTD) {
        size_t bound = ZSTD_compressBound(clear.n);
        char *squeezed = squeeze_room(bound);
        bool codes = row->encoding == RLE_DICTIONARY, dull = codes && p->dull_codes[c->column] && p->groups_n % 8;
        size_t n = ZSTD_compressCCtx(scratch.zstd, squeezed, bound, clear.p, clear.n, dull ? LEVEL_OF_DULL : p->level);
        if (codes && !dull)
            p->dull_codes[c->column] = n > clear.n - clear.n / SAVES_TOO_LITTLE;
        assert(!ZSTD_isError(n));
        stored = (struct str){squeezed, n};
    }
    size_t before = p->file.n;
    put_header(p, row, clear.n, stored.n, (uint32_t)crc32(0, (const unsigned char *)stored.p, (unsigned)stored.n));
    size_t header = p->file.n - before;
    buf_add(&p->file, stored);
    c->clear_bytes += (int64_t)(clear.n + header);
    c->bytes += (int64_t)(stored.n + header);
    buf_clear(&scratch.page);
}

// ---- values ----

static void put_dictionary(struct parquet *p, struct chunk *c, const struct column *col)
{
    enum physical as = physical[col->type];
    size_t n = col->entries;
    if (as == BYTE_ARRAY) {
        buf_add(&scratch.page, (struct str){col->bytes, col->bytes_n});
    } else if (as == INT64) {
        buf_add(&scratch.page, (struct str){(const char *)col->number, n * sizeof *col->number});
    } else {
        int32_t *to = (int32_t *)(void *)room(&scratch.page, n * sizeof *to);
        for (size_t i = 0; to && i < n; i++)
            memcpy(&to[i], &(int32_t){(int32_t)col->number[i]}, sizeof *to);
    }
    c->has_dictionary = true;
    c->dictionary_at = (int64_t)p->file.n;
    put_page(p, c, &(struct page_row){DICTIONARY_PAGE, PLAIN, n});
}

// Which rows have a value: 1 bit each, with its length before it.
static void put_levels(struct buf *page, const uint16_t *code, size_t n, bool nulls)
{
    size_t at = page->n;
    buf_addn(page, 0, sizeof(uint32_t));
    bits_put_levels(page, code, n, nulls);
    uint32_t length = (uint32_t)(page->n - at - sizeof(uint32_t));
    if (!page->failed)
        memcpy(page->p + at, &length, sizeof length);
}

// The codes of those rows that have one, without gaps.
static const uint16_t *without_nulls(const struct column *col, size_t from, size_t to, size_t *n)
{
    size_t k = 0;
    if (col->nulls == 0) {
        *n = to - from;
        return col->code + from;
    }
    for (size_t i = from; i < to; i++) {
        scratch.dense[k] = col->code[i];
        k += col->code[i] != CODE_NULL;
    }
    *n = k;
    return scratch.dense;
}

static void put_coded(struct parquet *p, struct chunk *c, const struct column *col, size_t from, size_t to)
{
    int width = bits_width(col->entries);
    size_t n;
    const uint16_t *codes = without_nulls(col, from, to, &n);
    if (col->type != COLUMN_TIME)
        put_levels(&scratch.page, col->code + from, to - from, col->nulls > 0);
    buf_addc(&scratch.page, (char)width);
    bits_put_codes(&scratch.page, codes, n, width);
    c->has_coded = true;
    put_page(p, c, &(struct page_row){DATA_PAGE, RLE_DICTIONARY, to - from});
}

// *plain: where the next value of col->plain begins.
static void put_plain(struct parquet *p, struct chunk *c, const struct column *col, size_t from, size_t to,
                      size_t *plain)
{
    enum physical as = physical[col->type];
    size_t begin = *plain;
    if (col->type != COLUMN_TIME)
        put_levels(&scratch.page, col->code + from, to - from, col->nulls > 0);
    for (size_t i = from; i < to; i++) {
        if (col->code[i] == CODE_NULL)
            continue;
        uint32_t length = 0;
        if (as == BYTE_ARRAY)
            memcpy(&length, col->plain + *plain, sizeof length);
        *plain += as == BYTE_ARRAY ? sizeof length + length : as == INT64 ? sizeof(int64_t) : sizeof(int32_t);
    }
    buf_add(&scratch.page, (struct str){col->plain + begin, *plain - begin});
    c->has_plain = true;
    put_page(p, c, &(struct page_row){DATA_PAGE, PLAIN, to - from});
}

static void put_pages(struct parquet *p, struct chunk *c, const struct column *col, size_t rows)
{
    size_t plain = 0, mixed = col->plain_from;
    c->clear_bytes = c->bytes = 0;
    c->has_dictionary = c->has_plain = c->has_coded = false;
    if (mixed > 0)
        put_dictionary(p, c, col);
    c->data_at = (int64_t)p->file.n;
    for (size_t from = 0, to; from < rows; from = to) {
        size_t end = from < mixed ? mixed : rows;
        to = end - from < PAGE_ROWS ? end : from + PAGE_ROWS;
        if (from < mixed)
            put_coded(p, c, col, from, to);
        else
            put_plain(p, c, col, from, to, &plain);
    }
}

// ---- groups ----

static struct chunk *new_chunk(struct parquet *p)
{
    if (p->chunks_n == p->chunks_cap) {
        p->chunks_cap = p->chunks_cap * 2 + 64;
        p->chunks = realloc(p->chunks, p->chunks_cap * sizeof *p->chunks);
        assert(p->chunks);
    }
    struct chunk *c = &p->chunks[p->chunks_n++];
    *c = (struct chunk){0};
    return c;
}

static struct group *new_group(struct parquet *p)
{
    if (p->groups_n == p->groups_cap) {
        p->groups_cap = p->groups_cap * 2 + 16;
        p->groups = realloc(p->groups, p->groups_cap * sizeof *p->groups);
        assert(p->groups);
    }
    return &p->groups[p->groups_n++];
}

static void put_chunk(struct parquet *p, struct chunk *c, const struct column *col, size_t rows)
{
    size_t at = p->file.n;
    scratch_ready();
    c->rows = (int64_t)rows;
    c->nulls = col->nulls;
    c->codec = p->level == PARQUET_PLAIN || (p->dull[c->column] && p->groups_n % 8) ? UNCOMPRESSED : ZSTD;
    put_pages(p, c, col, rows);
    bool dull = c->codec == UNCOMPRESSED || c->bytes > c->clear_bytes - c->clear_bytes / SAVES_TOO_LITTLE;
    if (dull && c->codec == ZSTD) {
        buf_cut(&p->file, at);
        c->codec = UNCOMPRESSED;
        put_pages(p, c, col, rows);
    }
    p->dull[c->column] = dull;
    p->column_bytes[c->column] += c->bytes;
    parquet_find_bounds(c, col);
}

static struct column *no_values(size_t rows, enum column_type type)
{
    struct column *c = column_new(type);
    for (size_t left = rows, k; left; left -= k) {
        k = left < BATCH_LINES ? left : BATCH_LINES;
        column_nulls(c, k);
    }
    return c;
}

static void put_empty_chunk(struct parquet *p, const struct schema *s, int column, struct group *g)
{
    struct chunk *c = new_chunk(p);
    struct column *none = no_values(g->rows, s->at[column].type);
    c->column = column;
    put_chunk(p, c, none, g->rows);
    column_free(none);
    g->clear_bytes += c->clear_bytes;
    g->bytes += c->bytes;
}

void parquet_group(struct parquet *p, const struct schema *s, struct column *const *columns, size_t rows)
{
    struct group g = {.first = p->chunks_n, .n = (size_t)s->n, .rows = rows};
    for (int i = 0; i < s->n; i++) {
        if (!columns[i]) {
            put_empty_chunk(p, s, i, &g);
            continue;
        }
        struct chunk *c = new_chunk(p);
        c->column = i;
        assert(columns[i]->rows == rows);
        put_chunk(p, c, columns[i], rows);
        g.clear_bytes += c->clear_bytes;
        g.bytes += c->bytes;
    }
    *new_group(p) = g;
}

static void moved(struct chunk *c, int64_t by)
{
    c->data_at += by;
    if (c->has_dictionary)
        c->dictionary_at += by;
}

// Where a group's bytes stand: its chunks follow each other.
static struct str group_bytes(const struct parquet *p, const struct group *g)
{
    if (!g->n)
        return S("");
    const struct chunk *c = &p->chunks[g->first];
    int64_t from = c->has_dictionary ? c->dictionary_at : c->data_at;
    return (struct str){p->file.p + from, (size_t)g->bytes};
}

void parquet_take(struct parquet *p, const struct parquet *from, size_t first)
{
    for (size_t i = first; i < from->groups_n; i++) {
        struct group g = from->groups[i], *to = new_group(p);
        struct str bytes = group_bytes(from, &g);
        int64_t by = (int64_t)p->file.n - (bytes.p - from->file.p);
        *to = g;
        to->first = p->chunks_n;
        for (size_t k = 0; k < g.n; k++) {
            struct chunk c = from->chunks[g.first + k];
            moved(&c, by);
            p->column_bytes[c.column] += c.bytes;
            *new_chunk(p) = c;
        }
        buf_add(&p->file, bytes);
    }
}

size_t parquet_groups(const struct parquet *p)
{
    return p->groups_n;
}

bool parquet_end(struct parquet *p, const struct schema *s, const struct parquet_pair *pairs, size_t pairs_n,
                 struct str *file, struct err *e)
{
    for (size_t g = 0; g < p->groups_n; g++) {
        struct group *group = &p->groups[g];
        group->late = p->chunks_n;
        for (int i = (int)group->n; i < s->n; i++)
            put_empty_chunk(p, s, i, group);
    }
    size_t at = p->file.n;
    parquet_put_footer(p, s, pairs, pairs_n);
    uint32_t length = (uint32_t)(p->file.n - at);
    buf_add(&p->file, (struct str){(const char *)&length, sizeof length});
    buf_addz(&p->file, "PAR1");
    if (!buf_ok(&p->file, e))
        return err_in(e, "a Parquet file");
    *file = buf_str(&p->file);
    return true;
}
