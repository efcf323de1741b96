// answer.c: reading an answer. Strict: anything unexpected is a broken peer.
#include "web/answer.h"
#include <string.h>
#include <strings.h>

size_t answer_head_end(struct str text)
{
    ptrdiff_t at = str_find(text, S("\r\n\r\n"));
    return at < 0 ? 0 : (size_t)at + 4;
}

static bool broken(struct err *e, const char *what)
{
    return err_set(e, ERR_PEER, "the server's answer is not HTTP: %s", what);
}

static bool status_line(struct str line, int *status)
{
    uint64_t n;
    if (!str_starts(line, S("HTTP/1.1 ")) || line.n < 12 || (line.n > 12 && line.p[12] != ' '))
        return false;
    if (!str_u64(str_head(str_from(line, 9), 3), &n) || n < 100 || n > 599)
        return false;
    *status = (int)n;
    return true;
}

static bool is(struct str s, const char *z)
{
    return s.n == strlen(z) && strncasecmp(s.p, z, s.n) == 0;
}

static bool header(struct str line, struct answer_head *h, struct err *e)
{
    struct str value = line, name = str_cut(&value, ':');
    uint64_t n;
    if (!str_plain(name, "-_") || name.n == line.n)
        return broken(e, "a header line without a name");
    if (is(name, "transfer-encoding")) {
        bool twice = h->chunked;
        h->chunked = is(str_trim(value), "chunked");
        return (h->chunked && !twice) || broken(e, "its coding is not known");
    }
    if (!is(name, "content-length"))
        return true;
    if (h->length >= 0 || !str_u64(str_trim(value), &n) || n > INT64_MAX)
        return broken(e, "its length is not a number");
    h->length = (int64_t)n;
    return true;
}

bool answer_head(struct str head, struct answer_head *out, struct err *e)
{
    *out = (struct answer_head){.length = -1};
    if (!str_ends(head, S("\r\n\r\n")))
        return broken(e, "its head has no end");
    struct str rest = str_head(head, head.n - 4);
    bool first = true;
    while (rest.n) {
        struct str line = str_cut(&rest, '\n');
        if (rest.n && !str_ends(line, S("\r")))
            return broken(e, "a bare line feed");
        line = str_ends(line, S("\r")) ? str_head(line, line.n - 1) : line;
        if (first ? !status_line(line, &out->status) && !broken(e, "no status line") : !header(line, out, e))
            return false;
        first = false;
    }
    if (first)
        return broken(e, "no status line");
    if (out->chunked && out->length >= 0)
        return broken(e, "it is chunked and has a length");
    if (out->status < 200 || out->status == 204)
        out->length = 0;
    return true;
}

// Chunks: a line with a length in hex (and extensions, which nobody needs), so many bytes, an empty line; the last one
// is of length 0, and lines of a trailer may stand between it and the end.

enum { CHUNK_LINE_MAX = 1000 };

static bool chunk_length(struct str line, size_t *out)
{
    static const char digits[] = "0123456789abcdef";
    struct str hex = str_trim(str_cut(&line, ';'));
    *out = 0;
    for (size_t i = 0; i < hex.n; i++) {
        const char *at = hex.p[i] ? strchr(digits, hex.p[i] | 0x20) : NULL;
        if (!at)
            return false;
        *out = *out << 4 | (size_t)(at - digits);
    }
    return hex.n > 0 && hex.n <= 8;
}

// A line without its end. 1: there it is; 0: it has not all come; -1: none, and the error is told.
static int chunk_line(struct str *text, struct str *line, struct err *e)
{
    ptrdiff_t at = str_find(*text, S("\r\n"));
    if (at > CHUNK_LINE_MAX || (at < 0 && text->n > CHUNK_LINE_MAX + 1))
        return broken(e, "a line between its chunks is too long") - 1;
    if (at < 0)
        return 0;
    *line = str_head(*text, (size_t)at);
    *text = str_from(*text, (size_t)at + 2);
    return 1;
}

static bool trailer(struct str text, bool *whole, struct err *e)
{
    struct str line = S("x");
    int got = 1;
    while (line.n && (got = chunk_line(&text, &line, e)) > 0)
        ;
    *whole = got > 0;
    return got >= 0;
}

bool answer_unchunk(struct str text, struct buf *out, bool *whole, struct err *e)
{
    struct str line;
    size_t n;
    int got;
    *whole = false;
    while ((got = chunk_line(&text, &line, e)) > 0) {
        if (!chunk_length(line, &n))
            return broken(e, "a chunk without a length");
        if (n == 0)
            return trailer(text, whole, e);
        if (text.n < n + 2)
            return true;
        if (memcmp(text.p + n, "\r\n", 2) != 0)
            return broken(e, "a chunk that is longer than it says");
        buf_add(out, str_head(text, n));
        text = str_from(text, n + 2);
    }
    return got == 0;
}

// ---- the same, as it comes ----

// Each takes from the front of *text. 1: and goes on; 0: more has to come first; -1: the error is told.

static int at_length(struct pieces *p, struct str *text, struct buf *out, struct err *e)
{
    (void)out;
    struct str line;
    int got = chunk_line(text, &line, e);
    if (got <= 0)
        return got;
    if (!chunk_length(line, &p->left))
        return broken(e, "a chunk without a length") - 1;
    p->at = p->left ? PIECES_BODY : PIECES_TRAILER;
    return 1;
}

static int at_body(struct pieces *p, struct str *text, struct buf *out, struct err *e)
{
    (void)e;
    struct str some = str_head(*text, p->left);
    buf_add(out, some);
    *text = str_from(*text, some.n);
    p->left -= some.n;
    p->at = p->left ? PIECES_BODY : PIECES_LINE;
    return p->left == 0;
}

static int at_line(struct pieces *p, struct str *text, struct buf *out, struct err *e)
{
    (void)out;
    if (text->n < 2)
        return 0;
    if (memcmp(text->p, "\r\n", 2) != 0)
        return broken(e, "a chunk that is longer than it says") - 1;
    *text = str_from(*text, 2);
    p->at = PIECES_LENGTH;
    return 1;
}

static int at_trailer(struct pieces *p, struct str *text, struct buf *out, struct err *e)
{
    (void)out;
    struct str line;
    int got = chunk_line(text, &line, e);
    if (got > 0 && !line.n)
        p->at = PIECES_END;
    return got;
}

bool answer_pieces(struct pieces *p, struct str text, size_t *used, struct buf *out, struct err *e)
{
    static int (*const steps[])(struct pieces *, struct str *, struct buf *, struct err *) = {
        [PIECES_LENGTH] = at_length, [PIECES_BODY] = at_body, [PIECES_LINE] = at_line, [PIECES_TRAILER] = at_trailer};
    struct str rest = text;
    int got = 1;
    while (got > 0 && p->at != PIECES_END)
        got = steps[p->at](p, &rest, out, e);
    *used = text.n - rest.n;
    return got >= 0;
}
