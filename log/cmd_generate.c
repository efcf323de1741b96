// cmd_generate.c: `rusuban log generate`.
#include "log/cli.h"
#include "base/clock.h"
#include "base/file.h"
#include "log/generate.h"
#include "log/scenery.h"
#include "log/when.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_ROOM = 8 << 10, WRITE_BYTES = 1 << 20 };

static bool whole_option(const struct call *c, const char *name, uint64_t usual, uint64_t *out, struct err *e)
{
    const char *text = call_option(c, name);
    *out = usual;
    return !text || str_u64(str_z(text), out)
        || err_set(e, ERR_INPUT, "--%s: expected a whole number, got \"%s\"", name, text);
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

static bool time_of(const char *name, const char *text, int64_t *us, struct err *e)
{
    struct when_cache cache = {0};
    char padded[96] = "";
    snprintf(padded, sizeof padded - 33, "%s", text);
    return when_read(padded, strlen(padded), &cache, us)
        || err_set(e, ERR_INPUT, "--%s: \"%s\" is no time", name, text);
}

// "/mypage:x1.5@2026-11-22T09:00:00+09:00"
static bool slow_option(const struct call *c, struct generate_options *o, struct err *e)
{
    const char *text = call_option(c, "slow");
    if (!text)
        return true;
    const char *by = strstr(text, ":x"), *at = by ? strchr(by, '@') : NULL;
    char *end = NULL;
    if (by && at)
        o->slow_by = strtod(by + 2, &end);
    if (!at || end != at || !(o->slow_by > 0) || !(o->slow_by < 1000))
        return err_set(e, ERR_INPUT, "--slow: expected PAGE:xN@TIME, got \"%s\"", text);
    o->slow_page = str_zdup(c->arena, (struct str){text, (size_t)(by - text)});
    if (!generate_has_page(o->pages, o->slow_page))
        return err_set(e, ERR_INPUT, "--slow: there is no page \"%s\"; pages are such as /%s", o->slow_page,
                       o->pages ? "work_search" : "mypage and /works/%u/edit");
    return time_of("slow", at + 1, &o->slow_from_us, e);
}

static bool until_option(const struct call *c, int64_t *us, struct err *e)
{
    const char *text = call_option(c, "until");
    *us = INT64_MAX;
    return !text || time_of("until", text, us, e);
}

static bool server_option(const struct call *c, uint32_t *server, struct err *e)
{
    const char *text = call_option(c, "server");
    unsigned a, b;
    char rest;
    if (!text)
        return true;
    if (sscanf(text, "%u.%u%c", &a, &b, &rest) != 2 || a > 255 || b > 255)
        return err_set(e, ERR_INPUT, "--server: expected two numbers such as 4.11, got \"%s\"", text);
    *server = a * 256 + b;
    return true;
}

// From one line in half an hour to more than anybody wants.
static bool rate_option(const struct call *c, double *rate, struct err *e)
{
    const char *text = call_option(c, "rate");
    char *end = NULL;
    if (!text)
        return true;
    *rate = strtod(text, &end);
    return (end != text && !*end && *rate >= 0.0005 && *rate <= 1e6)
        || err_set(e, ERR_INPUT, "--rate: expected lines a second, such as 400 or 0.2, got \"%s\"", text);
}

static bool pages_option(const struct call *c, struct generate_options *o, struct err *e)
{
    o->pages = call_option(c, "pages");
    return scenery_named(o->pages)
        || err_set(e, ERR_INPUT, "--pages: there are marketplace and kotori, not \"%s\"", o->pages);
}

bool cmd_log_generate(struct call *c, struct err *e)
{
    struct generate_options o = generate_usual();
    uint64_t lines;
    int64_t until;
    if (!whole_option(c, "lines", 1000000, &lines, e) || !whole_option(c, "seed", 1, &o.seed, e)
        || !rate_option(c, &o.rate, e) || !from_option(c, &o.from_us, e) || !pages_option(c, &o, e)
        || !slow_option(c, &o, e)
        || !until_option(c, &until, e) || !server_option(c, &o.server, e))
        return false;
    if (call_option(c, "until") && !call_option(c, "lines"))
        lines = UINT64_MAX;
    struct generator *g = generate_new(&o);
    OWN_BUF struct buf b = buf_make(WRITE_BYTES + LINE_ROOM);
    bool ok = true;
    for (uint64_t i = 0; ok && i < lines; i++) {
        char line[LINE_ROOM];
        buf_add(&b, (struct str){line, generate_line(g, line, sizeof line)});
        bool last = i + 1 == lines || generate_time(g) >= until;
        if (last)
            lines = i + 1;
        if (b.n >= WRITE_BYTES || last) {
            ok = fd_write_all(STDOUT_FILENO, buf_str(&b), e);
            buf_clear(&b);
        }
    }
    generate_free(g);
    return ok;
}
