// minute_body.c: see minute_inner.h.
#include "log/bytes.h"
#include "log/minute_inner.h"
#include <endian.h>
#include <string.h>

bool minute_cut_text(struct str *in, struct str *out)
{
    uint64_t n;
    if (!cut_varint(in, &n) || n > in->n)
        return false;
    *out = str_head(*in, n);
    *in = str_from(*in, n);
    return true;
}

static void put_lengthed(struct buf *b, struct str s)
{
    put_varint(b, s.n);
    buf_add(b, s);
}

static void put_body(struct buf *b, const struct page_minute *m)
{
    put_varint(b, m->n);
    put_varint(b, m->c4);
    put_varint(b, m->c5);
    put_varint(b, m->bytes);
    put_varint(b, m->clients);
    for (uint32_t i = 0; i < m->clients; i++)
        put_u32(b, m->client[i]);
    hist_put(b, &m->reqtime);
    hist_put(b, &m->apptime);
}

void minute_put(struct buf *b, struct str key, const struct page_minute *m)
{
    OWN_BUF struct buf body = buf_make(1 << 20);
    put_body(&body, m);
    put_lengthed(b, key);
    put_lengthed(b, buf_str(&body));
}

bool minute_read_body(struct str in, struct page_minute *m)
{
    uint64_t clients;
    if (!cut_varint(&in, &m->n) || !cut_varint(&in, &m->c4) || !cut_varint(&in, &m->c5) || !cut_varint(&in, &m->bytes)
        || !cut_varint(&in, &clients) || clients > CLIENTS_MAX || in.n < clients * sizeof(uint32_t))
        return false;
    m->clients = (uint32_t)clients;
    for (uint32_t i = 0; i < m->clients; i++) {
        uint32_t v;
        memcpy(&v, in.p + i * sizeof v, sizeof v);
        m->client[i] = le32toh(v);
    }
    in = str_from(in, clients * sizeof(uint32_t));
    return hist_read(&in, &m->reqtime) && hist_read(&in, &m->apptime) && in.n == 0;
}

bool minute_cut(struct str *in, struct str *key, struct page_minute *m)
{
    struct str body;
    return minute_cut_text(in, key) && minute_cut_text(in, &body) && minute_read_body(body, m);
}

void minute_add(struct page_minute *to, const struct page_minute *from)
{
    to->n += from->n;
    to->c4 += from->c4;
    to->c5 += from->c5;
    to->bytes += from->bytes;
    for (uint32_t i = 0; i < from->clients; i++) {
        bool known = false;
        for (uint32_t k = 0; k < to->clients; k++)
            known = known || to->client[k] == from->client[i];
        if (!known && to->clients < CLIENTS_MAX)
            to->client[to->clients++] = from->client[i];
    }
    hist_merge(&to->reqtime, &from->reqtime);
    hist_merge(&to->apptime, &from->apptime);
}

// ---- many of them, sorted by key ----

struct entry { struct str key, body, whole; };

static bool cut_entry(struct str *in, struct entry *x)
{
    struct str before = *in;
    if (!minute_cut_text(in, &x->key) || !minute_cut_text(in, &x->body))
        return false;
    x->whole = str_head(before, before.n - in->n);
    return true;
}

static bool put_both(struct buf *out, const struct entry *x, const struct entry *y)
{
    static _Thread_local struct page_minute one, other;
    if (!minute_read_body(x->body, &one) || !minute_read_body(y->body, &other))
        return false;
    minute_add(&one, &other);
    minute_put(out, x->key, &one);
    return true;
}

bool minute_merge(struct str a, struct str b, struct buf *out)
{
    struct entry x, y;
    bool has_x = a.n > 0, has_y = b.n > 0;
    if ((has_x && !cut_entry(&a, &x)) || (has_y && !cut_entry(&b, &y)))
        return false;
    while (has_x || has_y) {
        int d = !has_x ? 1 : !has_y ? -1 : str_cmp(x.key, y.key);
        if (d == 0 && !put_both(out, &x, &y))
            return false;
        if (d)
            buf_add(out, d < 0 ? x.whole : y.whole);
        if (d <= 0 && (has_x = a.n > 0) && !cut_entry(&a, &x))
            return false;
        if (d >= 0 && (has_y = b.n > 0) && !cut_entry(&b, &y))
            return false;
    }
    return !out->failed;
}
