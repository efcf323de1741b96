// digest.c: reading what the cache does not know, one file after the other in the order of paths.
#include "release/digest.h"
#include "base/clock.h"
#include "base/fault.h"
#include "release/statcache.h"
#include <sodium.h>
#include <unistd.h>

static bool read_file(int tree, struct found *f, struct err *e)
{
    static unsigned char part[256 << 10];
    OWN_FD fd = -1;
    if (!found_open(f, tree, &fd, e))
        return false;
    crypto_hash_sha256_state sha;
    crypto_hash_sha256_init(&sha);
    ssize_t n;
    while ((n = fault_hit(FAULT_FILE) ? -1 : read(fd, part, sizeof part)) > 0)
        crypto_hash_sha256_update(&sha, part, (size_t)n);
    if (n < 0)
        return err_set(e, ERR_IO, "read " STR_F ": %m", STR_A(f->entry.path));
    crypto_hash_sha256_final(&sha, f->entry.sha256);
    return found_stayed(f, fd, e);
}

static void save(const char *path, const struct founds *f, int64_t read_ns, struct buf *warnings)
{
    struct err e;
    if (!statcache_save(path, f, read_ns, &e))
        buf_addf(warnings, "the next pack will read every file again: %s\n", e.text);
}

bool digest_fill(struct arena *a, int tree, struct founds *f, const char *cache, struct buf *warnings, struct err *e)
{
    struct statcache known;
    int64_t begun_ns = now_ms() * 1000000;
    bool learned = false;
    statcache_load(a, cache, &known);
    for (size_t i = 0; i < f->n; i++) {
        struct found *x = &f->at[i];
        if (x->entry.kind != 'f' || x->text.n || statcache_find(&known, x->entry.path, &x->id, x->entry.sha256))
            continue;
        learned = true;
        if (!read_file(tree, x, e))
            return false;
    }
    if (learned || known.hits != known.n || known.rest.n)
        save(cache, f, begun_ns, warnings);
    return true;
}
