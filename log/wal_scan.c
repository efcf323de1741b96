// wal_scan.c: see wal_scan.h.
#include "log/wal_scan.h"
#include "base/file.h"
#include "log/wal_inner.h"
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SECTOR = 4096, PIECE = 1 << 20 };

static const char *path_of(const struct wal_scan *s, uint64_t segment)
{
    return str_zf(s->arena, "%s/%010llu.wal", s->dir, (unsigned long long)segment);
}

static void segment_drop(struct wal_segment *s)
{
    free(s->p);
}

// What the disk cannot read any more is zeros.
static void read_piece(int fd, unsigned char *to, size_t n, size_t at)
{
    for (size_t done = 0; done < n;) {
        ssize_t k = pread(fd, to + done, n - done, (off_t)(at + done));
        if (k > 0)
            done += (size_t)k;
        else if (k == 0)
            return;
        else if (errno != EINTR && n <= SECTOR)
            done += SECTOR;
        else if (errno != EINTR) {
            for (size_t i = done; i < n; i += SECTOR)
                read_piece(fd, to + i, n - i < SECTOR ? n - i : SECTOR, at + i);
            return;
        }
    }
}

// A whole segment in any case: what is not there is zeros, too.
static bool load(const struct wal_scan *s, uint64_t number, struct wal_segment *out, struct err *e)
{
    const char *path = path_of(s, number);
    OWN_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno != ENOENT)
        return err_set(e, ERR_IO, "open %s: %m", path);
    *out = (struct wal_segment){.number = number, .p = calloc(1, WAL_SEGMENT), .n = WAL_SEGMENT};
    assert(out->p);
    for (size_t at = 0; fd >= 0 && at < WAL_SEGMENT; at += PIECE)
        read_piece(fd, out->p + at, PIECE, at);
    return true;
}

static bool find_ends(struct wal_scan *s, struct err *e)
{
    uint64_t n, oldest = 0;
    DIR *d = opendir(s->dir);
    if (!d)
        return err_set(e, ERR_IO, "open %s: %m", s->dir);
    for (struct dirent *x; (x = readdir(d));) {
        struct str name = str_z(x->d_name);
        if (!str_ends(name, S(".wal")) || !str_u64(str_head(name, name.n - 4), &n))
            continue;
        s->newest = n > s->newest ? n : s->newest;
        oldest = oldest && oldest < n ? oldest : n;
    }
    closedir(d);
    if (s->from == 0)
        s->from = wal_lsn(oldest, 0);
    return true;
}

// ---- what is there ----

static size_t next_good(const struct wal_segment *s, size_t at)
{
    struct wal_record r;
    size_t next, durable;
    for (size_t i = at + WAL_RECORD_HEAD; i + WAL_RECORD_HEAD <= s->n; i += 8)
        if (GET(uint64_t, s->p + i + 8) == wal_lsn(s->number, i) && wal_record_at(s, i, &r, &next, &durable))
            return i;
    return s->n;
}

static void patch(struct wal_scan *s, uint64_t segment, size_t from, size_t to, bool end)
{
    vec_push(s->arena, &s->patches, ((struct wal_patch){segment, from, to, end}));
}

static void found_hole(struct wal_scan *s, uint64_t segment, size_t from, size_t to)
{
    struct wal_hole h = {segment, from, to};
    vec_push(s->arena, &s->holes, h);
    s->hole(s->arg, &h);
}

static void scan_segment(struct wal_scan *s, const struct wal_segment *g)
{
    struct wal_record r;
    size_t at = WAL_HEAD, next, durable;
    if (!wal_head_ok(g)) {
        found_hole(s, g->number, 0, WAL_HEAD);
        patch(s, g->number, 0, WAL_HEAD, false);
    }
    while (at + WAL_RECORD_HEAD <= g->n) {
        bool drop = false;
        if (wal_record_at(g, at, &r, &next, &durable)) {
            if (r.kind == WAL_END)
                return;
            s->record(s->arg, &r, &drop);
            if (drop)
                patch(s, g->number, at, next, false);
            at = next;
            continue;
        }
        next = next_good(g, at);
        // The end of the newest one, torn or not: another segment will stand behind it.
        bool last = next == g->n;
        if (!last || g->number != s->newest)
            found_hole(s, g->number, at, next);
        patch(s, g->number, at, next, last);
        at = next;
    }
}

bool wal_scan(struct wal_scan *s, struct err *e)
{
    s->newest = 0;
    memset(&s->holes, 0, sizeof s->holes);
    memset(&s->patches, 0, sizeof s->patches);
    if (!find_ends(s, e))
        return false;
    for (uint64_t i = s->from >> OFFSET_BITS; i && i <= s->newest; i++) {
        OWN(segment_drop) struct wal_segment g = {0};
        if (!load(s, i, &g, e))
            return false;
        scan_segment(s, &g);
    }
    return true;
}

// ---- mending ----

static void put_record(struct wal_segment *g, size_t at, enum wal_kind kind, struct str payload)
{
    wal_record_head(g->p + at, &(struct wal_record){.kind = (uint8_t)kind, .payload = payload}, wal_lsn(g->number, at),
                    at);
}

// Records of nothing, as many as it takes.
static void blank(struct wal_segment *g, size_t from, size_t to)
{
    memset(g->p + from, 0, to - from);
    while (to - from >= WAL_RECORD_HEAD) {
        size_t n = to - from - WAL_RECORD_HEAD;
        if (n > WAL_PAYLOAD_MAX)
            n = WAL_PAYLOAD_MAX - WAL_RECORD_HEAD;       // what is left has room for another one
        put_record(g, from, WAL_LOST, (struct str){(char *)g->p + from + WAL_RECORD_HEAD, n});
        from += WAL_RECORD_HEAD + n;
    }
}

static void apply(struct wal_segment *g, const struct wal_patch *p)
{
    if (p->from == 0)
        wal_segment_head(g->p, g->number, 0);
    else if (!p->end)
        blank(g, p->from, p->to);
    else if (p->from + WAL_RECORD_HEAD <= g->n) {
        memset(g->p + p->from, 0, g->n - p->from);
        put_record(g, p->from, WAL_END, S(""));
    }
}

static bool keep_old(const struct wal_scan *s, uint64_t number, const char *kept, struct err *e)
{
    const char *to = str_zf(s->arena, "%s/%010llu.wal", kept, (unsigned long long)number);
    for (int i = 1; path_exists(to); i++)
        to = str_zf(s->arena, "%s/%010llu.wal.%d", kept, (unsigned long long)number, i);
    if (!dir_make(kept, 0700, e))
        return false;
    return link(path_of(s, number), to) == 0 || errno == ENOENT
        || err_set(e, ERR_IO, "keep %s as %s: %m", path_of(s, number), to);
}

static bool mend_segment(const struct wal_scan *s, uint64_t number, const char *kept, struct err *e)
{
    OWN(segment_drop) struct wal_segment g = {0};
    bool any = false;
    for (size_t i = 0; i < s->patches.n; i++)
        any = any || s->patches.at[i].segment == number;
    if (!any)
        return true;
    if (!load(s, number, &g, e) || !keep_old(s, number, kept, e))
        return false;
    for (size_t i = 0; i < s->patches.n; i++)
        if (s->patches.at[i].segment == number)
            apply(&g, &s->patches.at[i]);
    return file_write(path_of(s, number), (struct str){(char *)g.p, g.n}, 0600, e);
}

// The oldest last: as long as there is damage anywhere, all of it is found again.
bool wal_mend(const struct wal_scan *s, const char *kept, struct err *e)
{
    for (uint64_t i = s->newest; i && i >= s->from >> OFFSET_BITS; i--)
        if (!mend_segment(s, i, kept, e))
            return err_in(e, "mend %s", path_of(s, i));
    return true;
}

bool wal_snapshot(const struct wal_scan *s, wal_streams_fn *fn, void *arg, struct err *e)
{
    OWN(segment_drop) struct wal_segment g = {.number = s->newest + 1, .p = calloc(1, WAL_SEGMENT), .n = WAL_SEGMENT};
    OWN_BUF struct buf b = buf_make(WAL_PAYLOAD_MAX);
    size_t at = WAL_HEAD;
    uint64_t after = 0;
    assert(g.p);
    wal_segment_head(g.p, g.number, 0);
    for (bool more = true; more; buf_clear(&b)) {
        more = fn(arg, &after, &b);
        assert(!b.failed && at + WAL_RECORD_HEAD + wal_padded(b.n) <= g.n);
        if (b.n)
            memcpy(g.p + at + WAL_RECORD_HEAD, b.p, b.n);
        put_record(&g, at, WAL_STREAMS, (struct str){(char *)g.p + at + WAL_RECORD_HEAD, b.n});
        at += WAL_RECORD_HEAD + wal_padded(b.n);
    }
    return file_write(path_of(s, g.number), (struct str){(char *)g.p, g.n}, 0600, e);
}
