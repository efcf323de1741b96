// wal_fuzz.c: any bytes as a segment of the write-ahead log. Read a second time the same records come; one that is
// added now and then (a new segment is 64 MiB) comes behind them.
#include "base/file.h"
#include "log/crc32c.h"
#include "log/wal.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct seen { uint64_t n, sum; };

static bool on_record(void *arg, const struct wal_record *r, struct err *e)
{
    struct seen *s = arg;
    (void)e;
    if (r->kind == WAL_STREAMS)
        return true;
    s->n++;
    s->sum = s->sum * 31 + crc32c(r->kind, r->payload.p, r->payload.n) + r->lsn;
    return true;
}

static bool no_streams(void *arg, uint64_t *after, struct buf *out)
{
    (void)arg, (void)after, (void)out;
    return false;
}

// Inputs seldom guess checksums: the first byte says how many records at the front are given right ones.
static void mend(unsigned char *p, size_t n, unsigned records)
{
    uint32_t crc;
    if (n < WAL_HEAD)
        return;
    memcpy(p, "RSBWAL1\n\1\0\0\0\0\0\0\0", 16);
    crc = crc32c(0, p, 60);
    memcpy(p + 60, &crc, 4);
    for (size_t at = WAL_HEAD; records-- && at + WAL_RECORD_HEAD <= n;) {
        uint32_t length;
        uint64_t lsn = UINT64_C(1) << 26 | at;
        memcpy(&length, p + at, 4);
        length %= 512;
        if (length > n - at - WAL_RECORD_HEAD)
            return;
        memcpy(p + at, &length, 4);
        memcpy(p + at + 8, &lsn, 8);
        crc = crc32c(0, p + at + 8, WAL_RECORD_HEAD - 8 + length);
        memcpy(p + at + 4, &crc, 4);
        at += WAL_RECORD_HEAD + ((length + 7) & ~7u);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char dir[64], path[128];
    struct err e;
    if (size < 2 || size > 64 << 10)
        return 0;
    unsigned char *copy = malloc(size);
    assert(copy);
    memcpy(copy, data, size);
    mend(copy + 1, size - 1, data[0]);
    snprintf(dir, sizeof dir, "/dev/shm/wal-fuzz-%d", (int)getpid());
    snprintf(path, sizeof path, "%s/0000000001.wal", dir);
    if (!tree_remove(dir, &e) || !dir_make(dir, 0700, &e)
        || !file_write(path, (struct str){(char *)copy + 1, size - 1}, 0600, &e))
        abort();
    free(copy);
    struct seen before = {0}, after = {0};
    uint64_t lsn = 0;
    struct wal *w = wal_open(dir, no_streams, NULL, &e);
    bool read = w && wal_replay(w, 0, on_record, &before, &e);
    bool adds = (crc32c(0, data, size) & 63) == 0;
    if (read && adds) {
        struct wal_record r = {.kind = WAL_DONE, .payload = S("x")};
        if (!wal_add(w, &r, &lsn, &e) || !wal_commit(w, &e))
            abort();
    }
    wal_free(w);
    w = read ? wal_open(dir, no_streams, NULL, &e) : NULL;
    if (w) {
        if (!wal_replay(w, 0, on_record, &after, &e) || after.n != before.n + adds
            || (!adds && after.sum != before.sum))
            abort();
    }
    wal_free(w);
    return 0;
}
