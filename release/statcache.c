// statcache.c: one record a file, sorted by path, and a checksum over all. Written by and for this machine alone, so
// numbers are in its own byte order.
#include "release/statcache.h"
#include "base/file.h"
#include <sodium.h>
#include <string.h>

static const char magic[8] = "RSBSTA2\n";
enum { SUM = 16, FILE_MAX = 1 << 30 };
static const int64_t young_ns = 2000000000;

struct record {
    struct identity id;
    unsigned char sha256[32];
    uint64_t path_length;
};

static void sum_of(struct str bytes, unsigned char sum[SUM])
{
    crypto_generichash(sum, SUM, (const unsigned char *)bytes.p, bytes.n, NULL, 0);
}

// Brings the next record to hand. Lengths are checked, although the checksum already says that they are ours.
static void advance(struct statcache *c)
{
    struct record r;
    c->path = S("");
    if (c->rest.n < sizeof r)
        return;
    memcpy(&r, c->rest.p, sizeof r);
    c->rest = str_from(c->rest, sizeof r);
    if (r.path_length > c->rest.n)
        return;
    c->path = str_head(c->rest, r.path_length);
    c->rest = str_from(c->rest, r.path_length);
    c->id = r.id;
    memcpy(c->sha256, r.sha256, sizeof c->sha256);
    c->n++;
}

void statcache_load(struct arena *a, const char *path, struct statcache *out)
{
    struct err e;
    unsigned char sum[SUM];
    *out = (struct statcache){0};
    if (!file_read(a, path, FILE_MAX, &out->rest, &e) || out->rest.n < sizeof magic + SUM) {
        out->rest = S("");
        return;
    }
    struct str body = str_head(out->rest, out->rest.n - SUM);
    sum_of(body, sum);
    bool ours = memcmp(sum, out->rest.p + body.n, SUM) == 0 && memcmp(body.p, magic, sizeof magic) == 0;
    out->rest = ours ? str_from(body, sizeof magic) : S("");
    advance(out);
}

bool statcache_find(struct statcache *c, struct str path, const struct identity *id, unsigned char sha256[32])
{
    while (c->path.n && str_cmp(c->path, path) < 0)
        advance(c);
    if (!str_eq(c->path, path) || !identity_eq(&c->id, id))
        return false;
    memcpy(sha256, c->sha256, sizeof c->sha256);
    c->hits++;
    return true;
}

bool statcache_save(const char *path, const struct founds *f, int64_t read_ns, struct err *e)
{
    OWN_BUF struct buf b = buf_make(FILE_MAX);
    unsigned char sum[SUM];
    buf_add(&b, (struct str){magic, sizeof magic});
    for (size_t i = 0; i < f->n; i++) {
        const struct found *x = &f->at[i];
        bool young = x->id.ctime_ns > read_ns - young_ns || x->id.mtime_ns > read_ns - young_ns;
        if (x->entry.kind != 'f' || x->text.n || young)
            continue;
        struct record r = {.id = x->id, .path_length = x->entry.path.n};
        memcpy(r.sha256, x->entry.sha256, sizeof r.sha256);
        buf_add(&b, (struct str){(const char *)&r, sizeof r});
        buf_add(&b, x->entry.path);
    }
    sum_of(buf_str(&b), sum);
    buf_add(&b, (struct str){(const char *)sum, SUM});
    return buf_ok(&b, e) && file_write(path, buf_str(&b), 0600, e);
}
