// parquet_read.c: see parquet_read.h. A reader of Thrift's compact protocol that walks over what it does not know.
#include "log/parquet_read.h"
#include "log/thrift.h"
#include <string.h>
#include <zlib.h>

enum { DEEP_MAX = 16, LIST_MAX = 1 << 20, TAIL = 8, VARINT_MAX = 10 };
enum { T_BYTE = 3, T_I16 = 4, T_DOUBLE = 7, T_SET = 10, T_MAP = 11 };

struct in { const unsigned char *p, *end; bool bad; };

struct chunk_told { int64_t values, bytes, data_at, dictionary_at; };

// ---- Thrift ----

static unsigned byte(struct in *in)
{
    if (in->p == in->end) {
        in->bad = true;
        return 0;
    }
    return *in->p++;
}

static uint64_t varint(struct in *in)
{
    uint64_t v = 0;
    for (int i = 0; i < VARINT_MAX; i++) {
        unsigned b = byte(in);
        v |= (uint64_t)(b & 127) << (7 * i);
        if (b < 128)
            return v;
    }
    in->bad = true;
    return 0;
}

static int64_t integer(struct in *in)
{
    uint64_t v = varint(in);
    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

static void pass(struct in *in, uint64_t n)
{
    if (n > (uint64_t)(in->end - in->p))
        in->bad = true;
    else
        in->p += n;
}

// The next field of a struct: its id and type; false at its end.
static bool field(struct in *in, int *id, unsigned *type)
{
    unsigned head = byte(in);
    *type = head & 15;
    if (in->bad || head == 0)
        return false;
    *id = head >> 4 ? *id + (int)(head >> 4) : (int)(int16_t)integer(in);
    return !in->bad;
}

static size_t list(struct in *in, unsigned *of)
{
    unsigned head = byte(in);
    uint64_t n = head >> 4 == 15 ? varint(in) : head >> 4;
    *of = head & 15;
    if (n > LIST_MAX || n > (uint64_t)(in->end - in->p))
        in->bad = true;
    return in->bad ? 0 : (size_t)n;
}

static void skip(struct in *in, unsigned type, int deep);

static void skip_list(struct in *in, int deep)
{
    unsigned of;
    size_t n = list(in, &of);
    for (size_t i = 0; i < n && !in->bad; i++)
        if (of == THRIFT_TRUE || of == THRIFT_FALSE)
            byte(in);
        else
            skip(in, of, deep + 1);
}

static void skip_struct(struct in *in, int deep)
{
    unsigned type;
    for (int id = 0; field(in, &id, &type);)
        skip(in, type, deep + 1);
}

static void skip(struct in *in, unsigned type, int deep)
{
    if (deep > DEEP_MAX) {
        in->bad = true;
        return;
    }
    switch (type) {
    case THRIFT_TRUE: case THRIFT_FALSE: break;
    case T_BYTE: byte(in); break;
    case T_I16: case THRIFT_I32: case THRIFT_I64: varint(in); break;
    case T_DOUBLE: pass(in, 8); break;
    case THRIFT_BINARY: pass(in, varint(in)); break;
    case THRIFT_LIST: case T_SET: skip_list(in, deep); break;
    case THRIFT_STRUCT: skip_struct(in, deep); break;
    default: in->bad = true;            // maps stand in no part of a Parquet file that we know
    }
}

// ---- pages ----

struct page_told { int64_t stored, values; uint32_t crc; bool has_crc, is_data; };

static int64_t values_of(struct in *in)
{
    int64_t n = 0;
    unsigned type;
    for (int id = 0; field(in, &id, &type);)
        if (id == 1 && type == THRIFT_I32)
            n = integer(in);
        else
            skip(in, type, 0);
    return n;
}

static void read_page(struct in *in, struct page_told *p)
{
    unsigned type;
    *p = (struct page_told){.stored = -1};
    for (int id = 0; field(in, &id, &type);)
        if (id == 3 && type == THRIFT_I32) {
            p->stored = integer(in);
        } else if (id == 4 && type == THRIFT_I32) {
            p->crc = (uint32_t)integer(in);
            p->has_crc = true;
        } else if ((id == 5 || id == 8) && type == THRIFT_STRUCT) {
            p->values = values_of(in);
            p->is_data = true;
        } else {
            skip(in, type, 0);
        }
}

static bool damaged(struct err *e, size_t at, const char *what)
{
    return err_set(e, ERR_CHECK, "damaged at byte %zu: %s", at, what);
}

static bool check_pages(struct str file, const struct chunk_told *c, struct parquet_told *out, struct err *e)
{
    const unsigned char *begin = (const unsigned char *)file.p;
    int64_t from = c->dictionary_at > 0 && c->dictionary_at < c->data_at ? c->dictionary_at : c->data_at, values = 0;
    if (from < 4 || c->bytes < 0 || from > (int64_t)file.n || c->bytes > (int64_t)file.n - from)
        return damaged(e, 0, "a column chunk lies outside of the file");
    struct in in = {.p = begin + from, .end = begin + from + c->bytes};
    while (in.p < in.end) {
        struct page_told p;
        size_t at = (size_t)(in.p - begin);
        read_page(&in, &p);
        if (in.bad || p.stored < 0 || p.stored > in.end - in.p || p.values < 0)
            return damaged(e, at, "this is no page header");
        if (p.has_crc && (uint32_t)crc32(0, in.p, (unsigned)p.stored) != p.crc)
            return damaged(e, at, "the page's checksum is wrong");
        in.p += p.stored;
        out->pages++;
        out->summed += p.has_crc;
        values += p.is_data ? p.values : 0;
        if (values > c->values)
            break;
    }
    return values == c->values || damaged(e, (size_t)from, "a column chunk's pages hold another number of values");
}

// ---- the footer ----

static void read_meta(struct in *in, struct chunk_told *c)
{
    unsigned type;
    for (int id = 0; field(in, &id, &type);) {
        int64_t *to = id == 5 ? &c->values : id == 7 ? &c->bytes : id == 9 ? &c->data_at : id == 11 ? &c->dictionary_at
            : NULL;
        if (to && type == THRIFT_I64)
            *to = integer(in);
        else
            skip(in, type, 0);
    }
}

static bool read_chunk(struct in *in, struct str file, int64_t *rows, struct parquet_told *out, struct err *e)
{
    struct chunk_told c = {.values = -1};
    unsigned type;
    for (int id = 0; field(in, &id, &type);)
        if (id == 3 && type == THRIFT_STRUCT)
            read_meta(in, &c);
        else
            skip(in, type, 0);
    if (in->bad)
        return damaged(e, file.n, "the footer");
    *rows = c.values;
    return check_pages(file, &c, out, e);
}

static bool read_group(struct in *in, struct str file, int64_t *rows, struct parquet_told *out, struct err *e)
{
    unsigned type, of;
    int64_t said = -1, of_chunk = 0;
    bool same = true;
    size_t n = 0;
    int64_t first = -1;
    for (int id = 0; field(in, &id, &type);) {
        if (id == 3 && type == THRIFT_I64) {
            said = integer(in);
        } else if (id == 1 && type == THRIFT_LIST) {
            n = list(in, &of);
            for (size_t i = 0; i < n && of == THRIFT_STRUCT && !in->bad; i++) {
                if (!read_chunk(in, file, &of_chunk, out, e))
                    return false;
                same = same && (first < 0 || of_chunk == first);
                first = of_chunk;
            }
        } else {
            skip(in, type, 0);
        }
    }
    if (in->bad || said < 0 || !same || (n && first != said) || said > INT64_MAX - *rows)
        return damaged(e, file.n, "a row group says another number of rows than its columns");
    *rows += said;
    out->columns = n;
    return true;
}

static bool read_groups(struct in *in, struct str file, int64_t *rows, struct parquet_told *out, struct err *e)
{
    unsigned of;
    size_t n = list(in, &of);
    for (size_t i = 0; i < n && of == THRIFT_STRUCT && !in->bad; i++, out->groups++)
        if (!read_group(in, file, rows, out, e))
            return false;
    return true;
}

bool parquet_check(struct str file, struct parquet_told *out, struct err *e)
{
    const unsigned char *begin = (const unsigned char *)file.p;
    uint32_t footer;
    unsigned type;
    int64_t said = -1, rows = 0;
    *out = (struct parquet_told){0};
    if (file.n < 4 + TAIL || memcmp(begin, "PAR1", 4) != 0 || memcmp(begin + file.n - 4, "PAR1", 4) != 0)
        return damaged(e, 0, "it does not begin and end as a Parquet file");
    memcpy(&footer, begin + file.n - TAIL, sizeof footer);
    if (footer > file.n - 4 - TAIL)
        return damaged(e, file.n - TAIL, "the footer is longer than the file");
    struct in in = {.p = begin + file.n - TAIL - footer, .end = begin + file.n - TAIL};
    for (int id = 0; field(&in, &id, &type);) {
        if (id == 3 && type == THRIFT_I64)
            said = integer(&in);
        else if (id != 4 || type != THRIFT_LIST)
            skip(&in, type, 0);
        else if (!read_groups(&in, file, &rows, out, e))
            return false;
    }
    if (in.bad || said != rows)
        return damaged(e, file.n - TAIL - footer, "the footer");
    out->rows = rows;
    return true;
}
