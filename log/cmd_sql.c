// cmd_sql.c: `rusuban log sql`.
#include "log/asking.h"
#include "log/cli.h"
#include "base/file.h"
#include "log/times.h"
#include <string.h>
#include <unistd.h>

enum { QUERY_MAX = 256 << 10 };

// asked: by "-", else because nothing was typed.
static bool read_stdin(struct arena *a, bool asked, struct str *out, struct err *e)
{
    OWN_BUF struct buf b = buf_make(QUERY_MAX);
    char piece[4096];
    if (!asked && isatty(STDIN_FILENO)) {
        err_set(e, ERR_INPUT, "there is no question");
        return err_hint(e, "rusuban log sql \"select page, count(*) from access_log group by 1 order by 2 desc"
                        " limit 20\"");
    }
    for (ssize_t n; (n = read(STDIN_FILENO, piece, sizeof piece)) != 0;)
        if (n < 0)
            return err_set(e, ERR_IO, "read the question: %m");
        else
            buf_add(&b, (struct str){piece, (size_t)n});
    if (!buf_ok(&b, e))
        return err_in(e, "the question");
    *out = str_dup(a, buf_str(&b));
    return true;
}

static bool question(struct call *c, struct str *out, struct err *e)
{
    const char *file = call_option(c, "file");
    if (file && c->args.n)
        return err_set(e, ERR_INPUT, "the question is either typed or in a file");
    bool dash = str_eq(call_arg(c, 0), S("-"));
    if (c->args.n && !dash)
        *out = call_arg(c, 0);
    else if (file ? !file_read(c->arena, file, QUERY_MAX, out, e) : !read_stdin(c->arena, dash, out, e))
        return false;
    if (out->n > QUERY_MAX)
        return err_set(e, ERR_LIMIT, "the question is longer than %d KB", QUERY_MAX >> 10);
    if (memchr(out->p, 0, out->n) || !str_utf8(*out))
        return err_set(e, ERR_INPUT, "the question is no text in UTF-8");
    return str_trim(*out).n || err_set(e, ERR_INPUT, "there is no question");
}

static bool limit(const struct call *c, enum render_style style, int64_t *out, struct err *e)
{
    const char *text = call_option(c, "limit");
    *out = style == RENDER_TABLE ? TABLE_ROWS : 0;
    return !text || (str_i64(str_z(text), out) && *out >= 0 && *out < INT64_MAX)
        || err_set(e, ERR_INPUT, "--limit: expected a whole number, got \"%s\"", text);
}

static bool params(struct call *c, struct params *out, struct err *e)
{
    struct strs all;
    call_options(c, "param", &all);
    for (size_t i = 0; i < all.n; i++) {
        struct str value = all.at[i], name = str_cut(&value, '=');
        if (name.n == all.at[i].n)
            return err_set(e, ERR_INPUT, "--param: expected NAME=VALUE, got \"" STR_F "\"",
                           STR_A(str_head(name, 100)));
        if (!params_give(c->arena, out, name, value, e))
            return err_in(e, "--param");
    }
    return true;
}

bool cmd_log_sql(struct call *c, struct err *e)
{
    struct asking a = {.call = c, .yes = call_flag(c, "yes")};
    struct times t;
    if (!asking_style(c, &a.style, e) || !times_of_call(c, &t, e))
        return false;
    a.job = (struct ask_job){.day = t.day, .from = times_from(c->arena, &t), .to = t.to, .all = call_flag(c, "all")};
    if (a.job.all && times_any(&t))
        return err_set(e, ERR_INPUT, "--all says it all; leave out --since, --day, --from and --to");
    return limit(c, a.style, &a.job.limit, e) && params(c, &a.job.params, e) && question(c, &a.job.query, e)
        && asking_run(&a, e);
}
