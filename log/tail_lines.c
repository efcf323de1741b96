// tail_lines.c: see tail_lines.h.
#include "log/tail_lines.h"
#include "base/json.h"
#include "log/unmet.h"
#include "web/bulk.h"
#include <string.h>

// A byte of a line is at most six of JSON.
enum { MESSAGE_BYTES = TAIL_LINE_MAX + 100 };
_Static_assert(6 * MESSAGE_BYTES + 200 < BULK_JSON_MAX, "every message fits into a topic's");

struct tail_lines tail_lines_make(void (*tell)(void *arg, struct str json), void *arg)
{
    return (struct tail_lines){.tell = tell, .arg = arg, .next = 1, .second = -1, .json = buf_make(BULK_JSON_MAX)};
}

void tail_lines_drop(struct tail_lines *t)
{
    buf_drop(&t->json);
}

static void begin(struct tail_lines *t)
{
    json_open(&t->json, '{');
    json_kvs(&t->json, KVS(KV("line", t->next), KV("skipped", t->skipped)));
    json_key(&t->json, "lines");
    json_open(&t->json, '[');
    t->skipped = 0;
    t->bytes = 0;
}

void tail_lines_flush(struct tail_lines *t)
{
    if (!t->json.n && !t->skipped)
        return;
    if (!t->json.n)
        begin(t);
    json_close(&t->json, ']');
    json_close(&t->json, '}');
    if (!t->json.failed)
        t->tell(t->arg, buf_str(&t->json));
    t->json.failed = false;
    buf_clear(&t->json);
}

// What stands in a message is in a row, so it ends before a gap.
static void leave_out(struct tail_lines *t, uint64_t lines)
{
    if (t->json.n)
        tail_lines_flush(t);
    t->skipped += lines;
    t->next += lines;
}

static void add(struct tail_lines *t, struct str line)
{
    struct str shown = str_head(line, TAIL_LINE_MAX);
    char cut[TAIL_LINE_MAX + 3];
    if (shown.n < line.n) {
        memcpy(cut, shown.p, shown.n);
        memcpy(cut + shown.n, "\xE2\x80\xA6", 3);
        shown = (struct str){cut, sizeof cut};
    }
    if (t->json.n && t->bytes + shown.n > MESSAGE_BYTES)
        tail_lines_flush(t);
    if (!t->json.n)
        begin(t);
    json_val(&t->json, V(shown));
    t->bytes += shown.n;
    t->next++;
    t->told++;
}

static void tell_absent(struct tail_lines *t, const struct absent *x)
{
    OWN_BUF struct buf b = buf_make(BULK_JSON_MAX);
    tail_lines_flush(t);
    absent_json(&b, x);
    if (!b.failed)
        t->tell(t->arg, buf_str(&b));
}

void tail_lines_take(struct tail_lines *t, struct str text, int64_t tick_ms)
{
    struct absent absent;
    uint64_t lines;
    if (tick_ms / 1000 != t->second)
        t->second = tick_ms / 1000, t->told = 0;
    while (text.n) {
        struct str line = str_cut(&text, '\n');
        // A line of a log begins with the host it is of.
        if (str_starts(line, S("skipped:")) && str_u64(str_from(line, 8), &lines))
            leave_out(t, lines);
        else if (absent_read(line, &absent))
            tell_absent(t, &absent);
        else if (t->told < TAIL_A_SECOND)
            add(t, line);
        else
            leave_out(t, 1);
    }
}
