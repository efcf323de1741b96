// cmd_tail.c: `rusuban log tail`: durable lines as they come, from here or from another machine.
#include "log/cli.h"
#include "log/local.h"
#include "log/tail_far.h"
#include "log/tail_json.h"
#include "log/unmet.h"
#include "web/far.h"
#include <stdio.h>
#include <stdlib.h>

struct showing { struct call *call; uint64_t left; struct buf *json; };

// What nginx wrote as \x09 stays so; what a terminal would obey does not.
static void show_text(struct str line)
{
    for (bool first = true; line.n; first = false) {
        if (!first)
            putchar('\t');
        put_foreign(stdout, str_cut(&line, '\t'));
    }
    putchar('\n');
}

static bool show_json(struct showing *s, struct str line, struct err *e)
{
    buf_clear(s->json);
    tail_json(s->json, line);
    buf_addc(s->json, '\n');
    fwrite(buf_z(s->json), 1, s->json->n, stdout);
    return buf_ok(s->json, e);
}

static void tell_absent(const struct call *c, const struct absent *x)
{
    OWN_BUF struct buf b = buf_make(UNMET_SAID_MAX);
    absent_text(&b, x);
    if (c->quiet)
        return;
    put_foreign(stderr, buf_str(&b));
    fputc('\n', stderr);
}

static bool show(struct showing *s, struct str lines, struct err *e)
{
    struct absent absent;
    while (lines.n && s->left) {
        struct str line = str_cut(&lines, '\n');
        if (absent_read(line, &absent)) {
            tell_absent(s->call, &absent);
            continue;
        }
        if (!s->call->json)
            show_text(line);
        else if (!show_json(s, line, e))
            return false;
        s->left--;
    }
    return call_flush(e);
}

static bool follow_here(struct showing *s, const char *dataset, const char *where, struct err *e)
{
    OWN_BUF struct buf room = buf_make(FRAME_MAX + FRAME_HEAD);
    OWN_FD fd = -1;
    struct frame f;
    struct arena *a = s->call->arena;
    if (!local_connect(s->call->data, S("person"), "import tail", &fd, &room, e)
        || !local_send(fd, FRAME_ASK, str_f(a, "tail %s\n%s", dataset, where), e))
        return false;
    while (s->left) {
        if (!local_next(fd, -1, &room, &f, e))
            return false;
        if (f.type == FRAME_ANSWER && !show(s, f.payload, e))
            return false;
    }
    return true;
}

static bool show_far(void *arg, struct str lines, bool *enough, struct err *e)
{
    struct showing *s = arg;
    bool ok = show(s, lines, e);
    *enough = !s->left;
    return ok;
}

static bool follow_there(struct showing *s, const char *dataset, const char *where, struct err *e)
{
    struct far_tail t = {.call = s->call, .dataset = dataset, .where = where, .show = show_far, .arg = s};
    return !s->left || tail_far(&t, e);
}

bool cmd_log_tail(struct call *c, struct err *e)
{
    OWN_BUF struct buf json = buf_make(8 * FRAME_MAX);          // a byte of a line is at most six of JSON
    const char *where = call_option(c, "where"), *lines = call_option(c, "lines");
    const char *dataset = c->args.n ? str_zdup(c->arena, call_arg(c, 0)) : "access";
    struct showing s = {.call = c, .left = UINT64_MAX, .json = &json};
    if (lines && !str_u64(str_z(lines), &s.left))
        return err_set(e, ERR_INPUT, "--lines: expected a whole number, got \"%s\"", lines);
    return (far_is(c->data) ? follow_there : follow_here)(&s, dataset, where ? where : "", e);
}
