// blob.c: see blob.h.
#include "web/blob.h"
#include "base/clock.h"
#include "base/json.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct blob {
    unsigned refs;
    size_t n;
    char p[];
};

enum { SSE_MAX = 64 << 10 };

struct blob *blob_make(struct str text)
{
    char head[24];
    int h = snprintf(head, sizeof head, "%zx\r\n", text.n);
    assert(h > 0 && text.n);            // an empty chunk would end the answer
    struct blob *b = malloc(sizeof *b + (size_t)h + text.n + 2);
    assert(b);
    *b = (struct blob){.refs = 1, .n = (size_t)h + text.n + 2};
    memcpy(b->p, head, (size_t)h);
    memcpy(b->p + h, text.p, text.n);
    memcpy(b->p + h + text.n, "\r\n", 2);
    return b;
}

// A line end in JSON is white space between its parts, never inside a text.
static void add_line(struct buf *b, struct str json)
{
    for (size_t i = 0; i < json.n; i++)
        buf_addc(b, json.p[i] == '\n' || json.p[i] == '\r' ? ' ' : json.p[i]);
}

struct blob *blob_sse(int64_t id, struct str kind, struct str data)
{
    OWN_BUF struct buf b = buf_make(SSE_MAX);
    assert(str_plain(kind, "._"));
    if (id)
        buf_addf(&b, "id: %lld\n", (long long)id);
    buf_addf(&b, "event: " STR_F "\ndata: ", STR_A(kind));
    add_line(&b, data);
    buf_addz(&b, "\n\n");
    assert(!b.failed);                  // EVENT_BODY_MAX is a quarter of it
    return blob_make(buf_str(&b));
}

// The fields of one JSON object behind those that stand in *b already.
static void add_fields(struct buf *b, struct str json)
{
    struct str body = str_trim(json), fields = S("");
    if (body.n > 2 && str_starts(body, S("{")) && str_ends(body, S("}")))
        fields = str_trim(str_from(str_head(body, body.n - 1), 1));
    if (fields.n)
        buf_addc(b, ',');
    buf_add(b, fields);
}

struct blob *blob_event(const struct event *x)
{
    OWN_BUF struct buf b = buf_make(SSE_MAX);
    char at[TIME_TEXT_MAX];
    struct str kind = str_plain(x->kind, "._") ? x->kind : S("other");
    json_open(&b, '{');
    json_kvs(&b, KVS(KV("topic", x->topic), KV("subject", x->subject), KV("at", time_text(x->at, at))));
    if (x->body.n <= EVENT_BODY_MAX)
        add_fields(&b, x->body);
    json_close(&b, '}');
    return blob_sse(x->seq, kind, buf_str(&b));
}

struct blob *blob_bulk(struct str kind, struct str topic, struct str json)
{
    OWN_BUF struct buf b = buf_make(SSE_MAX);
    json_open(&b, '{');
    json_kv(&b, "topic", topic);
    add_fields(&b, json);
    json_close(&b, '}');
    return blob_sse(0, kind, buf_str(&b));
}

size_t blob_size(const struct blob *b)
{
    return b->n;
}

static void on_sent(const void *p, size_t n, void *arg)
{
    (void)p, (void)n;
    blob_drop(arg);
}

void blob_send(struct blob *b, struct evbuffer *out)
{
    b->refs++;
    if (evbuffer_add_reference(out, b->p, b->n, on_sent, b) < 0)
        blob_drop(b);
}

void blob_drop(struct blob *b)
{
    if (b && !--b->refs)
        free(b);
}
