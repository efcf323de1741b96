// parquet_bounds.c: the least and the highest value of a chunk: see parquet_inner.h.
#include "log/parquet_inner.h"
#include <string.h>

static struct str head_of(struct str s)
{
    return str_head(s, BOUND_MAX);
}

static void widen_text(struct bounds *b, struct str low, struct str high)
{
    low = head_of(low), high = head_of(high);
    if (!b->any || str_cmp(low, (struct str){b->low, b->low_n}) < 0) {
        memcpy(b->low, low.p, low.n);
        b->low_n = low.n;
    }
    if (!b->any || str_cmp(high, (struct str){b->high, b->high_n}) > 0) {
        memcpy(b->high, high.p, high.n);
        b->high_n = high.n;
    }
    b->any = true;
}

static void widen_number(struct bounds *b, int64_t low, int64_t high)
{
    if (!b->any || low < b->min)
        b->min = low;
    if (!b->any || high > b->max)
        b->max = high;
    b->any = true;
}

void parquet_find_bounds(struct chunk *c, const struct column *col)
{
    struct bounds *b = &c->bounds;
    *b = col->plain_bounds;
    if (!b->any)
        *b = (struct bounds){0};
    if (col->type != COLUMN_TEXT) {
        for (uint32_t i = 0; i < col->entries; i++)
            widen_number(b, col->number[i], col->number[i]);
        return;
    }
    struct str low = {0}, high = {0};
    for (size_t at = 0; at < col->bytes_n;) {
        uint32_t n;
        memcpy(&n, col->bytes + at, sizeof n);
        struct str s = {col->bytes + at + sizeof n, n};
        if (at == 0 || str_cmp(s, low) < 0)
            low = s;
        if (at == 0 || str_cmp(s, high) > 0)
            high = s;
        at += sizeof n + n;
    }
    if (col->entries)
        widen_text(b, low, high);
}

// The least text that is higher than everything that begins with these bytes and is still UTF-8. false: there is none.
static bool raise_text(char *p, size_t *n)
{
    while (*n) {
        unsigned char c = (unsigned char)p[*n - 1];
        if (c < 0x7f) {
            p[*n - 1] = (char)(c + 1);
            return true;
        }
        do
            --*n;
        while (*n && ((unsigned char)p[*n] & 0xc0) == 0x80);
    }
    return false;
}

// Cut before a character that would be half.
static size_t whole_characters(const char *p, size_t n)
{
    size_t at = n;
    while (at > 0 && ((unsigned char)p[at - 1] & 0xc0) == 0x80)
        at--;
    if (at == 0)
        return n;
    unsigned char lead = (unsigned char)p[at - 1];
    size_t needs = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    return at - 1 + needs <= n ? n : at - 1;
}

void parquet_put_statistics(struct thrift *t, const struct chunk *c, enum column_type type)
{
    struct bounds b = c->bounds;
    int32_t low32 = (int32_t)b.min, high32 = (int32_t)b.max;
    struct str low, high;
    bool low_exact = true, high_exact = true, high_known = true;
    if (type == COLUMN_TEXT) {
        low_exact = b.low_n < BOUND_MAX;
        high_exact = b.high_n < BOUND_MAX;
        b.low_n = whole_characters(b.low, b.low_n);
        if (!high_exact) {
            b.high_n = whole_characters(b.high, b.high_n);
            high_known = raise_text(b.high, &b.high_n);
        }
        low = (struct str){b.low, b.low_n}, high = (struct str){b.high, b.high_n};
    } else if (parquet_physical(type) == INT64) {
        low = (struct str){(const char *)&b.min, sizeof b.min}, high = (struct str){(const char *)&b.max, sizeof b.max};
    } else {
        low = (struct str){(const char *)&low32, sizeof low32};
        high = (struct str){(const char *)&high32, sizeof high32};
    }
    thrift_struct(t, 12);
    thrift_i64(t, 3, c->nulls);
    if (b.any && high_known)
        thrift_text(t, 5, high);
    if (b.any)
        thrift_text(t, 6, low);
    if (b.any && high_known)
        thrift_bool(t, 7, high_exact);
    if (b.any)
        thrift_bool(t, 8, low_exact);
    thrift_end(t);
}
