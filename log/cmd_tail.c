// cmd_tail.c: `rusuban log tail`: durable lines as they come.
#include "log/cli.h"
#include "log/local.h"
#include "log/tail_json.h"
#include <stdio.h>
#include <stdlib.h>

// What nginx wrote as \x09 stays so; what a terminal would obey does not.
static void show(struct str lines)
{
    while (lines.n) {
        struct str line = str_cut(&lines, '\n');
        for (bool first = true; line.n; first = false) {
            if (!first)
                putchar('\t');
            put_foreign(stdout, str_cut(&line, '\t'));
        }
        putchar('\n');
    }
}

static bool show_json(struct str lines, struct err *e)
{
    OWN_BUF struct buf b = buf_make(8 * FRAME_MAX);     // a byte of a line is at most six of JSON
    while (lines.n) {
        tail_json(&b, str_cut(&lines, '\n'));
        buf_addc(&b, '\n');
    }
    if (!buf_ok(&b, e))
        return false;
    fwrite(b.p ? b.p : "", 1, b.n, stdout);
    return true;
}

bool cmd_log_tail(struct call *c, struct err *e)
{
    OWN_BUF struct buf room = buf_make(FRAME_MAX + FRAME_HEAD);
    OWN_FD fd = -1;
    struct frame f;
    const char *where = call_option(c, "where"), *lines = call_option(c, "lines");
    const char *dataset = c->args.n ? str_zdup(c->arena, call_arg(c, 0)) : "access";
    uint64_t left = UINT64_MAX;
    if (lines && !str_u64(str_z(lines), &left))
        return err_set(e, ERR_INPUT, "--lines: expected a whole number, got \"%s\"", lines);
    if (!local_connect(c->data, S("person"), "import tail", &fd, &room, e)
        || !local_send(fd, FRAME_ASK, str_f(c->arena, "tail %s\n%s", dataset, where ? where : ""), e))
        return false;
    while (left) {
        if (!local_next(fd, -1, &room, &f, e))
            return false;
        if (f.type != FRAME_ANSWER)
            continue;
        struct str shown = f.payload;
        for (size_t i = 0; i < f.payload.n && left; i++)
            if (f.payload.p[i] == '\n' && --left == 0)
                shown.n = i + 1;
        if (!c->json)
            show(shown);
        else if (!show_json(shown, e))
            return false;
        if (!call_flush(e))
            return false;
    }
    return true;
}
