// column.c: see column.h.
#include "log/column.h"
#include "log/hash.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_SLOTS = 1 << 10,
    TEXT_SLACK = 32,
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
        c->number = malloc(DICT_MAX * sizeof *c->number);
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
        uint64_t hash = hash_text(c->bytes + at + sizeof n, n);
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

static inline uint16_t code_of_text(struct column *c, const char *p, uint32_t n, uint64_t hash)
{
    uint32_t had;
    for (uint64_t i = hash & c->mask, s; (s = c->slot[i]); i = (i + 1) & c->mask) {
        if (!slot_may_be(s, hash))
            continue;
        const char *entry = c->bytes + (s >> 32);
        memcpy(&had, entry, sizeof had);
        if (had == n && same_text(entry + sizeof had, p, n))
            return (uint16_t)((s & 0xffff) - 1);
    }
    return new_text(c, p, n, hash);
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

// Which cells have a value: their places, how many. Without a branch, since a login is there or not as chance will
// have it.
static inline size_t present(const char *base, const struct cell *cells, size_t n, uint16_t *place)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t at = cells[i].n == 1 ? cells[i].at : 0;
        place[k] = (uint16_t)i;
        k += !((cells[i].n == CELL_NONE) | ((cells[i].n == 1) & (base[at] == '-')));
    }
    return k;
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
    for (size_t i = 0; i < n; i++) {
        if (cells[i].n == last.n && (last.n == CELL_NONE || same_text(base + cells[i].at, base + last.at, last.n))) {
            ++*same;
        } else {
            bool null = is_null(base, cells[i]);
            last = cells[i];
            code = null ? CODE_NULL
                        : code_of_text(c, base + last.at, last.n, hash_text(base + last.at, last.n));
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
    uint16_t place[BATCH_LINES + 1], *code = c->code + c->rows, last = CODE_NULL;
    size_t k = present(base, cells, n, place);
    memset(code, 0xff, n * sizeof *code);
    for (size_t j = 0; j < k; j++) {
        struct cell cell = cells[place[j]];
        hash[j] = hash_text(base + cell.at, cell.n);
        __builtin_prefetch(&c->slot[hash[j] & c->mask]);
    }
    for (size_t j = 0; j < k; j++)
    {
        const char *entry = c->bytes + (c->slot[hash[j] & c->mask] >> 32);
        __builtin_prefetch(entry);
        __builtin_prefetch(entry + cells[place[j]].n + 3);
    }
    for (size_t j = 0; j < k; j++) {
        struct cell cell = cells[place[j]];
        uint16_t found = code_of_text(c, base + cell.at, cell.n, hash[j]);
        if (found == CODE_NULL) {
            c->nulls += (uint32_t)(place[j] - j);
            return place[j];
        }
        code[place[j]] = found;
        *same += found == last;
        last = found;
    }
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

// Codes of the small numbers that were met before; the places of the others that are there, and how many those are.
static inline size_t known_numbers(const struct column *c, const int64_t *v, const bool *is, size_t n, uint16_t *code,
                                   uint16_t *place)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        size_t at = is[i] && (uint64_t)v[i] < DIRECT ? (size_t)v[i] : DIRECT;      // 0 stands there: CODE_NULL
        code[i] = (uint16_t)(c->direct[at] - 1);
        place[k] = (uint16_t)i;
        k += is[i] & (code[i] == CODE_NULL);
    }
    return k;
}

// Returns where the dictionary was full, else n.
static size_t numbers_coded(struct column *c, const int64_t *v, const bool *is, size_t n, size_t *same)
{
    uint64_t hash[BATCH_LINES];
    uint16_t place[BATCH_LINES + 1], *code = c->code + c->rows, last_code = CODE_NULL;
    size_t k = known_numbers(c, v, is, n, code, place), done = n;
    int64_t last = 0;
    for (size_t j = 0; j < k && !c->repeats; j++) {
        hash[j] = hash_number(v[place[j]]);
        __builtin_prefetch(&c->slot[hash[j] & c->mask]);
    }
    for (size_t j = 0; j < k && done == n; j++) {
        size_t i = place[j];
        if (last_code != CODE_NULL && v[i] == last)
            ++*same;
        else
            last_code = code_of_number(c, v[i], c->repeats ? hash_number(v[i]) : hash[j]);
        last = v[i];
        code[i] = last_code;
        if (last_code == CODE_NULL)
            done = i;
    }
    for (size_t i = 0; i < done; i++)
        c->nulls += !is[i];
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
    uint16_t code = code_of_text(c, text, (uint32_t)value.n, hash_text(text, value.n));
    for (size_t i = 0; i < n; i++)
        c->code[c->rows + i] = code;
    counted(c, n);
}
