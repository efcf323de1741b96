// cmd_generate.c: `rusuban log generate`.
#include "log/cli.h"
#include "base/clock.h"
#include "base/file.h"
#include "log/generate.h"
#include "log/when.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_ROOM = 8 << 10, WRITE_BYTES = 1 << 20 };

static bool whole_option(const struct call *c, const char *name, uint64_t usual, uint64_t *out, struct err *e)
{
    const char *text = call_option(c, name);
    *out = usual;
    return !text || str_u64(str_z(text), out) || err_set(e, ERR_INPUT, "--%s: expected a whole number, got \"%s\"", name, text);
}

static bool from_option(const struct call *c, int64_t *us, struct err *e)
{
    const char *text = call_option(c, "from");
    struct when_cache cache = {0};
    char padded[96] = "";
    *us = now_ms() * 1000;
    if (!text)
        return true;
    snprintf(padded, sizeof padded - 33, "%s", text);
    return when_read(padded, strlen(padded), &cache, us) || err_set(e, ERR_INPUT, "--from: \"%s\" is no time", text);
}

bool cmd_log_generate(struct call *c, struct err *e)
{
    struct generate_options o = generate_usual();
    uint64_t lines, rate;
    if (!whole_option(c, "lines", 1000000, &lines, e) || !whole_option(c, "seed", 1, &o.seed, e)
        || !whole_option(c, "rate", 400, &rate, e) || !from_option(c, &o.from_us, e))
        return false;
    o.rate = (double)(rate ? rate : 1);
    struct generator *g = generate_new(&o);
    OWN_BUF struct buf b = buf_make(WRITE_BYTES + LINE_ROOM);
    bool ok = true;
    for (uint64_t i = 0; ok && i < lines; i++) {
        char line[LINE_ROOM];
        buf_add(&b, (struct str){line, generate_line(g, line, sizeof line)});
        if (b.n >= WRITE_BYTES || i + 1 == lines) {
            ok = fd_write_all(STDOUT_FILENO, buf_str(&b), e);
            buf_clear(&b);
        }
    }
    generate_free(g);
    return ok;
}
