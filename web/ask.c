// ask.c: what a handler asks of its request.
#include "web/fields.h"
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

static struct str pair_get(const struct pairs *pairs, const char *name)
{
    struct str n = str_z(name);
    for (size_t i = 0; i < pairs->n; i++)
        if (pairs->at[i].name.n == n.n && strncasecmp(pairs->at[i].name.p, name, n.n) == 0)
            return pairs->at[i].value;
    return (struct str){"", 0};
}

struct str ask_param(const struct ask *q, const char *name)
{
    return pair_get(&q->params, name);
}

struct str ask_header(const struct ask *q, const char *name)
{
    return pair_get(&q->headers, name);
}

bool ask_number(const struct ask *q, const char *name, int64_t *out, struct err *e)
{
    struct str s = ask_param(q, name);
    if (str_i64(s, out) && *out >= 1 && *out <= (int64_t)1 << 53)
        return true;
    return err_set(e, ERR_NOT_FOUND, "%s: there is no \"" STR_F "\"", name, STR_A(str_head(s, 100)));
}

bool ask_site(const struct ask *q, struct err *e)
{
    if (q->site)
        return true;
    err_set(e, ERR_STATE, "the site file has mistakes: %s", q->site_err->text);
    return err_hint(e, "rusuban site check");
}

bool ask_wrong(struct ask *q, struct err *e, const char *field, const char *hint, const char *format, ...)
{
    char text[sizeof e->text];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    struct wrong w = {.in = q->route->method == GET ? "query" : "body", .name = str_dup(q->arena, str_z(field)),
                      .text = str_dup(q->arena, str_z(text)), .hint = str_dup(q->arena, str_z(hint))};
    vec_push(q->arena, &q->wrongs, w);
    return wrongs_err(&q->wrongs, e);
}

bool ask_by_person(const struct ask *q, struct err *e)
{
    if (q->who.way != WAY_TOKEN)
        return true;
    err_set(e, ERR_DENIED, "a token may not do this: it takes a person");
    return err_hint(e, "sign in, or use the socket on the server");
}

bool ask_step_up(struct ask *q, struct err *e)
{
    if (q->who.stepped_up)
        return true;
    if (!ask_by_person(q, e))
        return false;
    q->code = "step_up";
    err_set(e, ERR_DENIED, "this takes your password once more");
    return err_hint(e, "POST /api/v1/step-up with your password, then again");
}
