// reading.c: collects mistakes and remembers places, for everything that looks at the site file.
#include "site/reading.h"
#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>

enum { MISTAKES_MAX = 1000, GUESSES_MAX = 50, SENTENCE_MAX = 1000 };

struct mistake *mistake_at(struct reading *r, struct place p, const char *format, ...)
{
    char text[SENTENCE_MAX];
    if (r->mistakes->n >= MISTAKES_MAX)
        return &r->spare;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    struct str kept = str_dup(r->arena, str_z(text));
    vec_push(r->arena, r->mistakes, (struct mistake){p.line, p.col, kept, S("")});
    return &r->mistakes->at[r->mistakes->n - 1];
}

static int by_place(const void *one, const void *other)
{
    const struct mistake *a = one, *b = other;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->col != b->col)
        return a->col < b->col ? -1 : 1;
    return str_cmp(a->text, b->text);
}

void mistakes_sort(struct mistakes *m)
{
    if (m->n)
        qsort(m->at, m->n, sizeof *m->at, by_place);
}

void mistakes_print(const struct mistakes *m, const char *path, FILE *to)
{
    for (size_t i = 0; i < m->n; i++) {
        const struct mistake *x = &m->at[i];
        fprintf(to, "%s:%d:%d: " STR_F "%s" STR_F "\n", path, x->line, x->col, STR_A(x->text),
                x->hint.n ? "; " : "", STR_A(x->hint));
    }
}

// The bytes of the pointer itself, not what it points at.
static struct str address_of(const char *const *p)
{
    return (struct str){(const char *)p, sizeof *p};
}

void place_note(struct reading *r, const struct str *text, struct place *p)
{
    map_put(r->scratch, &r->places, address_of(&text->p), p);
}

struct place place_of(const struct reading *r, struct str text, struct place otherwise)
{
    const struct place *p = map_get(&r->places, address_of(&text.p));
    return p ? *p : otherwise;
}

// Never cuts a character in two: bytes that go on a character are 10xxxxxx.
static struct str clip(struct str s, size_t most)
{
    size_t n = s.n < most ? s.n : most;
    while (n < s.n && n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n--;
    return str_head(s, n);
}

// Controls, and those of Unicode's second row (0xC2 0x80 to 0x9F in UTF-8), which some terminals obey.
static bool is_control(struct str s, size_t i)
{
    unsigned char c = (unsigned char)s.p[i], before = i ? (unsigned char)s.p[i - 1] : 0;
    unsigned char behind = i + 1 < s.n ? (unsigned char)s.p[i + 1] : 0;
    return c < 0x20 || c == 0x7F || (c == 0xC2 && behind < 0xA0) || (before == 0xC2 && c < 0xA0);
}

static struct shown escaped(struct str s, const char *quote)
{
    enum { MOST = 60, ESCAPE = 4, END = 6 };
    struct shown out;
    struct str head = clip(s, MOST);
    size_t n = (size_t)snprintf(out.z, sizeof out.z, "%s", quote), i = 0;
    for (; i < head.n && n < sizeof out.z - ESCAPE - END; i++) {
        unsigned char c = (unsigned char)head.p[i];
        n += (size_t)snprintf(out.z + n, ESCAPE + 1, is_control(head, i) ? "\\x%02x" : "%c", c);
    }
    snprintf(out.z + n, sizeof out.z - n, "%s%s", i < s.n ? "..." : "", quote);
    return out;
}

struct shown shown(struct str s)
{
    return escaped(s, "\"");
}

struct shown shown_bare(struct str s)
{
    return escaped(s, "");
}

struct str did_you_mean(struct reading *r, struct str word, size_t count,
                        struct str (*name)(const void *list, size_t i), const void *list)
{
    if (r->mistakes->n > GUESSES_MAX)       // each looks at up to 2,000 names
        return S("");
    struct str near = str_nearest(word, count, name, list);
    return near.n ? str_f(r->arena, "did you mean %s?", shown(near).z) : S("");
}
