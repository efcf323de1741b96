// str.c: cutting, comparing and reading borrowed text, byte by byte.
#include "base/str.h"
#include <string.h>

struct str str_z(const char *z)
{
    return z ? (struct str){z, strlen(z)} : (struct str){"", 0};
}

bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int d = n ? memcmp(a.p, b.p, n) : 0;
    return d ? d : (a.n > b.n) - (a.n < b.n);
}

bool str_starts(struct str s, struct str head)
{
    return s.n >= head.n && str_eq(str_head(s, head.n), head);
}

bool str_ends(struct str s, struct str tail)
{
    return s.n >= tail.n && str_eq(str_from(s, s.n - tail.n), tail);
}

bool str_has(struct str s, char c)
{
    return s.n && memchr(s.p, c, s.n);
}

ptrdiff_t str_find(struct str s, struct str what)
{
    if (what.n == 0)
        return 0;
    const char *at = s.n ? memmem(s.p, s.n, what.p, what.n) : NULL;
    return at ? at - s.p : -1;
}

struct str str_from(struct str s, size_t at)
{
    return at >= s.n ? (struct str){"", 0} : (struct str){s.p + at, s.n - at};
}

struct str str_head(struct str s, size_t n)
{
    return (struct str){s.p, n < s.n ? n : s.n};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_space(char c)
{
    return is_blank(c) || c == '\n' || c == '\r';
}

struct str str_trim(struct str s)
{
    while (s.n && is_space(s.p[0]))
        s = str_from(s, 1);
    while (s.n && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

struct str str_cut(struct str *rest, char c)
{
    const char *at = rest->n ? memchr(rest->p, c, rest->n) : NULL;
    struct str head = at ? (struct str){rest->p, (size_t)(at - rest->p)} : *rest;
    *rest = at ? str_from(*rest, head.n + 1) : (struct str){"", 0};
    return head;
}

struct str str_word(struct str *rest)
{
    while (rest->n && is_blank(rest->p[0]))
        *rest = str_from(*rest, 1);
    size_t n = 0;
    while (n < rest->n && !is_blank(rest->p[n]))
        n++;
    struct str word = str_head(*rest, n);
    *rest = str_from(*rest, n);
    return word;
}

struct str str_last_line(struct str text)
{
    struct str last = S("");
    while (text.n) {
        struct str line = str_trim(str_cut(&text, '\n'));
        if (line.n)
            last = line;
    }
    return last;
}

bool str_plain(struct str s, const char *more)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && (c == 0 || !strchr(more, c)))
            return false;
    }
    return s.n > 0;
}

// Length of the well-formed sequence at the head of s, or 0 (RFC 3629, table of section 4).
static size_t utf8_step(struct str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    if (p[0] < 0x80)
        return p[0] != 0;
    size_t n = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4 || s.n < n)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    bool overlong = (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xF0 && p[1] < 0x90);
    bool surrogate = p[0] == 0xED && p[1] > 0x9F;
    bool beyond = p[0] == 0xF4 && p[1] > 0x8F;
    return overlong || surrogate || beyond ? 0 : n;
}

bool str_utf8(struct str s)
{
    while (s.n) {
        size_t n = utf8_step(s);
        if (n == 0)
            return false;
        s = str_from(s, n);
    }
    return true;
}

// Joiners (U+200C, U+200D) and variation selectors hold words and pictures together and stay, but not at the beginning.
static const struct { uint32_t from, to; } unseen[] = {
    {0x00, 0x1F}, {0x7F, 0x9F}, {0xAD, 0xAD}, {0x61C, 0x61C}, {0x115F, 0x1160}, {0x17B4, 0x17B5}, {0x180E, 0x180E},
    {0x200B, 0x200B}, {0x200E, 0x200F},
    {0x2028, 0x202E}, {0x2060, 0x206F}, {0x2800, 0x2800}, {0x3164, 0x3164}, {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0}, {0xFFF9, 0xFFFB}, {0x1D173, 0x1D17A}, {0xE0000, 0xE007F}};

static uint32_t rune_of(struct str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    uint32_t c = s.n == 1 ? p[0] : p[0] & (0xFFu >> (s.n + 1));
    for (size_t i = 1; i < s.n; i++)
        c = c << 6 | (p[i] & 0x3Fu);
    return c;
}

uint32_t str_unseen(struct str s, bool lines, size_t *number)
{
    for (*number = 1; s.n; ++*number) {
        size_t n = s.p[0] ? utf8_step(s) : 1;
        if (!n)
            return 0xFFFD;
        uint32_t c = rune_of(str_head(s, n));
        bool belongs = c == 0x200C || c == 0x200D || (c >= 0xFE00 && c <= 0xFE0F);
        if (belongs && *number == 1)
            return c;
        for (size_t i = 0; i < ARRAY_LEN(unseen); i++)
            if (c >= unseen[i].from && c <= unseen[i].to && !(lines && c == '\n'))
                return c ? c : 0xFFFD;
        s = str_from(s, n);
    }
    return 0;
}

bool str_u64(struct str s, uint64_t *out)
{
    uint64_t v = 0;
    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned d = (unsigned)(unsigned char)s.p[i] - '0';
        if (d > 9 || __builtin_mul_overflow(v, 10u, &v) || __builtin_add_overflow(v, d, &v))
            return false;
    }
    *out = v;
    return true;
}

bool str_i64(struct str s, int64_t *out)
{
    bool minus = s.n && s.p[0] == '-';
    uint64_t v;
    if (!str_u64(str_from(s, minus), &v) || v > (uint64_t)INT64_MAX + minus)
        return false;
    *out = minus ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

void hex_encode(const void *bytes, size_t n, char *out)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = "0123456789abcdef"[p[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[p[i] & 15];
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool hex_decode(struct str hex, void *out, size_t n)
{
    unsigned char *p = out;
    if (hex.n != 2 * n)
        return false;
    for (size_t i = 0; i < n; i++) {
        int high = hex_digit(hex.p[2 * i]), low = hex_digit(hex.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        p[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

enum { NEAR_MAX = 64 };

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned m = a < b ? a : b;
    return m < c ? m : c;
}

// Damerau 1964, Levenshtein 1966; the variant with adjacent transpositions (optimal string alignment).
unsigned str_distance(struct str a, struct str b)
{
    unsigned row[3][NEAR_MAX + 1];
    if (a.n > NEAR_MAX || b.n > NEAR_MAX)
        return NEAR_MAX;
    for (size_t j = 0; j <= b.n; j++)
        row[0][j] = (unsigned)j;
    for (size_t i = 1; i <= a.n; i++) {
        unsigned *now = row[i % 3], *one = row[(i + 2) % 3], *two = row[(i + 1) % 3];
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= b.n; j++) {
            now[j] = min3(one[j] + 1, now[j - 1] + 1, one[j - 1] + (a.p[i - 1] != b.p[j - 1]));
            bool swapped = i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1];
            if (swapped && two[j - 2] + 1 < now[j])
                now[j] = two[j - 2] + 1;
        }
    }
    return row[a.n % 3][b.n];
}

struct str str_nearest(struct str word, size_t count, struct str (*name)(const void *list, size_t i),
                       const void *list)
{
    struct str best = {"", 0};
    // One slip in a short word, a third of the letters in a long one: more is another word.
    unsigned limit = word.n < 3 ? 1 : (unsigned)(word.n + 2) / 3;
    unsigned least = limit + 1;
    for (size_t i = 0; i < count; i++) {
        unsigned d = str_distance(word, name(list, i));
        if (d < least) {
            least = d;
            best = name(list, i);
        }
    }
    return best;
}
