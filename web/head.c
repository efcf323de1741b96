// head.c: the octets of a request's head. evhttp forgives bare line feeds, folded lines, NUL and "HTTP/+1.01"
// (measured: 10 of 14 malformed requests got a 200); what two programs read differently is how requests are
// smuggled, so such a head is refused before evhttp sees it.
#include "web/head.h"

enum { MORE = 0, ENDED = 1 };

// "HTTP/1.1" as head_take shifts it in.
#define V11 0x485454502F312E31u

static int first_line_verdict(const struct head *h)
{
    if (!h->line)
        return 400;
    if (h->tail == V11 && h->before == ' ')
        return MORE;
    // HTTP/D.D of another version deserves its own word.
    bool version = h->before == ' ' && (h->tail | 0x0F000F) == (V11 | 0x0F000F);
    return version ? 505 : 400;
}

static int line_end(struct head *h)
{
    int verdict = MORE;
    if (!h->behind_first)
        verdict = first_line_verdict(h);
    else if (!h->line)
        verdict = ENDED;
    h->behind_first = true;
    h->line = 0;
    h->cr = false;
    return verdict;
}

static void measure(struct head *h, unsigned char c)
{
    static const char name[] = "content-length:";
    enum { LAST = sizeof name - 1 };
    if (!h->line)
        h->named = 0;
    if (h->named == LAST && c >= '0' && c <= '9' && h->length < UINT64_C(1000000000000))
        h->length = h->length * 10 + (c - '0');
    if (h->named == h->line && h->named < LAST && (c >= 'A' && c <= 'Z' ? c | 0x20 : c) == name[h->named]
        && ++h->named == LAST)
        h->length = 0;
}

static int octet(struct head *h, unsigned char c)
{
    if (++h->octets > HEAD_MAX)
        return 431;
    if (h->cr)
        return c == '\n' ? line_end(h) : 400;
    if (c == '\r') {
        h->cr = true;
        return MORE;
    }
    bool blank = c == ' ' || c == '\t';
    if ((c < 0x20 && c != '\t') || c == 0x7F || (blank && !h->line))
        return 400;
    if (!h->behind_first) {
        if (c == '\t')
            return 400;
        h->before = (uint8_t)(h->tail >> 56);
        h->tail = h->tail << 8 | c;
    } else {
        measure(h, c);
    }
    h->line++;
    return MORE;
}

int head_take(struct head *h, const char *p, size_t n, size_t *used)
{
    for (size_t i = 0; i < n; i++) {
        int verdict = octet(h, (unsigned char)p[i]);
        if (verdict != MORE) {
            *used = i + 1;
            return verdict;
        }
    }
    *used = n;
    return MORE;
}
