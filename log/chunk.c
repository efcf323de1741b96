// chunk.c: see chunk.h. A room holds what was read and not cut yet, and before it the last 256 bytes that were.
#include "log/chunk.h"
#include "log/ltsv.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = CHUNK_BYTES * 2 };

struct chunks {
    struct clear *in;
    bool eof;
    uint64_t at;                // of the text: what was cut
    size_t begin, from, to;     // of p: kept bytes before, not cut yet, end
    char *room, *p;             // p: LTSV_SLACK bytes into the room
    char beginning[LINE_MAX_BYTES + LTSV_SLACK];        // of a line that is too long
};

static bool refill(struct chunks *c, struct err *e)
{
    size_t before = c->from - c->begin < TAIL_BYTES ? c->from - c->begin : TAIL_BYTES;
    memmove(c->p, c->p + c->from - before, before + c->to - c->from);
    c->to -= c->from - before;
    c->from = before;
    c->begin = 0;
    while (!c->eof && c->to - c->from < CHUNK_BYTES) {
        size_t n;
        if (!clear_read(c->in, c->p + c->to, ROOM - c->to, &n, e))
            return false;
        c->eof = n == 0;
        c->to += n;
    }
    return true;
}

struct chunks *chunks_new(struct clear *in, struct err *e)
{
    struct chunks *c = calloc(1, sizeof *c);
    assert(c);
    c->in = in;
    c->room = calloc(1, ROOM + 2 * LTSV_SLACK);
    assert(c->room);
    c->p = c->room + LTSV_SLACK;
    if (refill(c, e) || c->to > 0)      // a damaged file gives what it has first
        return c;
    chunks_free(c);
    return NULL;
}

void chunks_free(struct chunks *c)
{
    if (!c)
        return;
    clear_close(c->in);
    free(c->room);
    free(c);
}

struct str chunks_peek(const struct chunks *c)
{
    return str_head((struct str){c->p + c->from, c->to - c->from}, CHUNK_BYTES);
}

uint64_t chunks_eaten(const struct chunks *c)
{
    return clear_eaten(c->in);
}

static void take(struct chunks *c, size_t n)
{
    c->from += n;
    c->at += n;
}

static void tail_now(const struct chunks *c, unsigned char out[TAIL_HASH])
{
    tail_hash((struct str){c->p + c->begin, c->from - c->begin}, out);
}

bool chunks_go(struct chunks *c, uint64_t offset, unsigned char tail[TAIL_HASH], struct err *e)
{
    assert(offset >= c->at);
    uint64_t far = offset - c->at;
    if (far > c->to - c->from + TAIL_BYTES) {           // pass over what lies between, but the bytes that are hashed
        if (!clear_skip(c->in, far - (c->to - c->from) - TAIL_BYTES, e))
            return false;
        c->at = offset - TAIL_BYTES;
        c->begin = c->from = c->to = 0;
    }
    while (c->at < offset) {
        if (c->from == c->to && (!refill(c, e) || c->from == c->to))
            return c->from < c->to || !c->eof ? false
                : err_set(e, ERR_INPUT, "the text ends at byte %llu, before byte %llu", (unsigned long long)c->at,
                          (unsigned long long)offset);
        size_t n = c->to - c->from;
        take(c, n < offset - c->at ? n : (size_t)(offset - c->at));
    }
    tail_now(c, tail);
    return true;
}

// Keeps its beginning and passes over the rest.
static bool cut_long(struct chunks *c, struct cut *out, struct err *e)
{
    memcpy(c->beginning, c->p + c->from, LINE_MAX_BYTES);
    out->text = (struct str){c->beginning, LINE_MAX_BYTES};
    out->flags = BLOCK_LONG;
    out->lines = 1;
    uint64_t start = c->at;
    for (const char *end = NULL; !end && c->from < c->to && c->at - start < INT32_MAX;) {
        end = memchr(c->p + c->from, '\n', c->to - c->from);
        take(c, end ? (size_t)(end + 1 - c->p) - c->from : c->to - c->from);
        if (!end && !refill(c, e))
            return false;
    }
    out->raw_n = (uint32_t)(c->at - start);
    tail_now(c, out->tail);
    return true;
}

bool chunks_next(struct chunks *c, struct cut *out, struct err *e)
{
    struct err damage = {0};
    if (c->to - c->from < CHUNK_BYTES && !c->eof && !refill(c, &damage) && c->from == c->to) {
        *e = damage;
        return false;
    }
    struct str text = chunks_peek(c);
    *out = (struct cut){.start = c->at};
    const char *end = memrchr(text.p, '\n', text.n);
    if (!end && text.n > LINE_MAX_BYTES)
        return cut_long(c, out, e);
    if (!end && damage.kind) {          // half a line before the damage is not known to be a line
        *e = damage;
        return false;
    }
    out->text = end ? str_head(text, (size_t)(end + 1 - text.p)) : text;
    out->raw_n = (uint32_t)out->text.n;
    out->flags = end || text.n == 0 ? 0 : BLOCK_TORN;
    out->lines = end ? cut_lines(out->text) : text.n > 0;
    take(c, out->text.n);
    tail_now(c, out->tail);
    return true;
}
