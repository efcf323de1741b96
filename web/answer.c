// answer.c: reading an answer's head. Strict, since both sides are ours: anything unexpected is a broken peer.
#include "web/answer.h"
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

static bool header(struct str line, struct answer_head *h, struct err *e)
{
    struct str value = line, name = str_cut(&value, ':');
    uint64_t n;
    if (!str_plain(name, "-_") || name.n == line.n)
        return broken(e, "a header line without a name");
    if (name.n == 17 && strncasecmp(name.p, "transfer-encoding", 17) == 0)
        return broken(e, "it is chunked");
    if (name.n != 14 || strncasecmp(name.p, "content-length", 14) != 0)
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
    if (out->status < 200 || out->status == 204)
        out->length = 0;
    return true;
}
