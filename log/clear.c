// clear.c: see clear.h.
#include "log/clear.h"
#include "base/fault.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { INPUT_BYTES = 128 << 10, WINDOW_LOG_MAX = 27, GZIP_ONLY = 15 + 16, ZSTD_HEAD_MAX = 18, PACKER_HEAD_MAX = 10 };

struct clear {
    int fd;
    char *name;
    enum clear_kind kind;
    bool seeks, eof;
    bool inside;                // a member or frame has begun and not ended
    uint64_t at, eaten;
    z_stream gzip;
    ZSTD_DCtx *zstd;
    unsigned long long promised, given;     // zstd: clear bytes of the frame, as its head says (or not) and so far
    struct err broken;          // kind is not ERR_NONE once it is
    size_t from, to;            // of input, not used yet
    char input[INPUT_BYTES];
};

enum clear_kind clear_kind(const struct clear *c)
{
    return c->kind;
}

struct str clear_kind_name(enum clear_kind k)
{
    static const char *const names[] = {"plain", "gzip", "zstd"};
    return str_z(names[k]);
}

uint64_t clear_at(const struct clear *c)
{
    return c->at;
}

uint64_t clear_eaten(const struct clear *c)
{
    return c->eaten - (c->to - c->from);
}

// ---- bytes of the file ----

static bool more(struct clear *c, char *to, size_t cap, size_t *n, struct err *e)
{
    ssize_t k;
    do
        k = fault_hit(FAULT_FILE) ? -1 : read(c->fd, to, cap);
    while (k < 0 && errno == EINTR);
    if (k < 0)
        return err_set(e, ERR_IO, "read %s: %m", c->name);
    c->eof = k == 0;
    c->eaten += (uint64_t)k;
    *n = (size_t)k;
    return true;
}

// Until there are `want` bytes of input or the file ends.
static bool fill(struct clear *c, size_t want, struct err *e)
{
    if (c->from && c->to - c->from < want) {
        memmove(c->input, c->input + c->from, c->to - c->from);
        c->to -= c->from;
        c->from = 0;
    }
    while (!c->eof && c->to - c->from < want) {
        size_t n;
        if (!more(c, c->input + c->to, sizeof c->input - c->to, &n, e))
            return false;
        c->to += n;
    }
    return true;
}

// n: clear bytes that this call has got so far.
static bool damaged(const struct clear *c, size_t n, const char *why, struct err *e)
{
    err_set(e, ERR_INPUT, "%s: damaged after clear byte %llu: %s", c->name, (unsigned long long)c->at + n, why);
    return err_hint(e, "what comes before that byte can be read; look for a whole copy of the file");
}

// ---- the three kinds ----

static bool read_plain(struct clear *c, char *to, size_t cap, size_t *n, struct err *e)
{
    *n = c->to - c->from < cap ? c->to - c->from : cap;
    memcpy(to, c->input + c->from, *n);
    c->from += *n;
    return *n || c->eof || more(c, to, cap, n, e);
}

// Behind a member: another one, zeros that fill a block (tar, tape), or the end.
static bool next_member(struct clear *c, struct err *e)
{
    for (; c->from < c->to && c->input[c->from] == 0; c->from++)
        ;
    if (c->from == c->to)
        return true;
    if (!fill(c, 2, e))
        return false;
    if (c->to - c->from < 2 || memcmp(c->input + c->from, "\x1f\x8b", 2) != 0)
        return damaged(c, 0, "what follows a gzip member is none", e);
    c->inside = true;
    return inflateReset(&c->gzip) == Z_OK || err_set(e, ERR_BUG, "inflateReset");
}

static bool read_gzip(struct clear *c, char *to, size_t cap, size_t *n, struct err *e)
{
    while (*n == 0) {
        if (!fill(c, 1, e) || (!c->inside && !next_member(c, e)))
            return false;
        bool none = c->from == c->to;
        if (!c->inside && none && c->eof)
            return true;
        if (!c->inside)
            continue;
        c->gzip.next_in = (unsigned char *)c->input + c->from;
        c->gzip.avail_in = (unsigned)(c->to - c->from);
        c->gzip.next_out = (unsigned char *)to;
        c->gzip.avail_out = (unsigned)cap;
        int was = inflate(&c->gzip, Z_NO_FLUSH);
        c->from = c->to - c->gzip.avail_in;
        *n = cap - c->gzip.avail_out;
        c->inside = was != Z_STREAM_END;
        if (was != Z_OK && was != Z_STREAM_END && was != Z_BUF_ERROR)
            return damaged(c, *n, c->gzip.msg ? c->gzip.msg : "this is no gzip member", e);
        if (none && *n == 0 && c->inside)
            return damaged(c, 0, "it ends in the middle of a gzip member", e);
    }
    return true;
}

static bool next_frame(struct clear *c, struct err *e)
{
    if (!fill(c, ZSTD_HEAD_MAX, e))
        return false;
    c->promised = ZSTD_getFrameContentSize(c->input + c->from, c->to - c->from);
    c->given = 0;
    return true;
}

// libzstd takes a frame that ends early by an empty last block when its room is small, and refuses it when it is not.
static bool kept_its_word(const struct clear *c)
{
    return c->promised == ZSTD_CONTENTSIZE_UNKNOWN || c->promised == ZSTD_CONTENTSIZE_ERROR || c->promised == c->given;
}

static bool read_zstd(struct clear *c, char *to, size_t cap, size_t *n, struct err *e)
{
    while (*n == 0) {
        if (c->inside ? !fill(c, 1, e) : !next_frame(c, e))
            return false;
        bool none = c->from == c->to;
        ZSTD_inBuffer in = {c->input + c->from, c->to - c->from, 0};
        ZSTD_outBuffer out = {to, cap, 0};
        if (none && !c->inside)
            return true;
        size_t left = ZSTD_decompressStream(c->zstd, &out, &in);
        c->from += in.pos;
        *n = out.pos;
        if (ZSTD_isError(left))
            return damaged(c, *n, ZSTD_getErrorName(left), e);
        c->inside = left != 0;
        c->given += *n;
        if (!c->inside && !kept_its_word(c))
            return damaged(c, *n, "a zstd frame holds less than it says", e);
        if (none && *n == 0 && c->inside)
            return damaged(c, 0, "it ends in the middle of a zstd frame", e);
    }
    return true;
}

// ---- open, read, close ----

static bool is_zstd(const char *p)
{
    // A frame, or one that is to be skipped (RFC 8878, section 3.1.2), with which parallel compressors begin.
    return memcmp(p, "\x28\xb5\x2f\xfd", 4) == 0 || ((p[0] & 0xf0) == 0x50 && memcmp(p + 1, "\x2a\x4d\x18", 3) == 0);
}

// '?' in a packer's head is any byte: bzip2 writes its level there.
static bool begins(struct str s, struct str head)
{
    for (size_t i = 0; i < head.n; i++)
        if (i >= s.n || (head.p[i] != '?' && head.p[i] != s.p[i]))
            return false;
    return true;
}

// What we do not unpack would be taken for lines of rubbish.
static bool packed_otherwise(const struct clear *c, struct err *e)
{
    static const struct { const char *by, *program; struct str head; } packers[] = {
        {"xz", "xz", S("\xfd" "7zXZ\0")}, {"bzip2", "bzip2", S("BZh?1AY&SY")}, {"lz4", "lz4", S("\x04\x22\x4d\x18")},
        {"zip", NULL, S("PK\x03\x04")}, {"7z", NULL, S("7z\xbc\xaf\x27\x1c")}, {"compress", "gzip", S("\x1f\x9d")},
        {"lzip", "lzip", S("LZIP\x01")}};
    struct str head = {c->input + c->from, c->to - c->from};
    for (size_t i = 0; i < ARRAY_LEN(packers); i++) {
        if (!begins(head, packers[i].head))
            continue;
        err_set(e, ERR_INPUT, "%s is packed by %s, which is not unpacked here", c->name, packers[i].by);
        if (packers[i].program)
            err_hint(e, "%s -dc FILE | rusuban log import -, or pack it by gzip or zstd", packers[i].program);
        else
            err_hint(e, "unpack it first; gzip and zstd are read as they are");
        return true;
    }
    return false;
}

static bool begin(struct clear *c, struct err *e)
{
    struct stat st;
    if (fstat(c->fd, &st) < 0)
        return err_set(e, ERR_IO, "stat %s: %m", c->name);
    if (S_ISDIR(st.st_mode))
        return err_set(e, ERR_INPUT, "%s is a directory; name the files in it", c->name);
    c->seeks = S_ISREG(st.st_mode);
    if (!fill(c, PACKER_HEAD_MAX, e) || packed_otherwise(c, e))
        return false;
    size_t n = c->to - c->from;
    const char *p = c->input + c->from;
    if (n >= 2 && memcmp(p, "\x1f\x8b", 2) == 0) {
        c->kind = CLEAR_GZIP;
        c->inside = true;
        return inflateInit2(&c->gzip, GZIP_ONLY) == Z_OK || err_set(e, ERR_BUG, "inflateInit2");
    }
    if (n >= 4 && is_zstd(p)) {
        c->kind = CLEAR_ZSTD;
        c->zstd = ZSTD_createDCtx();
        assert(c->zstd);
        ZSTD_DCtx_setParameter(c->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
    }
    return true;
}

struct clear *clear_of(int fd, const char *name, struct err *e)
{
    struct clear *c = calloc(1, sizeof *c);
    assert(c);
    c->fd = fd;
    c->name = strdup(name);
    assert(c->name);
    if (begin(c, e))
        return c;
    clear_close(c);
    return NULL;
}

struct clear *clear_open(const char *path, struct err *e)
{
    int fd = fault_hit(FAULT_FILE) ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "open %s: %m", path);
        return NULL;
    }
    return clear_of(fd, path, e);
}

bool clear_read(struct clear *c, char *to, size_t cap, size_t *n, struct err *e)
{
    static bool (*const by_kind[])(struct clear *, char *, size_t, size_t *, struct err *) = {
        [CLEAR_PLAIN] = read_plain, [CLEAR_GZIP] = read_gzip, [CLEAR_ZSTD] = read_zstd};
    *n = 0;
    assert(cap > 0);
    if (c->broken.kind == ERR_NONE && !by_kind[c->kind](c, to, cap < INT32_MAX ? cap : INT32_MAX, n, &c->broken))
        assert(c->broken.kind != ERR_NONE);
    c->at += *n;                // what came before the damage comes first, the error with the next call
    if (*n || c->broken.kind == ERR_NONE)
        return true;
    *e = c->broken;
    return false;
}

static bool too_short(struct clear *c, uint64_t bytes, struct err *e)
{
    return err_set(e, ERR_INPUT, "%s ends after %llu clear bytes, %llu before the byte to go on at", c->name,
                   (unsigned long long)c->at, (unsigned long long)bytes);
}

bool clear_skip(struct clear *c, uint64_t bytes, struct err *e)
{
    char dust[16 << 10];
    size_t n;
    if (c->kind == CLEAR_PLAIN && c->seeks && bytes > c->to - c->from) {
        struct stat st;
        uint64_t target = c->at + bytes;
        off_t base = lseek(c->fd, 0, SEEK_CUR) - (off_t)(c->to - c->from) - (off_t)c->at;    // where reading began
        if (base < 0 || fstat(c->fd, &st) < 0)
            return err_set(e, ERR_IO, "seek in %s: %m", c->name);
        if ((uint64_t)st.st_size < (uint64_t)base + target)
            return too_short(c, (uint64_t)base + target - (uint64_t)st.st_size, e);
        if (lseek(c->fd, base + (off_t)target, SEEK_SET) < 0)
            return err_set(e, ERR_IO, "seek in %s: %m", c->name);
        c->from = c->to = 0;
        c->eof = false;
        c->at = c->eaten = target;
        return true;
    }
    for (; bytes; bytes -= n) {
        if (!clear_read(c, dust, bytes < sizeof dust ? bytes : sizeof dust, &n, e))
            return false;
        if (n == 0)
            return too_short(c, bytes, e);
    }
    return true;
}

void clear_close(struct clear *c)
{
    if (!c)
        return;
    if (c->kind == CLEAR_GZIP)
        inflateEnd(&c->gzip);
    ZSTD_freeDCtx(c->zstd);
    close(c->fd);
    free(c->name);
    free(c);
}
