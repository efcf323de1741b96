// str_fuzz.c: the quick functions against slow ones that are plainly right.
#include "base/base.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool x)
{
    if (!x)
        abort();
}

// ---- UTF-8: decode, and ask whether encoding the number again would give the same bytes ----

static size_t encode(uint32_t c, unsigned char out[4])
{
    static const unsigned char lead[] = {0, 0xC0, 0xE0, 0xF0};
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        out[i] = (unsigned char)(0x80 | (c & 63));
    out[0] = (unsigned char)(lead[n - 1] | c);
    return n;
}

static size_t slow_step(struct str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    for (size_t n = 1; n <= 4 && n <= s.n; n++) {
        static const uint32_t first[] = {0x7F, 0x1F, 0x0F, 0x07};
        unsigned char again[4];
        uint32_t c = p[0] & first[n - 1];
        for (size_t i = 1; i < n; i++)
            c = c << 6 | (p[i] & 63);
        bool scalar = c > 0 && c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF);
        if (scalar && encode(c, again) == n && memcmp(again, p, n) == 0)
            return n;
    }
    return 0;
}

static bool slow_utf8(struct str s)
{
    size_t n;
    for (; s.n; s = str_from(s, n))
        if ((n = slow_step(s)) == 0)
            return false;
    return true;
}

// ---- the others ----

static ptrdiff_t slow_find(struct str s, struct str what)
{
    for (size_t i = 0; i + what.n <= s.n; i++)
        if (what.n == 0 || memcmp(s.p + i, what.p, what.n) == 0)
            return (ptrdiff_t)i;
    return -1;
}

static void check_number(struct str s)
{
    int64_t n = 0;
    char z[64] = "";
    if (s.n == 0 || s.n >= sizeof z)
        return;
    memcpy(z, s.p, s.n);
    bool digits = strspn(z + (z[0] == '-'), "0123456789") == s.n - (z[0] == '-') && s.n > (z[0] == '-');
    errno = 0;
    long long slow = strtoll(z, NULL, 10);
    must(str_i64(s, &n) == (digits && errno == 0));
    must(!digits || errno || n == slow);
}

static void check_distance(struct str a, struct str b)
{
    if (a.n > 64 || b.n > 64)
        return;
    unsigned d = str_distance(a, b);
    size_t longer = a.n > b.n ? a.n : b.n, shorter = a.n + b.n - longer;
    must(d == str_distance(b, a));
    must((d == 0) == str_eq(a, b));
    must(d <= longer && d >= longer - shorter);
}

// Cutting and putting together again gives the same bytes.
static void check_cut(struct str s, char c)
{
    struct str rest = s, head = str_cut(&rest, c);
    must(!str_has(head, c) && head.n <= s.n);
    must(str_eq(head, str_head(s, head.n)));
    if (head.n < s.n)
        must(s.p[head.n] == c && str_eq(rest, str_from(s, head.n + 1)));
    else
        must(rest.n == 0);
}

static void check_words(struct str s)
{
    size_t letters = 0, seen = 0;
    for (size_t i = 0; i < s.n; i++)
        letters += s.p[i] != ' ' && s.p[i] != '\t';
    while (s.n) {
        struct str word = str_word(&s);
        must(word.n || s.n == 0);
        must(!str_has(word, ' ') && !str_has(word, '\t'));
        seen += word.n;
    }
    must(seen == letters);
}

static void check_hex(struct str s)
{
    char text[512];
    unsigned char back[256];
    if (s.n > sizeof back)
        return;
    hex_encode(s.p, s.n, text);
    must(hex_decode((struct str){text, 2 * s.n}, back, s.n) && memcmp(back, s.p, s.n) == 0);
    if (hex_decode(s, back, s.n / 2))
        must(s.n % 2 == 0 && (s.n == 0 || str_plain(s, "")));
}

static void check_trim(struct str s)
{
    struct str t = str_trim(s);
    must(t.n <= s.n && str_eq(str_trim(t), t) && (t.n == 0 || !strchr(" \t\r\n", t.p[0]) || t.p[0] == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct str all = {(const char *)data + 1, size - 1}, a = str_head(all, data[0]), b = str_from(all, data[0]);
    must(str_utf8(a) == slow_utf8(a) && str_utf8(b) == slow_utf8(b));
    must(str_find(b, a) == slow_find(b, a));
    must((str_cmp(a, b) == 0) == str_eq(a, b) && (str_cmp(a, b) < 0) == (str_cmp(b, a) > 0));
    must(str_starts(all, a) && str_ends(all, b));
    check_number(a);
    check_distance(a, b);
    check_cut(all, (char)data[0]);
    check_words(all);
    check_hex(a);
    check_trim(all);
    return 0;
}
