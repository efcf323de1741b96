// say.c: one LTSV line, one write(2), so that lines of several processes never mix.
#include "base/say.h"
#include "base/buf.h"
#include "base/clock.h"
#include <stdio.h>
#include <unistd.h>

static const char *role = "rusuban";
static int out = STDERR_FILENO;

void say_role(const char *name)
{
    role = name;
}

static void add_escaped(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '\t')
            buf_addz(b, "\\t");
        else if (c == '\n')
            buf_addz(b, "\\n");
        else if (c == '\\')
            buf_addz(b, "\\\\");
        else if (c < 0x20 || c == 0x7F)
            buf_addf(b, "\\x%02x", c);
        else
            buf_addc(b, (char)c);
    }
}

static void add_val(struct buf *b, struct val v)
{
    if (v.type == VAL_TEXT || v.type == VAL_JSON)
        add_escaped(b, v.text);
    else if (v.type == VAL_INT)
        buf_addf(b, "%lld", (long long)v.i);
    else if (v.type == VAL_BOOL)
        buf_addz(b, v.i ? "true" : "false");
    else if (v.type == VAL_REAL)
        buf_addf(b, "%.15g", v.real);
    else
        buf_addc(b, '-');
}

void say_into(int fd)
{
    out = fd;
}

void say_kvs(const char *what, struct kvs kvs)
{
    OWN_BUF struct buf b = buf_make(16 << 10);
    char time[TIME_TEXT_MAX];
    buf_addf(&b, "time:%s\trole:%s\tpid:%d\twhat:%s", time_text(now_ms(), time), role, (int)getpid(), what);
    for (size_t i = 0; i < kvs.n; i++) {
        buf_addf(&b, "\t%s:", kvs.at[i].key);
        add_val(&b, kvs.at[i].v);
    }
    b.failed = false;       // a value that did not fit is left out; the line stays a line
    buf_cut(&b, b.max - 1);
    buf_addc(&b, '\n');
    ssize_t n = write(out, b.p, b.n);
    (void)n;                // nobody is left to be told
}

void say_err(const char *what, const struct err *e)
{
    say(what, KV("kind", err_row(e->kind)->code), KV("error", e->text), KV("hint", e->hint[0] ? e->hint : NULL));
}
