// wal.c: see wal.h. Records are collected in memory and written by one pwrite per commit.
#include "log/wal_inner.h"
#include "base/fault.h"
#include "base/file.h"
#include "log/crc32c.h"
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SPARES = 2, WAITING_MAX = 16 << 20 };

static const char magic[8] = {'R', 'S', 'B', 'W', 'A', 'L', '1', '\n'};

struct wal {
    char *dir;
    wal_streams_fn *streams;
    void *arg;
    uint64_t oldest, newest;        // segments in use; newest 0: none
    int fd;                         // of the newest; -1: none is open for writing
    size_t offset;                  // of the next record in it
    size_t durable;                 // bytes of it that are
    struct buf waiting;             // what stands at offset - waiting.n and is not written
    int spares;                     // files spare-0 .. that may be used again
};

// ---- bytes ----

size_t wal_padded(size_t n)
{
    return (n + 7) & ~(size_t)7;
}

uint64_t wal_lsn(uint64_t segment, size_t offset)
{
    return segment << OFFSET_BITS | offset;
}

static char *segment_path(const struct wal *w, uint64_t segment, char out[static 4200])
{
    snprintf(out, 4200, "%s/%010llu.wal", w->dir, (unsigned long long)segment);
    return out;
}

static char *spare_path(const struct wal *w, int i, char out[static 4200])
{
    snprintf(out, 4200, "%s/spare-%d", w->dir, i);
    return out;
}

// ---- opening ----

static bool segment_number(const char *name, uint64_t *out)
{
    struct str s = str_z(name);
    return str_ends(s, S(".wal")) && str_u64(str_head(s, s.n - 4), out);
}

static bool list_segments(struct wal *w, struct err *e)
{
    DIR *d = opendir(w->dir);
    size_t n = 0;
    char path[4200];
    if (!d)
        return err_set(e, ERR_IO, "open %s: %m", w->dir);
    for (struct dirent *x; (x = readdir(d));) {
        uint64_t number;
        if (!segment_number(x->d_name, &number))
            continue;
        if (n++ == 0)
            w->oldest = w->newest = number;
        w->oldest = number < w->oldest ? number : w->oldest;
        w->newest = number > w->newest ? number : w->newest;
    }
    closedir(d);
    if (n && w->newest - w->oldest + 1 != n)
        return err_set(e, ERR_CHECK, "%s: segments are missing between %llu and %llu", w->dir,
                       (unsigned long long)w->oldest, (unsigned long long)w->newest);
    while (w->spares < SPARES && path_exists(spare_path(w, w->spares, path)))
        w->spares++;
    return true;
}

static bool drop_headless(struct wal *w, struct err *e);

struct wal *wal_open(const char *dir, wal_streams_fn *fn, void *arg, struct err *e)
{
    assert(GET(uint32_t, "\1\0\0\0") == 1);
    if (!dir_make(dir, 0700, e))
        return NULL;
    struct wal *w = calloc(1, sizeof *w);
    assert(w);
    w->dir = strdup(dir);
    w->streams = fn;
    w->arg = arg;
    w->fd = -1;
    w->waiting = buf_make(WAITING_MAX + WAL_PAYLOAD_MAX);
    if (list_segments(w, e) && drop_headless(w, e))
        return w;
    wal_free(w);
    return NULL;
}

void wal_free(struct wal *w)
{
    if (!w)
        return;
    if (w->fd >= 0)
        close(w->fd);
    buf_drop(&w->waiting);
    free(w->dir);
    free(w);
}

// ---- reading ----

static void segment_free(struct wal_segment *s)
{
    free(s->p);
}

bool wal_head_ok(const struct wal_segment *s)
{
    return s->n >= WAL_HEAD && memcmp(s->p, magic, sizeof magic) == 0 && GET(uint64_t, s->p + 8) == s->number &&
        GET(uint32_t, s->p + 60) == crc32c(0, s->p, 60);
}

static bool read_segment(const struct wal *w, uint64_t number, struct wal_segment *out, struct err *e)
{
    char path[4200];
    OWN_FD fd = open(segment_path(w, number, path), O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        return err_set(e, ERR_IO, "open %s: %m", path);
    if (st.st_size > WAL_SEGMENT)
        return err_set(e, ERR_CHECK, "%s is larger than a segment can be", path);
    *out = (struct wal_segment){.number = number, .n = (size_t)st.st_size};
    out->p = malloc(out->n + 1);
    assert(out->p);
    for (size_t at = 0; at < out->n;) {
        ssize_t k = read(fd, out->p + at, out->n - at);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0) {
            err_set(e, ERR_IO, "read %s: %s", path, k < 0 ? strerror(errno) : "it became shorter");
            free(out->p);
            out->p = NULL;          // the caller's is closed by itself, too
            return false;
        }
        at += (size_t)k;
    }
    return true;
}

// The record at `at`, when there is a whole one of this segment.
bool wal_record_at(const struct wal_segment *s, size_t at, struct wal_record *out, size_t *next, size_t *durable)
{
    if (at + WAL_RECORD_HEAD > s->n)
        return false;
    const unsigned char *p = s->p + at;
    size_t n = GET(uint32_t, p);
    if (n > WAL_PAYLOAD_MAX || wal_padded(n) > s->n - at - WAL_RECORD_HEAD
        || GET(uint64_t, p + 8) != wal_lsn(s->number, at)
        || GET(uint32_t, p + 4) != crc32c(0, p + 8, WAL_RECORD_HEAD - 8 + n))
        return false;
    *out = (struct wal_record){.lsn = wal_lsn(s->number, at), .kind = p[16], .flags = p[17],
                               .dataset = GET(uint16_t, p + 18), .received_us = GET(int64_t, p + 24),
                               .payload = {(const char *)p + WAL_RECORD_HEAD, n}};
    *durable = GET(uint32_t, p + 20);
    *next = at + WAL_RECORD_HEAD + wal_padded(n);
    return true;
}

// A record behind `at` that was written when `at` was durable already: then what stands at `at` is no torn end.
static bool rotten(const struct wal_segment *s, size_t at, size_t *good)
{
    struct wal_record r;
    size_t next, durable;
    for (size_t i = at + 8; i + WAL_RECORD_HEAD <= s->n; i += 8)
        if (GET(uint64_t, s->p + i + 8) == wal_lsn(s->number, i) && wal_record_at(s, i, &r, &next, &durable)
            && durable > at) {
            *good = i;
            return true;
        }
    return false;
}

static bool say_rot(const struct wal *w, uint64_t segment, size_t from, size_t to, struct err *e)
{
    err_set(e, ERR_CHECK, "%s/%010llu.wal: bytes %zu to %zu are damaged, and there are good records behind them",
            w->dir, (unsigned long long)segment, from, to);
    return err_hint(e,
                    "look at that disk; put the whole lake back from a backup,"
                    " or see what rusuban log salvage can save");
}

// A newest segment whose making was cut off has no head and no record, and is made again under its number. It must be
// gone before anybody asks where the log ends: records that follow would have numbers below what was said to be done.
static bool drop_headless(struct wal *w, struct err *e)
{
    char path[4200];
    size_t good;
    OWN(segment_free) struct wal_segment s = {0};
    if (w->newest == 0)
        return true;
    if (!read_segment(w, w->newest, &s, e))
        return false;
    if (wal_head_ok(&s))
        return true;
    if (rotten(&s, 0, &good))
        return say_rot(w, w->newest, 0, good, e);
    if (unlink(segment_path(w, w->newest, path)) < 0)
        return err_set(e, ERR_IO, "remove %s: %m", path);
    if (--w->newest < w->oldest)
        w->oldest = w->newest = 0;
    return dir_sync(w->dir, e);
}

static bool end_segment(struct wal *w, uint64_t number, size_t at, struct err *e);

static bool replay_segment(struct wal *w, const struct wal_segment *s, size_t at, wal_record_fn *fn, void *arg,
                           struct err *e)
{
    struct wal_record r;
    size_t next, durable, good;
    bool last = s->number == w->newest;
    while (wal_record_at(s, at, &r, &next, &durable)) {
        if (r.kind == WAL_END)
            return true;
        if (!fn(arg, &r, e))
            return false;
        at = next;
    }
    if (at + WAL_RECORD_HEAD > s->n && s->n == WAL_SEGMENT)
        return true;
    if (!last)
        return say_rot(w, s->number, at, s->n, e);
    if (rotten(s, at, &good))
        return say_rot(w, s->number, at, good, e);
    // The torn end is closed, so that nothing written later can make what stands behind it count.
    return end_segment(w, s->number, at, e);
}

bool wal_replay(struct wal *w, uint64_t from, wal_record_fn *fn, void *arg, struct err *e)
{
    if (w->newest == 0)
        return true;
    uint64_t first = from ? from >> OFFSET_BITS : w->oldest;
    // Everything was done with before the segment that `from` is in was made: the newest one still says what there is.
    if (first > w->newest)
        first = w->newest, from = 0;
    if (first < w->oldest)
        return err_set(e, ERR_CHECK, "%s: segment %llu is needed and not there", w->dir, (unsigned long long)first);
    for (uint64_t i = first; i <= w->newest; i++) {
        OWN(segment_free) struct wal_segment s = {0};
        size_t at = i == first && from ? from & (WAL_SEGMENT - 1) : WAL_HEAD;
        if (!read_segment(w, i, &s, e))
            return false;
        if (!wal_head_ok(&s))
            return say_rot(w, i, 0, WAL_HEAD, e);
        if (!replay_segment(w, &s, at < WAL_HEAD ? WAL_HEAD : at, fn, arg, e))
            return false;
    }
    return true;
}

// ---- writing ----

static bool write_at(int fd, const void *p, size_t n, size_t at, struct err *e)
{
    if (fault_hit(FAULT_FILE))
        return err_set(e, ERR_IO, "write-ahead log: %m");
    for (size_t done = 0; done < n;) {
        ssize_t k = pwrite(fd, (const char *)p + done, n - done, (off_t)(at + done));
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return err_set(e, ERR_IO, "write-ahead log: %m");
        done += (size_t)k;
    }
    return true;
}

static bool sync_fd(int fd, struct err *e)
{
    if (fault_hit(FAULT_FILE) || fdatasync(fd) < 0)
        return err_set(e, ERR_IO, "write-ahead log: fdatasync: %m");
    return true;
}

void wal_record_head(unsigned char head[WAL_RECORD_HEAD], const struct wal_record *r, uint64_t lsn, size_t durable)
{
    memset(head, 0, WAL_RECORD_HEAD);
    PUT(head, uint32_t, r->payload.n);
    PUT(head + 8, uint64_t, lsn);
    head[16] = r->kind;
    head[17] = r->flags;
    PUT(head + 18, uint16_t, r->dataset);
    PUT(head + 20, uint32_t, durable);
    PUT(head + 24, int64_t, r->received_us);
    uint32_t crc = crc32c(crc32c(0, head + 8, WAL_RECORD_HEAD - 8), r->payload.p, r->payload.n);
    PUT(head + 4, uint32_t, crc);
}

void wal_segment_head(unsigned char head[static WAL_HEAD], uint64_t number, int64_t created_us)
{
    memset(head, 0, WAL_HEAD);
    memcpy(head, magic, sizeof magic);
    PUT(head + 8, uint64_t, number);
    PUT(head + 16, int64_t, created_us);
    PUT(head + 60, uint32_t, crc32c(0, head, 60));
}

static bool end_segment(struct wal *w, uint64_t number, size_t at, struct err *e)
{
    char path[4200];
    unsigned char head[WAL_RECORD_HEAD];
    OWN_FD fd = open(segment_path(w, number, path), O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(e, ERR_IO, "open %s: %m", path);
    if (at + WAL_RECORD_HEAD > WAL_SEGMENT)
        return true;
    wal_record_head(head, &(struct wal_record){.kind = WAL_END}, wal_lsn(number, at), at);
    return write_at(fd, head, sizeof head, at, e) && sync_fd(fd, e);
}

static void append_record(struct wal *w, const struct wal_record *r)
{
    unsigned char head[WAL_RECORD_HEAD];
    wal_record_head(head, r, wal_lsn(w->newest, w->offset), w->durable);
    buf_add(&w->waiting, (struct str){(const char *)head, sizeof head});
    buf_add(&w->waiting, r->payload);
    buf_addn(&w->waiting, 0, wal_padded(r->payload.n) - r->payload.n);
    assert(!w->waiting.failed);
    w->offset += WAL_RECORD_HEAD + wal_padded(r->payload.n);
}

static bool flush(struct wal *w, struct err *e)
{
    if (w->waiting.n == 0)
        return true;
    fault_die_at("wal:before-write");
    if (!write_at(w->fd, w->waiting.p, w->waiting.n, w->offset - w->waiting.n, e))
        return false;
    fault_die_at("wal:after-write");
    if (!sync_fd(w->fd, e))
        return false;
    fault_die_at("wal:after-sync");
    w->durable = w->offset;
    buf_clear(&w->waiting);
    return true;
}

// A file of WAL_SEGMENT bytes under the next number: one that was used before, or a new one. ERR_LIMIT: the disk is
// full.
static bool segment_file(struct wal *w, uint64_t number, int *out, struct err *e)
{
    char path[4200], spare[4200];
    segment_path(w, number, path);
    if (w->spares && rename(spare_path(w, w->spares - 1, spare), path) == 0)
        w->spares--;
    OWN_FD fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(e, errno == ENOSPC ? ERR_LIMIT : ERR_IO, "make %s: %m", path);
    int error = fault_hit(FAULT_FILE) ? ENOSPC : posix_fallocate(fd, 0, WAL_SEGMENT);
    if (error) {
        unlink(path);
        return err_set(e, error == ENOSPC || error == EDQUOT ? ERR_LIMIT : ERR_IO, "make %s: %s", path,
                       strerror(error));
    }
    *out = fd_give(&fd);
    return true;
}

static void append_streams(struct wal *w, int64_t now_us)
{
    OWN_BUF struct buf b = buf_make(WAL_PAYLOAD_MAX);
    uint64_t after = 0;
    for (bool more = true; more; buf_clear(&b)) {
        more = w->streams(w->arg, &after, &b);
        assert(!b.failed);
        append_record(w, &(struct wal_record){.kind = WAL_STREAMS, .received_us = now_us, .payload = buf_str(&b)});
    }
}

static bool new_segment(struct wal *w, struct err *e)
{
    unsigned char head[WAL_HEAD];
    struct timespec now;
    int fd;
    uint64_t number = w->newest + 1;
    if (!segment_file(w, number, &fd, e))
        return false;
    clock_gettime(CLOCK_REALTIME, &now);
    wal_segment_head(head, number, now.tv_sec * 1000000 + now.tv_nsec / 1000);
    if (!write_at(fd, head, sizeof head, 0, e) || !sync_fd(fd, e) || !dir_sync(w->dir, e)) {
        close(fd);
        return false;
    }
    if (w->fd >= 0)
        close(w->fd);
    w->fd = fd;
    w->newest = number;
    if (w->oldest == 0)
        w->oldest = number;
    w->offset = w->durable = WAL_HEAD;
    append_streams(w, now.tv_sec * 1000000);
    return true;
}

static bool make_room(struct wal *w, size_t n, struct err *e)
{
    if (w->fd >= 0 && w->offset + n + WAL_RECORD_HEAD <= WAL_SEGMENT)
        return true;
    if (w->fd < 0)
        return new_segment(w, e);
    append_record(w, &(struct wal_record){.kind = WAL_END});
    if (flush(w, e) && new_segment(w, e))
        return true;
    // END stands, so this segment takes no more; on a full disk every later call tries again to make the next one.
    close(w->fd);
    w->fd = -1;
    return false;
}

bool wal_add(struct wal *w, const struct wal_record *r, uint64_t *lsn, struct err *e)
{
    size_t n = WAL_RECORD_HEAD + wal_padded(r->payload.n);
    assert(r->payload.n <= WAL_PAYLOAD_MAX);
    if (w->waiting.n > WAITING_MAX && !flush(w, e))
        return false;
    if (!make_room(w, n, e))
        return false;
    *lsn = wal_lsn(w->newest, w->offset);
    append_record(w, r);
    return true;
}

bool wal_commit(struct wal *w, struct err *e)
{
    return flush(w, e);
}

size_t wal_waiting(const struct wal *w)
{
    return w->waiting.n;
}

uint64_t wal_end(const struct wal *w)
{
    return w->fd >= 0 ? wal_lsn(w->newest, w->offset) : wal_lsn(w->newest + 1, WAL_HEAD);
}

uint64_t wal_begin(const struct wal *w)
{
    return wal_lsn(w->oldest, 0);
}

int64_t wal_bytes(const struct wal *w)
{
    return w->newest ? (int64_t)(w->newest - w->oldest + 1) * WAL_SEGMENT : 0;
}

bool wal_forget(struct wal *w, uint64_t lsn, struct err *e)
{
    char path[4200], spare[4200];
    bool changed = false;
    for (; w->oldest && w->oldest < w->newest && w->oldest < lsn >> OFFSET_BITS; w->oldest++, changed = true) {
        segment_path(w, w->oldest, path);
        bool kept = w->spares < SPARES && rename(path, spare_path(w, w->spares, spare)) == 0;
        if (kept)
            w->spares++;
        else if (unlink(path) < 0)
            return err_set(e, ERR_IO, "remove %s: %m", path);
    }
    return !changed || dir_sync(w->dir, e);
}
