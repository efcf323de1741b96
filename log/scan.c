// scan.c: files of a path with other names: what the web server's file was renamed or copied to, compressed or not.
//
// Each is looked at once and again when its size or time changed. A compressed file that just appeared may still be
// written, so it is believed when it has been the same for a while and what it was made from is gone.
#include "log/follow.h"
#include "base/clock.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct seen { uint64_t dev, inode, size; int64_t mtime_us, since_tick; bool judged; };

void follow_seen_forget(struct follow *fo)
{
    fo->seen_n = 0;
}

static const char *const packed_ends[] = {".gz", ".zst", ".zstd"};
// What we cannot read, and what editors leave behind.
static const char *const foreign_ends[] = {".bz2", ".xz", ".lz4", ".lzma", ".zip", ".7z", ".Z", "~", ".swp", ".tmp"};

static bool ends_with_one(struct str name, const char *const *ends, size_t n, size_t *cut)
{
    for (size_t i = 0; i < n; i++)
        if (str_ends(name, str_z(ends[i]))) {
            *cut = name.n - strlen(ends[i]);
            return true;
        }
    return false;
}

// What logrotate puts between name and extension: ".3", or a date such as "-20261122" and "-20261122-1763798400".
// Shorter numbers behind a "-" are people's names for files of their own, and so are longer ones behind a ".":
// access.443.log is the log of a port.
static bool is_turn(struct str s)
{
    size_t digits = 0;
    for (size_t i = 1; i < s.n; i++)
        if (s.p[i] >= '0' && s.p[i] <= '9')
            digits++;
        else if (s.p[i] != '-' && s.p[i] != '_' && s.p[i] != '.')
            return false;
    return s.n > 1 && ((s.p[0] == '-' && digits >= 8) || (s.p[0] == '.' && digits == s.n - 1 && digits <= 2));
}

// access.3.log.gz of access.log: logrotate's `extension .log`.
static bool is_before_extension(struct str name, struct str base)
{
    size_t cut;
    if (ends_with_one(name, packed_ends, ARRAY_LEN(packed_ends), &cut))
        name.n = cut;
    size_t stem = base.n;
    while (stem > 0 && base.p[stem - 1] != '.')
        stem--;
    if (stem < 2)                       // no extension, or nothing before it
        return false;
    struct str extension = str_from(base, --stem);
    if (!str_starts(name, str_head(base, stem)) || !str_ends(name, extension) || name.n < base.n)
        return false;
    return is_turn((struct str){name.p + stem, name.n - base.n});
}

static bool is_family(struct str name, const char *base)
{
    struct str b = str_z(base);
    if (str_starts(name, b) && name.n > b.n && (name.p[b.n] == '.' || name.p[b.n] == '-'))
        return true;
    return is_before_extension(name, b);
}

// access.log.json may be a path of its own, and access.log.json.1 one of its older files.
static bool is_anothers(const struct follow *fo, struct str name)
{
    for (const struct follow *o = fo->talk->follows; o; o = o->next)
        if (o != fo && strcmp(o->dir, fo->dir) == 0 && strlen(o->base) > strlen(fo->base)
            && (str_eq(name, str_z(o->base)) || is_family(name, o->base)))
            return true;
    return false;
}

static struct seen *seen_of(struct follow *fo, const struct stat *st)
{
    uint64_t dev = (uint64_t)major(st->st_dev) << 32 | minor(st->st_dev);
    for (size_t i = 0; i < fo->seen_n; i++)
        if (fo->seen[i].dev == dev && fo->seen[i].inode == st->st_ino)
            return &fo->seen[i];
    if (fo->seen_n == fo->seen_cap && fo->seen_cap < SEEN_MAX) {
        fo->seen_cap = fo->seen_cap ? fo->seen_cap * 2 : 64;
        fo->seen = realloc(fo->seen, fo->seen_cap * sizeof *fo->seen);
    }
    if (fo->seen_n == SEEN_MAX)         // old ones are looked at again
        fo->seen_n = 0;
    struct seen *s = &fo->seen[fo->seen_n++];
    *s = (struct seen){.dev = dev, .inode = st->st_ino};
    return s;
}

// Whether the file has changed since it was last seen; if so, it is to be judged again.
static bool unchanged(struct seen *s, const struct stat *st)
{
    int64_t mtime_us = st->st_mtim.tv_sec * 1000000 + st->st_mtim.tv_nsec / 1000;
    if (s->since_tick && s->size == (uint64_t)st->st_size && s->mtime_us == mtime_us)
        return true;
    *s = (struct seen){s->dev, s->inode, (uint64_t)st->st_size, mtime_us, tick_ms(), false};
    return false;
}

static bool may_be_unfinished(const struct follow *fo, struct str name, const struct seen *s)
{
    size_t cut;
    if (!ends_with_one(name, packed_ends, ARRAY_LEN(packed_ends), &cut))
        return false;
    bool old = now_ms() - s->mtime_us / 1000 >= fo->talk->settle_ms;
    return !old && tick_ms() - s->since_tick < fo->talk->settle_ms;
}

// While it is made, and for ever with `gzip --keep`.
static bool plain_is_there(int dir, struct str name)
{
    char plain[NAME_MAX + 1];
    struct stat st;
    size_t cut;
    if (!ends_with_one(name, packed_ends, ARRAY_LEN(packed_ends), &cut))
        return false;
    snprintf(plain, sizeof plain, "%.*s", (int)cut, name.p);
    return fstatat(dir, plain, &st, 0) == 0;
}

static void is_shut(struct follow *fo, const struct err *e)
{
    snprintf(fo->shut, sizeof fo->shut, "%.*s", (int)sizeof fo->shut - 1, e->text);
    follow_trouble(fo, e);
}

static void judge(struct follow *fo, const char *name, struct seen *seen)
{
    struct err e = {0};
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", fo->dir, name);
    struct tailfile *f = tailfile_open(path, &e);
    struct source *s = f ? follow_take(fo, f) : NULL;
    if (!s) {
        fo->unsettled = fo->unsettled || e.kind == ERR_IO;
        if ((e.kind == ERR_IO || e.kind == ERR_DENIED) && seen->mtime_us >= fo->horizon_us)
            is_shut(fo, &e);            // and looked at again: a right that is given changes no time of it
        return;
    }
    enum match m = source_match(s);
    seen->judged = m != MATCH_UNSURE;
    if (m != MATCH_STREAM && m != MATCH_NEW)
        source_drop(s);
}

static void look_at_name(struct follow *fo, int dir, const char *name)
{
    struct stat st;
    size_t cut;
    struct str n = str_z(name);
    if (!is_family(n, fo->base) || ends_with_one(n, foreign_ends, ARRAY_LEN(foreign_ends), &cut) || is_anothers(fo, n)
        || fstatat(dir, name, &st, 0) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
        return;
    if (follow_holds(fo, (uint64_t)major(st.st_dev) << 32 | minor(st.st_dev), st.st_ino))
        return;
    struct seen *seen = seen_of(fo, &st);
    if (unchanged(seen, &st) && seen->judged)
        return;
    if (plain_is_there(dir, n))
        return;
    if (may_be_unfinished(fo, n, seen)) {
        fo->unsettled = true;
        return;
    }
    judge(fo, name, seen);
}

bool follow_sibling(const struct follow *fo, const char *name)
{
    return is_family(str_z(name), fo->base);
}

void follow_scan(struct follow *fo)
{
    DIR *d = opendir(fo->dir);
    struct err e = {0};
    fo->unsettled = !d;
    fo->shut[0] = 0;
    if (!d) {
        err_set(&e, ERR_IO, "open %s: %m", fo->dir);
        is_shut(fo, &e);
        return;
    }
    for (struct dirent *x; (x = readdir(d));)
        look_at_name(fo, dirfd(d), x->d_name);
    closedir(d);
}
