// main.c: rusuban-sql, the program that answers SQL about the lake; the only one that links DuckDB.
//
//     rusuban-sql [--site FILE] [--data DIR] serve        the role `sql` of a house: DATA/run/sql.sock
//     rusuban-sql [--site FILE] [--data DIR] one          one question over standard input, which is a socket
//     rusuban-sql seal LAKE/NAME                          files of an hour become sorted ones; JSON in and out
#include "base/command.h"
#include "base/file.h"
#include "base/say.h"
#include "site/site.h"
#include "sql/pool.h"
#include "sql/seal.h"
#include "web/fresh.h"
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void take_figures(const struct site *s, struct pool_settings *out)
{
    out->children = s->log.sql.children;
    out->warm = s->log.sql.warm;
    out->memory = s->log.sql.memory;
    out->deadline_ms = s->log.sql.deadline_ms;
}

// The same text when it is the same zone; a zone changes once in a company's life.
static const char *fresh_zone(const struct site *s, const char *was)
{
    char *name = str_eq(s->timezone, str_z(was)) ? NULL : strndup(s->timezone.p, s->timezone.n);
    return name ? name : was;
}

static bool settings(struct call *c, struct pool_settings *out, struct err *e)
{
    struct site *s;
    if (!site_load(c->arena, c->site, &s, e))
        return false;
    *out = (struct pool_settings){.data = c->data, .lake = site_lake(c->arena, s, c->data),
                                  .timezone = str_zdup(c->arena, s->timezone)};
    take_figures(s, out);
    return true;
}

// One with mistakes changes nothing.
static bool fresh_settings(void *arg, struct pool_settings *out)
{
    struct fresh *f = arg;
    const struct site *before = f->good;
    fresh_look(f);
    if (!f->good || f->good == before)
        return false;
    struct pool_settings was = *out;
    take_figures(f->good, out);
    out->timezone = fresh_zone(f->good, was.timezone);
    return !before || was.children != out->children || was.warm != out->warm || was.memory != out->memory
        || was.deadline_ms != out->deadline_ms || out->timezone != was.timezone;
}

static bool cmd_serve(struct call *c, struct err *e)
{
    struct pool_settings s;
    struct fresh f = {.path = c->site};
    say_role("sql");
    if (!settings(c, &s, e))
        return false;
    fresh_look(&f);
    s.fresh = fresh_settings;
    s.arg = &f;
    return pool_serve(&s, e);
}

static bool cmd_one(struct call *c, struct err *e)
{
    struct pool_settings s;
    int fd = dup(STDIN_FILENO);
    say_role("sql");
    return settings(c, &s, e) && pool_one(&s, fd, e);
}

enum { SEAL_INPUT = 16 << 20 };

static bool cmd_seal(struct call *c, struct err *e)
{
    OWN_BUF struct buf in = buf_make(SEAL_INPUT), out = buf_make(SEAL_INPUT);
    char piece[16 << 10];
    for (ssize_t n; (n = read(STDIN_FILENO, piece, sizeof piece)) != 0;)
        if (n < 0)
            return err_set(e, ERR_IO, "read what to seal: %m");
        else
            buf_add(&in, (struct str){piece, (size_t)n});
    if (!buf_ok(&in, e) || !seal_run(str_zdup(c->arena, call_arg(c, 0)), buf_str(&in), &out, e))
        return false;
    buf_addc(&out, '\n');
    return fd_write_all(STDOUT_FILENO, buf_str(&out), e);
}

static const struct command commands[] = {
    {"serve", "", NULL, "answer questions at DATA/run/sql.sock", "rusuban-sql --data /var/lib/rusuban serve",
     cmd_serve},
    {"one", "", NULL, "(inside) answer one question over standard input, a socket", "rusuban-sql one", cmd_one},
    {"seal", "LAKE/NAME", NULL, "(inside) files of an hour become one; JSON on standard input and output",
     "rusuban-sql seal lake/access", cmd_seal},
    {0}};

int main(int argc, char **argv)
{
    static const struct command *const tables[] = {commands, NULL};
    return command_main(argc, argv, tables);
}
