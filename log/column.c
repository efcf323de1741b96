// column.c: see column.h.
#include "log/column.h"
#include "log/wide.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_SLOTS = 1 << 10,
    TEXT_SLACK = WIDE,
    DIRECT = 1 << 16,           // numbers below it have their code in a table of their own
};

struct column *column_new(enum column_type type)
{
    hash_ready();
    struct column *c = calloc(1, sizeof *c);
    assert(c);
    c->type = type;
    c->code = malloc(GROUP_ROWS * sizeof *c->code);
    c->mask = FIRST_SLOTS - 1;
    c->slot = calloc(FIRST_SLOTS, sizeof *c->slot);
    if (type == COLUMN_TEXT) {
        c->bytes = malloc(DICT_BYTES + TEXT_SLACK);
        assert(c->bytes);
    } else {
        c->number = malloc((DICT_MAX + 1) * sizeof *c->number);
        c->direct = calloc(DIRECT + 1, sizeof *c->direct);
        assert(c->number && c->direct);
    }
    assert(c->code && c->slot);
    return c;
}

void column_free(struct column *c)
{
    if (!c)
        return;
    free(c->code);
    free(c->bytes);
    free(c->number);
    free(c->direct);
    free(c->plain);
    free(c->slot);
    free(c);
}

void column_clear(struct column *c)
{
    c->rows = c->nulls = c->plain_from = c->entries = 0;
    c->bytes_n = c->plain_n = 0;
    c->given_up = false;
    c->plain_bounds.any = false;
    memset(c->slot, 0, (c->mask + 1) * sizeof *c->slot);
    if (c->direct)
        memset(c->direct, 0, DIRECT * sizeof *c->direct);
}

static inline uint64_t hash_number(int64_t v)
{
    return hash_fold((uint64_t)v ^ hash_key[1], hash_key[0]);
}

// ---- the dictionary ----
//
// A slot is 0 or holds code + 1 in its lowest 16 bits. Above it stand, for text, 16 bits of the hash and the place in
// `bytes`, so that a match costs one more look, at the bytes themselves; for numbers 48 bits of the number, which are
// all of it but for times.

static inline uint64_t text_slot(uint64_t hash, uint64_t at, uint32_t code)
{
    return at << 32 | (hash >> 48) << 16 | (code + 1);
}

static inline bool slot_may_be(uint64_t slot, uint64_t hash)
{
    return ((slot >> 16) & 0xffff) == hash >> 48;
}

static inline uint64_t number_slot(int64_t v, uint32_t code)
{
    return (uint64_t)v << 16 | (code + 1);
}

static void slot_put(struct column *c, uint64_t hash, uint64_t slot)
{
    uint32_t i = (uint32_t)hash & c->mask;
    while (c->slot[i])
        i = (i + 1) & c->mask;
    c->slot[i] = slot;
}

static void fill_slots(struct column *c)
{
    uint32_t n;
    for (uint32_t k = 0, at = 0; k < c->entries; k++, at += (uint32_t)sizeof n + n) {
        if (c->type != COLUMN_TEXT) {
            if ((uint64_t)c->number[k] >= DIRECT)
                slot_put(c, hash_number(c->number[k]), number_slot(c->number[k], k));
            n = 0;
            continue;
        }
        memcpy(&n, c->bytes + at, sizeof n);
        uint64_t hash = wide_hash(c->bytes + at + sizeof n, n, wide_blocks(n));
        slot_put(c, hash, text_slot(hash, at, k));
    }
}

static uint16_t added(struct column *c, uint64_t hash, uint64_t slot)
{
    uint32_t code = c->entries++;
    if (c->entries * 2 <= c->mask) {
        slot_put(c, hash, slot);
        return (uint16_t)code;
    }
    uint32_t slots = (c->mask + 1) * 4;
    free(c->slot);
    c->slot = calloc(slots, sizeof *c->slot);
    assert(c->slot);
    c->mask = slots - 1;
    fill_slots(c);
    return (uint16_t)code;
}

// CODE_NULL: the dictionary is full.
static __attribute__((noinline)) uint16_t new_text(struct column *c, const char *p, uint32_t n, uint64_t hash)
{
    if (c->entries == DICT_MAX || c->bytes_n + sizeof n + n > DICT_BYTES)
        return CODE_NULL;
    uint64_t slot = text_slot(hash, c->bytes_n, c->entries);
    memcpy(c->bytes + c->bytes_n, &n, sizeof n);
    memcpy(c->bytes + c->bytes_n + sizeof n, p, n);
    c->bytes_n += sizeof n + n;
    return added(c, hash, slot);
}

static inline bool slot_is(const struct column *c, uint64_t slot, const char *p, uint32_t n, size_t blocks)
{
    uint32_t had;
    const char *entry = c->bytes + (slot >> 32);
    memcpy(&had, entry, sizeof had);
    return had == n && wide_same(entry + sizeof had, p, n, blocks);
}

static __attribute__((noinline)) uint16_t look_for_text(struct column *c, const char *p, uint32_t n, uint64_t hash)
{
    for (uint64_t i = hash & c->mask, s; (s = c->slot[i]); i = (i + 1) & c->mask)
        if (slot_may_be(s, hash) && slot_is(c, s, p, n, wide_blocks(n)))
            return (uint16_t)((s & 0xffff) - 1);
    return new_text(c, p, n, hash);
}

static inline uint16_t code_of_text(struct column *c, const char *p, uint32_t n, size_t blocks, uint64_t hash)
{
    uint64_t s = c->slot[hash & c->mask];
    if (s && slot_may_be(s, hash) && slot_is(c, s, p, n, blocks))
        return (uint16_t)((s & 0xffff) - 1);
    return look_for_text(c, p, n, hash);
}

static __attribute__((noinline)) uint16_t new_number(struct column *c, int64_t v, uint64_t hash)
{
    if (c->entries == DICT_MAX)
        return CODE_NULL;
    c->number[c->entries] = v;
    if ((uint64_t)v >= DIRECT)
        return added(c, hash, number_slot(v, c->entries));
    c->direct[v] = (uint16_t)(c->entries + 1);
    return (uint16_t)c->entries++;
}

static inline uint16_t code_of_number(struct column *c, int64_t v, uint64_t hash)
{
    if ((uint64_t)v < DIRECT)
        return c->direct[v] ? (uint16_t)(c->direct[v] - 1) : new_number(c, v, hash);
    for (uint64_t i = hash & c->mask, s; (s = c->slot[i]); i = (i + 1) & c->mask)
        if (s >> 16 == ((uint64_t)v << 16) >> 16 && c->number[(s & 0xffff) - 1] == v)
            return (uint16_t)((s & 0xffff) - 1);
    return new_number(c, v, hash);
}

// ---- what comes after the dictionary is full ----

static char *plain_room(struct column *c, size_t n)
{
    if (c->plain_n + n > c->plain_cap) {
        c->plain_cap = (c->plain_n + n) * 2 + 4096;
        c->plain = realloc(c->plain, c->plain_cap);
        assert(c->plain);
    }
    char *p = c->plain + c->plain_n;
    c->plain_n += n;
    return p;
}

static void put_bound(char *to, size_t *to_n, const char *p, size_t n)
{
    *to_n = n < BOUND_MAX ? n : BOUND_MAX;
    memcpy(to, p, *to_n);
}

// Bounds hold the first BOUND_MAX bytes; equal so far counts as not lower, not higher.
static int compare_head(const char *p, size_t n, const char *q, size_t m)
{
    int d = memcmp(p, q, n < m ? n : m);
    return d ? d : (n > m) - (n < m);
}

static void plain_text(struct column *c, const char *p, size_t n)
{
    struct bounds *b = &c->plain_bounds;
    uint32_t length = (uint32_t)n;
    char *to = plain_room(c, sizeof length + n);
    memcpy(to, &length, sizeof length);
    memcpy(to + sizeof length, p, n);
    size_t head = n < BOUND_MAX ? n : BOUND_MAX;
    if (!b->any || compare_head(p, head, b->low, b->low_n) < 0)
        put_bound(b->low, &b->low_n, p, n);
    if (!b->any || compare_head(p, head, b->high, b->high_n) > 0)
        put_bound(b->high, &b->high_n, p, n);
    b->any = true;
}

static void plain_number(struct column *c, int64_t v)
{
    struct bounds *b = &c->plain_bounds;
    bool wide = c->type == COLUMN_INT64 || c->type == COLUMN_TIME;
    int32_t narrow = (int32_t)v;
    if (wide)
        memcpy(plain_room(c, sizeof v), &v, sizeof v);
    else
        memcpy(plain_room(c, sizeof narrow), &narrow, sizeof narrow);
    if (!b->any || v < b->min)
        b->min = v;
    if (!b->any || v > b->max)
        b->max = v;
    b->any = true;
}

static void give_up(struct column *c, uint32_t row)
{
    c->given_up = true;
    c->plain_from = row;
}

static void counted(struct column *c, size_t n)
{
    c->rows += (uint32_t)n;
    if (!c->given_up)
        c->plain_from = c->rows;
}

// ---- batches ----

static inline bool is_null(const char *base, struct cell c)
{
    return c.n == CELL_NONE || (c.n == 1 && base[c.at] == '-');
}

// Which cells have a value: their places, how many, and the longest. Without a branch, since a login is there or not as
// chance will have it.
static size_t present(const char *base, const struct cell *cells, size_t n, uint16_t *place, size_t *longest)
{
    uint32_t least = UINT32_MAX, most = 0;          // of lengths and one: CELL_NONE is 0
    for (size_t i = 0; i < n; i++) {
        uint32_t more = cells[i].n + 1;
        least = more < least ? more : least;
        most = more > most ? more : most;
    }
    *longest = most ? most - 1 : 0;
    for (size_t i = 0; i < n; i++)
        place[i] = (uint16_t)i;
    if (least > 2)                                  // none is missing, nor "-"
        return n;
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t at = cells[i].n == 1 ? cells[i].at : 0;
        place[k] = (uint16_t)i;
        k += !((cells[i].n == CELL_NONE) | ((cells[i].n == 1) & (base[at] == '-')));
    }
    return k;
}

static size_t repeated(const uint16_t *code, size_t n)
{
    size_t same = 0;
    for (size_t i = 1; i < n; i++)
        same += (code[i] == code[i - 1]) & (code[i] != CODE_NULL);
    return same;
}

static void text_after(struct column *c, const char *base, const struct cell *cells, size_t from, size_t n)
{
    for (size_t i = from; i < n; i++) {
        bool null = is_null(base, cells[i]);
        c->code[c->rows + i] = null ? CODE_NULL : 0;
        c->nulls += null;
        if (!null)
            plain_text(c, base + cells[i].at, cells[i].n);
    }
}

// Values that mostly repeat: compared with the one before. Returns where the dictionary was full, else n.
static size_t text_repeating(struct column *c, const char *base, const struct cell *cells, size_t n, size_t *same)
{
    struct cell last = {0, CELL_NONE};
    uint16_t code = CODE_NULL;
    size_t blocks = 0;
    for (size_t i = 0; i < n; i++) {
        const char *p = base + cells[i].at;
        if (cells[i].n == last.n && (last.n == CELL_NONE || wide_same(p, base + last.at, last.n, blocks))) {
            ++*same;
        } else {
            bool null = is_null(base, cells[i]);
            last = cells[i];
            blocks = last.n == CELL_NONE ? 0 : wide_blocks(last.n);
            code = null ? CODE_NULL : code_of_text(c, p, last.n, blocks, wide_hash(p, last.n, blocks));
            if (code == CODE_NULL && !null)
                return i;
        }
        c->nulls += code == CODE_NULL;
        c->code[c->rows + i] = code;
    }
    return n;
}

// Values that mostly differ: first all hashes, then all slots, each asking for the memory that the next step looks
// at, so that the misses overlap.
static size_t text_scattered(struct column *c, const char *base, const struct cell *cells, size_t n, size_t *same)
{
    uint64_t hash[BATCH_LINES];
    uint16_t place[BATCH_LINES + 1], *code = c->code + c->rows;
    size_t longest, k = present(base, cells, n, place, &longest), blocks = wide_blocks(longest);
    const uint64_t *slot = c->slot;
    uint32_t mask = c->mask;
    for (size_t j = 0; j < k; j++) {
        struct cell cell = cells[place[j]];
        hash[j] = wide_hash(base + cell.at, cell.n, blocks);
        __builtin_prefetch(&slot[hash[j] & mask]);
    }
    for (size_t j = 0; j < k; j++) {
        const char *entry = c->bytes + (slot[hash[j] & mask] >> 32);
        for (size_t at = 0; at <= blocks * 16; at += 64)
            __builtin_prefetch(entry + at);
    }
    memset(code, 0xff, n * sizeof *code);
    for (size_t j = 0; j < k; j++) {
        struct cell cell = cells[place[j]];
        uint16_t found = code_of_text(c, base + cell.at, cell.n, blocks, hash[j]);
        if (found == CODE_NULL) {
            c->nulls += (uint32_t)(place[j] - j);
            return place[j];
        }
        code[place[j]] = found;
    }
    *same = repeated(code, n);
    c->nulls += (uint32_t)(n - k);
    return n;
}

void column_text(struct column *c, const char *base, const struct cell *cells, size_t n)
{
    size_t same = 0, done = 0;
    if (!c->given_up) {
        done = c->repeats ? text_repeating(c, base, cells, n, &same) : text_scattered(c, base, cells, n, &same);
        c->repeats = same * 2 > n;
        if (done < n)
            give_up(c, c->rows + (uint32_t)done);
    }
    text_after(c, base, cells, done, n);
    counted(c, n);
}

// Which rows of a batch are still to be given a code: small numbers that are new, and large ones.
struct rest { uint16_t small[BATCH_LINES + 1], large[BATCH_LINES + 1]; size_t small_n, large_n; };

// Codes of the small numbers that were met before; returns how many rows of those that are there have none yet.
static inline size_t known_numbers(const struct column *c, const int64_t *v, const bool *is, size_t n, uint16_t *code)
{
    const uint16_t *direct = c->direct;
    size_t without = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t x = (uint64_t)v[i] | ((uint64_t)is[i] - 1);        // what is not there is too large
        code[i] = (uint16_t)(direct[x < DIRECT ? x : DIRECT] - 1);  // 0 stands there: CODE_NULL
    }
    for (size_t i = 0; i < n; i++)
        without += is[i] & (code[i] == CODE_NULL);
    return without;
}

static inline void find_rest(const int64_t *v, const bool *is, size_t n, const uint16_t *code, struct rest *rest)
{
    size_t small = 0, large = 0;
    for (size_t i = 0; i < n; i++) {
        bool without = is[i] & (code[i] == CODE_NULL), fits = (uint64_t)v[i] < DIRECT;
        rest->small[small] = rest->large[large] = (uint16_t)i;
        small += without & fits;
        large += without & !fits;
    }
    rest->small_n = small;
    rest->large_n = large;
}

// Of a column that is noise every second number is new, as chance will have it, so this does not branch on whether it
// is: it may have come in the same batch before.
static inline void new_numbers(struct column *c, const int64_t *v, uint16_t *code, const struct rest *rest)
{
    uint32_t entries = c->entries;
    for (size_t j = 0; j < rest->small_n; j++) {
        size_t i = rest->small[j];
        uint32_t had = c->direct[v[i]];
        c->number[entries] = v[i];
        entries += !had;
        had = had ? had : entries;
        c->direct[v[i]] = (uint16_t)had;
        code[i] = (uint16_t)(had - 1);
    }
    c->entries = entries;
}

static inline void large_numbers(struct column *c, const int64_t *v, uint16_t *code, const struct rest *rest,
                                 size_t *same)
{
    uint64_t hash[BATCH_LINES];
    uint16_t last_code = CODE_NULL;
    int64_t last = 0;
    for (size_t j = 0; j < rest->large_n && !c->repeats; j++) {
        hash[j] = hash_number(v[rest->large[j]]);
        __builtin_prefetch(&c->slot[hash[j] & c->mask]);
    }
    for (size_t j = 0; j < rest->large_n; j++) {
        size_t i = rest->large[j];
        if (last_code != CODE_NULL && v[i] == last)
            ++*same;
        else
            last_code = code_of_number(c, v[i], c->repeats ? hash_number(v[i]) : hash[j]);
        last = v[i];
        code[i] = last_code;
    }
}

// While there is no room for as many new numbers as the batch has rows. Returns where the dictionary was full, else n.
static size_t numbers_one_by_one(struct column *c, const int64_t *v, const bool *is, size_t n, uint16_t *code)
{
    for (size_t i = 0; i < n; i++) {
        code[i] = is[i] ? code_of_number(c, v[i], hash_number(v[i])) : CODE_NULL;
        if (is[i] && code[i] == CODE_NULL)
            return i;
    }
    return n;
}

// Returns where the dictionary was full, else n.
static size_t numbers_coded(struct column *c, const int64_t *v, const bool *is, size_t n, size_t *same)
{
    uint16_t *code = c->code + c->rows;
    uint32_t there = 0;
    size_t done = n;
    if (c->entries + n <= DICT_MAX) {
        struct rest rest;
        if (known_numbers(c, v, is, n, code)) {
            find_rest(v, is, n, code, &rest);
            new_numbers(c, v, code, &rest);
            large_numbers(c, v, code, &rest, same);
        }
    } else {
        done = numbers_one_by_one(c, v, is, n, code);
    }
    for (size_t i = 0; i < done; i++)
        there += is[i];
    c->nulls += (uint32_t)done - there;
    return done;
}

void column_numbers(struct column *c, const int64_t *v, const bool *is, size_t n)
{
    size_t same = 0, done = 0;
    if (!c->given_up) {
        done = numbers_coded(c, v, is, n, &same);
        c->repeats = same * 2 > n;
        if (done < n)
            give_up(c, c->rows + (uint32_t)done);
    }
    for (size_t i = done; i < n; i++) {
        c->code[c->rows + i] = is[i] ? 0 : CODE_NULL;
        c->nulls += !is[i];
        if (is[i])
            plain_number(c, v[i]);
    }
    counted(c, n);
}

void column_nulls(struct column *c, size_t n)
{
    memset(c->code + c->rows, 0xff, n * sizeof *c->code);
    c->nulls += (uint32_t)n;
    counted(c, n);
}

void column_same(struct column *c, struct str value, size_t n)
{
    char text[256 + TEXT_SLACK] = {0};
    assert(value.n <= 256 && !c->given_up);
    memcpy(text, value.p, value.n);
    size_t blocks = wide_blocks(value.n);
    uint16_t code = code_of_text(c, text, (uint32_t)value.n, blocks, wide_hash(text, value.n, blocks));
    for (size_t i = 0; i < n; i++)
        c->code[c->rows + i] = code;
    counted(c, n);
}
