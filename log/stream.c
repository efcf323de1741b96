// stream.c: see stream.h.
#include "log/stream.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define DAY_US  (INT64_C(86400) * 1000000)

void streams_make(struct streams *t)
{
    *t = (struct streams){.next_id = 1};
    pthread_mutex_init(&t->lock, NULL);
}

void streams_drop(struct streams *t)
{
    for (size_t i = 0; i < t->n; i++)
        free(t->at[i]);
    free(t->at);
    pthread_mutex_destroy(&t->lock);
}

static void let_go(pthread_mutex_t **lock)
{
    pthread_mutex_unlock(*lock);
}

// Held until the end of the scope.
#define HOLD(t) OWN(let_go) pthread_mutex_t *held = &(t)->lock; pthread_mutex_lock(held)

// Ids only grow, so the array is sorted.
static struct stream *find(const struct streams *t, uint64_t id)
{
    size_t low = 0, high = t->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->at[middle]->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < t->n && t->at[low]->id == id ? t->at[low] : NULL;
}

struct stream *streams_find(struct streams *t, uint64_t id)
{
    HOLD(t);
    return find(t, id);
}

static struct stream *add(struct streams *t, uint64_t id)
{
    if (t->n == t->cap) {
        t->cap = t->cap * 2 + 64;
        t->at = realloc(t->at, t->cap * sizeof *t->at);
        assert(t->at);
    }
    struct stream *s = calloc(1, sizeof *s);
    assert(s);
    s->id = id;
    size_t i = t->n++;
    for (; i > 0 && t->at[i - 1]->id > id; i--)
        t->at[i] = t->at[i - 1];
    t->at[i] = s;
    if (id >= t->next_id)
        t->next_id = id + 1;
    return s;
}

static void copy_text(char *to, size_t room, struct str s)
{
    size_t n = s.n < room ? s.n : room - 1;
    memcpy(to, s.p, n);
    to[n] = 0;
}

// As put_one writes it.
enum { RECORD_BYTES = 92 };
static size_t record_size(const struct stream *s)
{
    return RECORD_BYTES + strlen(s->host) + strlen(s->path);
}

static bool has_room(const struct streams *t, struct str host, const struct wire_claim *c, struct err *e)
{
    size_t more = RECORD_BYTES + host.n + c->path.n, of_host = more;
    for (size_t i = 0; i < t->n; i++)
        if (str_eq(str_z(t->at[i]->host), host))
            of_host += record_size(t->at[i]);
    if (t->bytes + more <= STREAMS_BYTES_MAX && of_host <= STREAMS_HOST_MAX)
        return true;
    err_set(e, ERR_LIMIT, "\"" STR_F "\" is one file too many to remember: %zu are known", STR_A(c->path), t->n);
    return err_hint(e, "files that ended are forgotten after %d days; rotate less often, or ship fewer of them",
                    FORGET_DAYS);
}

struct stream *streams_new(struct streams *t, struct str host, const struct wire_claim *c, struct err *e)
{
    HOLD(t);
    if (!has_room(t, host, c, e))
        return NULL;
    struct stream *s = add(t, t->next_id);
    s->dataset = c->dataset;
    copy_text(s->host, sizeof s->host, host);
    copy_text(s->path, sizeof s->path, c->path);
    s->dev = c->dev;
    s->inode = c->inode;
    s->head_n = c->head_n;
    memcpy(s->head, c->head, sizeof s->head);
    s->imported = c->imported;
    t->bytes += record_size(s);
    return s;
}

void streams_of(struct streams *t, struct str host, uint16_t dataset, struct str path, uint64_t before,
                struct wire_streams *out)
{
    HOLD(t);
    out->n = 0;
    out->more = false;
    for (size_t i = t->n; i-- > 0 && !out->more;) {
        const struct stream *s = t->at[i];
        if (s->id >= before || s->dataset != dataset || s->imported || !str_eq(str_z(s->host), host)
            || !str_eq(str_z(s->path), path))
            continue;
        out->more = out->n == STREAMS_MAX;
        if (out->more)
            break;
        struct stream_state *to = &out->at[out->n++];
        *to = (struct stream_state){.id = s->id, .dev = s->dev, .inode = s->inode, .offset = s->written,
                                    .head_n = s->head_n, .done = s->why};
        memcpy(to->head, s->head, sizeof to->head);
        memcpy(to->tail, s->tail, sizeof to->tail);
    }
}

size_t streams_alike(struct streams *t, struct str host, bool others, const struct wire_claim *c, struct stream *out,
                     size_t max)
{
    HOLD(t);
    size_t n = 0;
    for (size_t i = t->n; i-- > 0 && n < max;) {
        const struct stream *s = t->at[i];
        if (s->dataset == c->dataset && s->head_n == c->head_n && str_eq(str_z(s->host), host) != others
            && memcmp(s->head, c->head, sizeof s->head) == 0)
            out[n++] = *s;
    }
    return n;
}

size_t streams_after(struct streams *t, uint16_t dataset, uint64_t after, struct stream *out, size_t max)
{
    HOLD(t);
    size_t n = 0;
    for (size_t i = 0; i < t->n && n < max; i++)
        if (t->at[i]->id > after && t->at[i]->dataset == dataset)
            out[n++] = *t->at[i];
    return n;
}

struct stream *streams_twin(struct streams *t, struct str host, const struct wire_claim *c)
{
    HOLD(t);
    for (size_t i = t->n; i-- > 0 && !c->imported && c->head_n;) {
        struct stream *s = t->at[i];
        if (s->dataset == c->dataset && s->dev == c->dev && s->inode == c->inode && s->head_n == c->head_n && !s->why
            && !s->imported && memcmp(s->head, c->head, sizeof s->head) == 0 && str_eq(str_z(s->host), host)
            && str_eq(str_z(s->path), c->path))
            return s;
    }
    return NULL;
}

enum take stream_take(struct streams *t, struct stream *s, uint64_t start, uint64_t end, uint64_t *offset)
{
    HOLD(t);
    *offset = s->taken;
    if (s->why)
        return TAKE_NEVER;
    if (start == s->taken) {
        s->taken = end;
        return TAKE_IT;
    }
    *offset = end <= s->taken ? s->written : s->taken;
    return end <= s->taken ? TAKE_KNOWN : TAKE_REWIND;
}

void streams_untake(struct streams *t, struct str host, uint16_t dataset, struct str path)
{
    HOLD(t);
    for (size_t i = 0; i < t->n; i++)
        if (t->at[i]->dataset == dataset && !t->at[i]->imported && str_eq(str_z(t->at[i]->host), host)
            && str_eq(str_z(t->at[i]->path), path))
            t->at[i]->taken = t->at[i]->written;
}

void stream_untake(struct streams *t, struct stream *s)
{
    HOLD(t);
    s->taken = s->written;
}

void stream_claimed(struct streams *t, struct stream *s, const struct wire_claim *c)
{
    HOLD(t);
    s->dev = c->dev;
    s->inode = c->inode;
    if (c->head_n > s->head_n) {
        s->head_n = c->head_n;
        memcpy(s->head, c->head, sizeof s->head);
    }
}

// ---- as records ----

static void put_one(struct buf *b, const struct stream *s)
{
    put_u64(b, s->id);
    put_u16(b, s->dataset);
    put_text(b, str_z(s->host));
    put_text(b, str_z(s->path));
    put_u64(b, s->dev);
    put_u64(b, s->inode);
    put_u32(b, s->head_n);
    buf_add(b, (struct str){(const char *)s->head, sizeof s->head});
    buf_add(b, (struct str){(const char *)s->tail, sizeof s->tail});
    put_u8(b, s->imported);
    put_u8(b, s->why);
    put_u64(b, s->size);
    put_u64(b, s->written);
    put_u64(b, (uint64_t)s->touched_us);
}

bool streams_put(struct streams *t, uint64_t *after, struct buf *b)
{
    HOLD(t);
    size_t i = 0;
    while (i < t->n && t->at[i]->id <= *after)
        i++;
    for (size_t end = b->n + STREAMS_PUT; i < t->n && b->n + record_size(t->at[i]) <= end; i++) {
        put_one(b, t->at[i]);
        *after = t->at[i]->id;
    }
    return i < t->n;
}

void stream_put(struct streams *t, struct buf *b, const struct stream *s)
{
    HOLD(t);
    put_one(b, s);
}

static bool read_one(struct bytes *b, struct stream *s)
{
    s->id = bytes_u64(b);
    s->dataset = bytes_u16(b);
    copy_text(s->host, sizeof s->host, bytes_text(b));
    copy_text(s->path, sizeof s->path, bytes_text(b));
    s->dev = bytes_u64(b);
    s->inode = bytes_u64(b);
    s->head_n = bytes_u32(b);
    bytes_copy(b, s->head, sizeof s->head);
    bytes_copy(b, s->tail, sizeof s->tail);
    s->imported = bytes_u8(b);
    s->why = bytes_u8(b);
    s->size = bytes_u64(b);
    s->written = s->taken = bytes_u64(b);
    s->touched_us = (int64_t)bytes_u64(b);
    return !b->short_;
}

bool streams_read(struct streams *t, struct str payload, struct err *e)
{
    HOLD(t);
    for (struct bytes b = bytes_of(payload); b.n;) {
        struct stream s = {0}, *to;
        if (!read_one(&b, &s))
            return err_set(e, ERR_CHECK, "a record of streams in the write-ahead log is cut off");
        to = find(t, s.id);
        if (!to)
            to = add(t, s.id);
        else
            t->bytes -= record_size(to);
        *to = s;
        t->bytes += record_size(to);
    }
    return true;
}

void stream_wrote(struct streams *t, struct stream *s, uint64_t end, const unsigned char tail[16], int64_t at_us)
{
    HOLD(t);
    s->written = end;
    if (s->taken < end)
        s->taken = end;
    memcpy(s->tail, tail, sizeof s->tail);
    s->touched_us = at_us;
}

void stream_ended(struct streams *t, struct stream *s, uint64_t size, uint8_t why, int64_t at_us)
{
    HOLD(t);
    s->size = size;
    s->why = why;
    s->touched_us = at_us;
}

void stream_reopened(struct streams *t, struct stream *s)
{
    HOLD(t);
    if (!s->imported)
        s->why = 0;
}

// ---- forgetting ----

struct days { int64_t *at; size_t n; };         // different ones, ascending

static void days_free(struct days *d)
{
    free(d->at);
}

static int by_day(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static struct days days_of(const struct streams *t)
{
    struct days d = {.at = calloc(t->n + 1, sizeof *d.at)};
    size_t n = 0;
    assert(d.at);
    for (size_t i = 0; i < t->n; i++)
        if (t->at[i]->touched_us > 0)
            d.at[n++] = t->at[i]->touched_us / DAY_US;
    qsort(d.at, n, sizeof *d.at, by_day);
    for (size_t i = 0; i < n; i++)
        if (d.n == 0 || d.at[d.n - 1] != d.at[i])
            d.at[d.n++] = d.at[i];
    return d;
}

static size_t days_after(const struct days *d, int64_t at_us)
{
    size_t low = 0, high = d->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (d->at[middle] <= at_us / DAY_US)
            low = middle + 1;
        else
            high = middle;
    }
    return d->n - low;
}

// A person's import is remembered for longer: whoever imports it again is told.
static bool is_over(const struct stream *s, const struct days *d, int64_t now_us)
{
    return s->why && s->touched_us < now_us - (s->imported ? 400 : FORGET_DAYS) * DAY_US
        && days_after(d, s->touched_us) >= HORIZON_DAYS;
}

void streams_forget(struct streams *t, int64_t now_us)
{
    HOLD(t);
    OWN(days_free) struct days d = days_of(t);
    size_t kept = 0;
    if (d.n >= 3)
        t->believed_us = d.at[d.n - 3] * DAY_US;
    for (size_t i = 0; i < t->n; i++) {
        struct stream *s = t->at[i];
        if (is_over(s, &d, now_us)) {
            t->bytes -= record_size(s);
            free(s);
        } else {
            t->at[kept++] = s;
        }
    }
    t->n = kept;
}

int64_t streams_horizon(struct streams *t, int64_t now_us)
{
    HOLD(t);
    return (now_us > t->believed_us ? now_us : t->believed_us) - HORIZON_DAYS * DAY_US;
}
