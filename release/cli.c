// cli.c: what the verbs share: the API's answers, numbers, and the two streams.
#include "release/cli.h"
#include "base/clock.h"
#include "base/json.h"
#include "web/client.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { WAIT_MS = 130000, POLL_MS = 60 };

const char *j_time(struct call *c, const json_t *from, const json_t *object, const char *key, bool seconds)
{
    int64_t at = time_parse(j_text(object, key));
    return at ? time_local(at, j_text(from, "timezone"), seconds, arena_take(c->arena, TIME_TEXT_MAX, 1)) : "";
}

int cli_width(const char *z)
{
    int n = 0;
    for (; *z; z++)
        n += ((unsigned char)*z & 0xC0) != 0x80;        // UTF-8: what goes on with a character begins none
    return n;
}

int j_width(const json_t *rows, const char *key, int least)
{
    size_t i;
    json_t *x;
    json_array_foreach(rows, i, x) {
        int n = cli_width(j_text(x, key));
        least = n > least ? n : least;
    }
    return least;
}

bool cli_post(struct call *c, const char *path, struct kvs body, json_t **out, struct err *e)
{
    OWN_BUF struct buf b = buf_make(64 << 10);
    json_open(&b, '{');
    json_kvs(&b, body);
    json_close(&b, '}');
    return buf_ok(&b, e) && api_json(c->arena, c->data, "POST", path, buf_str(&b), out, e);
}

bool cli_get(struct call *c, const char *path, json_t **out, struct err *e)
{
    return api_json(c->arena, c->data, "GET", path, S(""), out, e);
}

static enum err_kind kind_of(const char *code)
{
    for (int k = ERR_INPUT; k <= ERR_BUG; k++)
        if (str_eq(str_z(err_row((enum err_kind)k)->code), str_z(code)))
            return (enum err_kind)k;
    return ERR_PEER;
}

static void nap(int64_t ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static int64_t wait_ms(void)
{
#ifdef RUSUBAN_FAULTS
    if (getenv("RUSUBAN_WAIT_MS"))
        return strtol(getenv("RUSUBAN_WAIT_MS"), NULL, 10);
#endif
    return WAIT_MS;
}

bool cli_wait(struct call *c, int64_t id, json_t **holder, struct err *e)
{
    int64_t end = tick_ms() + wait_ms();
    const char *path = str_zf(c->arena, "/api/v1/requests/%lld", (long long)id);
    while (tick_ms() < end) {
        if (!cli_get(c, path, holder, e))
            return false;
        if (j_text(*holder, "error")[0]) {
            err_set(e, kind_of(j_text(*holder, "code")), "%s", j_text(*holder, "error"));
            return err_hint(e, "%s", j_text(*holder, "hint"));
        }
        if (j_true(*holder, "done"))
            return true;
        json_decref(*holder);
        *holder = NULL;
        nap(POLL_MS);
    }
    return err_set(e, ERR_LATE, "the releaser did not answer; rusuban status says how it is");
}

bool cli_json(struct call *c, const json_t *j)
{
    if (!c->json)
        return false;
    json_dumpf(j, stdout, JSON_COMPACT);
    putchar('\n');
    return true;
}

const char *cli_number(struct call *c, size_t i, const char *otherwise, struct err *e)
{
    struct str arg = call_arg(c, i);
    uint64_t n;
    if (arg.n == 0)
        return otherwise;
    if (str_u64(arg, &n) && n > 0)
        return str_zdup(c->arena, arg);
    err_set(e, ERR_INPUT, "\"" STR_F "\" is not a release number", STR_A(arg));
    return NULL;
}

void cli_say(const struct call *c, const char *format, ...)
{
    va_list args;
    if (c->quiet)
        return;
    char text[4096];
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    put_told(stderr, str_z(text));
    fputc('\n', stderr);
}
