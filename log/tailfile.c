// tailfile.c: see tailfile.h.
#include "log/tailfile.h"
#include "log/clear.h"
#include "log/links.h"
#include "log/ltsv.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    RECENT_BYTES = 256 << 10,       // of a compressed file: half a line and the bytes before it are read twice
    RAW_MAX = 1 << 30,              // of one line; what is longer goes as several
    SCAN_BUDGET = 32 << 20,         // bytes without a line break that one call looks at
};

static int64_t us_of(struct statx_timestamp t)
{
    return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void take_stat(struct tailfile *f, const struct statx *st)
{
    f->dev = (uint64_t)st->stx_dev_major << 32 | st->stx_dev_minor;
    f->inode = st->stx_ino;
    f->links = st->stx_nlink;
    f->mtime_us = us_of(st->stx_mtime);
    f->btime_us = st->stx_mask & STATX_BTIME ? us_of(st->stx_btime) : 0;
    if (!f->packed)
        f->size = st->stx_size;
}

static bool look(struct tailfile *f, struct statx *st)
{
    if (statx(f->fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, st) < 0)
        return false;
    take_stat(f, st);
    return true;
}

bool tailfile_look(struct tailfile *f)
{
    struct statx st;
    return look(f, &st);
}

static bool starts_packed(int fd)
{
    unsigned char b[4];
    ssize_t n = pread(fd, b, sizeof b, 0);
    return (n >= 2 && b[0] == 0x1f && b[1] == 0x8b) || (n == 4 && memcmp(b, "\x28\xb5\x2f\xfd", 4) == 0);
}

struct tailfile *tailfile_open(const char *path, struct err *e)
{
    OWN_FD fd = links_open(path);
    struct statx st;
    if (fd < 0 && errno == EPERM) {
        err_set(e, ERR_DENIED, "%s is a link that was not made by root, nor by who owns the file that it leads to",
                path);
        return NULL;
    }
    if (fd < 0) {
        err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "open %s: %m", path);
        return NULL;
    }
    struct tailfile probe = {.fd = fd};
    if (!look(&probe, &st)) {
        err_set(e, ERR_IO, "open %s: %m", path);
        return NULL;
    }
    if (!S_ISREG(st.stx_mode)) {
        err_set(e, ERR_INPUT, "%s is no regular file", path);
        return NULL;
    }
    struct tailfile *f = calloc(1, sizeof *f);
    *f = probe;
    f->packed = starts_packed(fd);
    f->path = strdup(path);
    f->size = f->packed ? 0 : f->size;
    f->fd = fd_give(&fd);
    return f;
}

static void drop_clear(struct tailfile *f)
{
    clear_close(f->clear);
    free(f->recent);
    f->clear = NULL;
    f->recent = NULL;
    f->recent_at = f->recent_n = 0;
}

void tailfile_close(struct tailfile *f)
{
    if (!f)
        return;
    drop_clear(f);
    close(f->fd);
    free(f->path);
    free(f);
}

// ---- reading anywhere ----

static bool clear_anew(struct tailfile *f, struct err *e)
{
    char own[32];
    drop_clear(f);
    // A descriptor of its own: a duplicate would share our place in the file.
    snprintf(own, sizeof own, "/proc/self/fd/%d", f->fd);
    int fd = open(own, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(e, ERR_IO, "open %s: %m", f->path);
    f->clear = clear_of(fd, f->path, e);
    f->recent = f->clear ? malloc(RECENT_BYTES) : NULL;
    return f->clear;
}

// Keeps the last RECENT_BYTES of what came.
static void remember(struct tailfile *f, const char *p, size_t n)
{
    size_t keep = n < RECENT_BYTES ? RECENT_BYTES - n : 0, old = f->recent_n < keep ? f->recent_n : keep;
    size_t take = n < RECENT_BYTES ? n : RECENT_BYTES;
    memmove(f->recent, f->recent + f->recent_n - old, old);
    memcpy(f->recent + old, p + n - take, take);
    f->recent_at += f->recent_n - old + n - take;
    f->recent_n = old + take;
}

static bool more_clear(struct tailfile *f, char *to, size_t n, size_t *got, struct err *e)
{
    if (!clear_read(f->clear, to, n, got, e))
        return false;
    if (*got == 0) {
        f->ended = true;
        f->size = f->recent_at + f->recent_n;
        return true;
    }
    remember(f, to, *got);
    return true;
}

// What is behind `recent` and before the offset is read and thrown away; at most *budget bytes.
static bool skip_clear(struct tailfile *f, uint64_t offset, uint64_t *budget, struct err *e)
{
    char scrap[16 << 10];
    for (uint64_t at; (at = f->recent_at + f->recent_n) < offset && *budget && !f->ended;) {
        uint64_t n = offset - at < sizeof scrap ? offset - at : sizeof scrap;
        size_t got;
        if (!more_clear(f, scrap, n < *budget ? (size_t)n : (size_t)*budget, &got, e))
            return false;
        *budget -= got;
    }
    return true;
}

static ssize_t fetch_packed(struct tailfile *f, uint64_t offset, char *to, size_t n, struct err *e)
{
    uint64_t any = UINT64_MAX;
    size_t have = 0;
    if ((!f->clear || offset < f->recent_at) && !clear_anew(f, e))
        return -1;
    if (!skip_clear(f, offset, &any, e))
        return -1;
    if (offset >= f->recent_at && offset < f->recent_at + f->recent_n) {
        size_t from = (size_t)(offset - f->recent_at), left = f->recent_n - from;
        have = left < n ? left : n;
        memcpy(to, f->recent + from, have);
    }
    size_t known = have;
    for (size_t got = 1; have < n && got && !f->ended; have += got)
        if (!more_clear(f, to + have, n - have, &got, e))
            return have > known ? (ssize_t)have : -1;       // what came before the damage is good
    return (ssize_t)have;
}

// Fewer than n bytes: the end.
static ssize_t fetch(struct tailfile *f, uint64_t offset, char *to, size_t n, struct err *e)
{
    if (f->packed)
        return fetch_packed(f, offset, to, n, e);
    size_t have = 0;
    while (have < n) {
        ssize_t k = pread(f->fd, to + have, n - have, (off_t)(offset + have));
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0) {
            err_set(e, ERR_IO, "read %s: %m", f->path);
            return -1;
        }
        if (k == 0)
            break;
        have += (size_t)k;
    }
    return (ssize_t)have;
}

static uint64_t tail_from(uint64_t offset)
{
    return offset > TAIL_BYTES ? offset - TAIL_BYTES : 0;
}

// ---- who it is ----

static void take_head(struct tailfile *f, struct str head)
{
    f->head_n = (uint32_t)head.n;
    tail_hash(head, f->head);
}

static bool begins_still(const struct tailfile *f, struct str head)
{
    unsigned char got[TAIL_HASH];
    if (head.n < f->head_n)
        return false;
    tail_hash(str_head(head, f->head_n), got);
    return memcmp(got, f->head, sizeof got) == 0;
}

bool tailfile_head(struct tailfile *f, struct err *e)
{
    char head[HEAD_BYTES];
    ssize_t n = fetch(f, 0, head, sizeof head, e);
    if (n >= 0)
        take_head(f, (struct str){head, (size_t)n});
    return n >= 0;
}

enum tail_said tailfile_longer_head(struct tailfile *f, struct err *e)
{
    char head[HEAD_BYTES];
    ssize_t n = fetch(f, 0, head, sizeof head, e);
    if (n < 0)
        return TAIL_FAILED;
    if (!begins_still(f, (struct str){head, (size_t)n}))
        return TAIL_TRUNCATED;
    take_head(f, (struct str){head, (size_t)n});
    return TAIL_LINES;
}

static bool bytes_are(struct tailfile *f, uint64_t from, uint64_t to, const unsigned char hash[TAIL_HASH])
{
    char part[TAIL_BYTES];
    unsigned char got[TAIL_HASH];
    struct err e = {0};
    size_t n = (size_t)(to - from);
    if (n > sizeof part || fetch(f, from, part, n, &e) != (ssize_t)n)
        return false;
    tail_hash((struct str){part, n}, got);
    return memcmp(got, hash, TAIL_HASH) == 0;
}

bool tailfile_begins(struct tailfile *f, const struct stream_state *s)
{
    bool same_inode = f->dev == s->dev && f->inode == s->inode;
    return s->head_n ? s->head_n <= HEAD_BYTES && bytes_are(f, 0, s->head_n, s->head) : same_inode;
}

bool tailfile_part_of(struct tailfile *f, struct tailfile *of)
{
    char a[TAIL_BYTES], b[TAIL_BYTES];
    struct err e = {0};
    uint64_t from = tail_from(f->size);
    ssize_t n = (ssize_t)(f->size - from);
    return f->size <= of->size && fetch(f, from, a, (size_t)n, &e) == n && fetch(of, from, b, (size_t)n, &e) == n
           && memcmp(a, b, (size_t)n) == 0;
}

// Nothing was read before the first line. A file that was cut off since its head was taken, and has grown again, is
// another one.
static bool as_claimed(struct tailfile *f)
{
    char head[HEAD_BYTES];
    struct err e = {0};
    if (f->at || !f->head_n || f->packed)
        return true;
    ssize_t n = fetch(f, 0, head, f->head_n, &e);
    return n >= 0 && begins_still(f, (struct str){head, (size_t)n});
}

bool tailfile_sound(struct tailfile *f)
{
    char again[TAIL_BYTES];
    struct err e = {0};
    return f->packed || (as_claimed(f) && fetch(f, f->at - f->before_n, again, f->before_n, &e) == (ssize_t)f->before_n
                         && memcmp(again, f->before, f->before_n) == 0);
}

bool tailfile_begun(struct tailfile *f)
{
    char head[HEAD_BYTES];
    struct err e = {0};
    ssize_t n = fetch(f, 0, head, sizeof head, &e);
    return n == sizeof head || (n > 0 && memchr(head, '\n', (size_t)n));
}

bool tail_unknown(const unsigned char tail[TAIL_HASH])
{
    static const unsigned char none[TAIL_HASH];
    return memcmp(tail, none, sizeof none) == 0;
}

enum tailfile_is tailfile_is(struct tailfile *f, const struct stream_state *s)
{
    if (!tailfile_begins(f, s))
        return TAILFILE_OTHER;
    if (f->packed)
        return TAILFILE_UNSURE;
    if (f->size < s->offset)
        return TAILFILE_SHORTER;
    return s->offset == 0 || tail_unknown(s->tail) || bytes_are(f, tail_from(s->offset), s->offset, s->tail)
        ? TAILFILE_SAME : TAILFILE_OTHER;
}

enum tail_said tailfile_go(struct tailfile *f, uint64_t offset, uint64_t budget, struct err *e)
{
    uint64_t from = tail_from(offset);
    if (f->packed && (!f->clear || from < f->recent_at) && !clear_anew(f, e))
        return TAIL_FAILED;
    if (f->packed && !skip_clear(f, offset, &budget, e))
        return TAIL_FAILED;
    if (f->packed && !f->ended && f->recent_at + f->recent_n < offset)
        return TAIL_AGAIN;
    ssize_t n = fetch(f, from, (char *)f->before, (size_t)(offset - from), e);
    if (n < 0)
        return TAIL_FAILED;
    if ((uint64_t)n != offset - from)
        return TAIL_TRUNCATED;
    f->before_n = (size_t)n;
    f->at = f->scanned = offset;
    return TAIL_LINES;
}

// ---- the next lines ----

uint64_t tailfile_waiting(const struct tailfile *f)
{
    if (f->packed && !f->ended)
        return 1;
    return f->size > f->at ? f->size - f->at : 0;
}

// Where the first line begins that is longer than LINE_MAX_BYTES; n when there is none.
static size_t long_line_at(const char *p, size_t n)
{
    size_t at = 0;
    while (n - at > LINE_MAX_BYTES) {
        const char *nl = memrchr(p + at, '\n', LINE_MAX_BYTES + 1);
        if (!nl)
            return at;
        at = (size_t)(nl - p) + 1;
    }
    return n;
}

// Were the bytes at `from` still the same after they were read? Between two reads a file can be cut off and grow again.
static bool still(struct tailfile *f, uint64_t from, const char *was, size_t n)
{
    char again[TAIL_BYTES * 2];
    struct err e = {0};
    n = n < sizeof again ? n : sizeof again;
    return f->packed || (fetch(f, from, again, n, &e) == (ssize_t)n && memcmp(again, was, n) == 0);
}

// room: the bytes before `at`, then raw_n bytes that are cut off now.
static enum tail_said cut_off(struct tailfile *f, const char *room, size_t text_n, size_t raw_n, uint8_t flags,
                              struct cut *out)
{
    const char *text = room + f->before_n, *end = text + raw_n;
    size_t all = f->before_n + raw_n, keep = all < TAIL_BYTES ? all : TAIL_BYTES;
    if (!as_claimed(f) || !still(f, f->at - f->before_n, room, all))
        return TAIL_TRUNCATED;
    *out = (struct cut){.text = {text, text_n}, .start = f->at, .raw_n = (uint32_t)raw_n, .flags = flags};
    out->lines = flags ? 1 : cut_lines(out->text);
    tail_hash((struct str){end - keep, keep}, out->tail);
    memcpy(f->before, end - keep, keep);
    f->before_n = keep;
    f->at += raw_n;
    f->scanned = f->at;
    return TAIL_LINES;
}

// A long line whose end is not in the room: its beginning is read again, and the bytes before its end.
static enum tail_said cut_far(struct tailfile *f, uint64_t end, uint8_t flags, char *room, struct cut *out,
                              struct err *e)
{
    uint64_t from = f->at - f->before_n;
    size_t n = f->before_n + LINE_MAX_BYTES;
    unsigned char before[TAIL_BYTES];
    if (fetch(f, end - TAIL_BYTES, (char *)before, TAIL_BYTES, e) != TAIL_BYTES
        || fetch(f, from, room, n, e) != (ssize_t)n || memcmp(room, f->before, f->before_n) != 0 || !as_claimed(f))
        return TAIL_TRUNCATED;
    *out = (struct cut){.text = {room + f->before_n, LINE_MAX_BYTES}, .start = f->at, .raw_n = (uint32_t)(end - f->at),
                        .lines = 1, .flags = flags};
    memcpy(f->before, before, TAIL_BYTES);
    f->before_n = TAIL_BYTES;
    tail_hash((struct str){(char *)before, TAIL_BYTES}, out->tail);
    f->at = f->scanned = end;
    return TAIL_LINES;
}

// Longer than the room: looks for its end, which may be long in coming, and forgets what it saw.
static enum tail_said far_end(struct tailfile *f, bool last, char *room, struct cut *out, struct err *e)
{
    for (size_t seen = 0; seen < SCAN_BUDGET;) {
        ssize_t n = fetch(f, f->scanned, room, BLOCK_MAX, e);
        const char *nl = n > 0 ? memchr(room, '\n', (size_t)n) : NULL;
        if (n < 0)
            return TAIL_FAILED;
        if (nl)
            return cut_far(f, f->scanned + (uint64_t)(nl - room) + 1, BLOCK_LONG, room, out, e);
        if (n == 0)
            return last ? cut_far(f, f->scanned, BLOCK_LONG | BLOCK_TORN, room, out, e) : TAIL_WAIT;
        f->scanned += (uint64_t)n;
        if (f->scanned - f->at >= RAW_MAX)
            return cut_far(f, f->at + RAW_MAX, BLOCK_LONG, room, out, e);
        seen += (size_t)n;
    }
    return TAIL_AGAIN;
}

static enum tail_said cut_text(struct tailfile *f, char *room, size_t n, bool last, struct cut *out)
{
    const char *text = room + f->before_n, *nl = memrchr(text, '\n', n);
    size_t whole = nl ? (size_t)(nl - text) + 1 : 0, good = long_line_at(text, whole);
    if (good)
        return cut_off(f, room, good, good, 0, out);
    if (whole) {
        nl = memchr(text, '\n', whole);
        return cut_off(f, room, LINE_MAX_BYTES, (size_t)(nl - text) + 1, BLOCK_LONG, out);
    }
    if (last && n > LINE_MAX_BYTES)
        return cut_off(f, room, LINE_MAX_BYTES, n, BLOCK_LONG | BLOCK_TORN, out);
    return last && n ? cut_off(f, room, n, n, BLOCK_TORN, out) : TAIL_WAIT;
}

enum tail_said tailfile_next(struct tailfile *f, bool last, size_t max, char *room, struct cut *out, struct err *e)
{
    if (f->scanned - f->at >= max)
        return far_end(f, last, room, out, e);
    ssize_t got = fetch(f, f->at - f->before_n, room, f->before_n + max, e);
    if (got < 0)
        return TAIL_FAILED;
    if ((size_t)got < f->before_n || memcmp(room, f->before, f->before_n) != 0)
        return TAIL_TRUNCATED;
    size_t n = (size_t)got - f->before_n;
    enum tail_said said = cut_text(f, room, n, last && n < max, out);
    if (said != TAIL_WAIT || n < max)
        return said;
    f->scanned = f->at + n;
    return far_end(f, last, room, out, e);
}
