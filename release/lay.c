// lay.c: take away what is not wanted, then put what is missing, then the directories' times.
#include "release/lay.h"
#include "base/file.h"
#include "base/fault.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static bool failed(const struct lay *l, const char *what, struct str path, struct err *e)
{
    return err_set(e, ERR_IO, "%s %s/" STR_F ": %m", what, l->stage_path, STR_A(path));
}

static void times_of(const struct entry *x, struct timespec t[2])
{
    t[0] = t[1] = (struct timespec){x->mtime_ns / 1000000000, x->mtime_ns % 1000000000};
}

// ---- one entry ----

static bool copy_slowly(int from, int to)
{
    static char part[256 << 10];
    struct err e;
    ssize_t n;
    while ((n = read(from, part, sizeof part)) > 0)
        if (!fd_write_all(to, (struct str){part, (size_t)n}, &e))
            return false;
    return n == 0;
}

// copy_file_range lets btrfs and xfs share the blocks; file systems that cannot say so before the first byte.
static bool copy_bytes(int from, int to)
{
    ssize_t n, done = 0;
    while ((n = fault_hit(FAULT_FILE) ? -1 : copy_file_range(from, NULL, to, NULL, 1 << 30, 0)) > 0)
        done += n;
    if (n == 0 && done > 0)
        return true;
    bool unable = n == 0 || errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP;
    return unable && done == 0 && copy_slowly(from, to);
}

static bool copy_from_tree(const struct lay *l, const struct found *f, int to, struct err *e)
{
    OWN_FD from = -1;
    if (!found_open(f, l->tree, &from, e))
        return false;
    if (!copy_bytes(from, to))
        return failed(l, "write", f->entry.path, e);
    return found_stayed(f, from, e);    // what was hashed is what was copied
}

static bool put_file(const struct lay *l, const struct found *f, struct err *e)
{
    struct str path = f->entry.path;
    struct timespec times[2];
    OWN_FD to = fault_hit(FAULT_FILE)
                    ? -1
                    : openat(l->stage, path.p, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (to < 0)
        return failed(l, "create", path, e);
    if (f->text.n && !fd_write_all(to, f->text, e))
        return err_in(e, "%s/" STR_F, l->stage_path, STR_A(path));
    if (!f->text.n && !copy_from_tree(l, f, to, e))
        return false;
    times_of(&f->entry, times);
    if (fault_hit(FAULT_FILE) || fchmod(to, f->entry.mode) < 0 || futimens(to, times) < 0)
        return failed(l, "set mode and time of", path, e);
    return true;
}

static bool put_link(const struct lay *l, const struct found *f, struct err *e)
{
    struct timespec times[2];
    times_of(&f->entry, times);
    if (fault_hit(FAULT_FILE) || symlinkat(f->entry.link.p, l->stage, f->entry.path.p) < 0 ||
        utimensat(l->stage, f->entry.path.p, times, AT_SYMLINK_NOFOLLOW) < 0)
        return failed(l, "make the link", f->entry.path, e);
    return true;
}

static bool put_dir(const struct lay *l, const struct found *f, struct err *e)
{
    // Twice, because the process's umask has a say in the first.
    if (fault_hit(FAULT_FILE) || mkdirat(l->stage, f->entry.path.p, 0755) < 0 ||
        fchmodat(l->stage, f->entry.path.p, f->entry.mode, 0) < 0)
        return failed(l, "make the directory", f->entry.path, e);
    return true;
}

// false with *e kind NONE: it cannot be linked, so copy.
static bool put_same(const struct lay *l, const struct found *f, struct err *e)
{
    const char *path = f->entry.path.p;
    e->kind = ERR_NONE;
    if (l->last >= 0 && !fault_hit(FAULT_FILE) && linkat(l->last, path, l->stage, path, 0) == 0)
        return true;
    // Too many links, gone, or no hard links here: the content is in the tree too, and keeps its old time.
    static const int reasons[] = {EMLINK, ENOENT, EXDEV, EPERM, EOPNOTSUPP};
    bool copy = l->last < 0;
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        copy |= errno == reasons[i];
    return copy ? false : failed(l, "link", f->entry.path, e);
}

static bool put(const struct lay *l, const struct found *f, struct err *e)
{
    if (f->entry.kind == 'd')
        return put_dir(l, f, e);
    if (f->kept) {
        if (put_same(l, f, e))
            return true;
        if (e->kind != ERR_NONE)
            return false;
    }
    return f->entry.kind == 'l' ? put_link(l, f, e) : put_file(l, f, e);
}

static bool take(const struct lay *l, const struct entry *x, struct err *e)
{
    if (!fault_hit(FAULT_FILE) && unlinkat(l->stage, x->path.p, x->kind == 'd' ? AT_REMOVEDIR : 0) == 0)
        return true;
    return failed(l, "remove", x->path, e);
}

// ---- the whole ----

static bool may_stay(const struct entry *there, const struct entry *wanted)
{
    if (there->kind == 'd' && wanted->kind == 'd')
        return there->mode == wanted->mode;
    return entry_same(there, wanted) && there->mtime_ns == wanted->mtime_ns;
}

// A byte for each entry of both lists: does it stay as it is?
struct marks { bool *wanted, *there; };

static void compare(const struct lay *l, struct marks m)
{
    struct pairs p = {.founds = l->wanted, .manifest = l->there};
    struct found *mine;
    struct entry theirs;
    while (pairs_next(&p, &mine, &theirs))
        if (mine && theirs.kind)
            m.wanted[p.i - 1] = m.there[p.j - 1] = may_stay(&theirs, &mine->entry);
}

// Backwards, so that a directory is empty when its turn comes.
static bool take_away(const struct lay *l, const bool *stays, struct err *e)
{
    for (uint32_t j = l->there->n; j-- > 0;) {
        struct entry x = manifest_at(l->there, j);
        if (!stays[j] && !take(l, &x, e))
            return false;
    }
    return true;
}

static bool put_missing(const struct lay *l, const bool *stands, struct err *e)
{
    for (size_t i = 0; i < l->wanted->n; i++)
        if (!stands[i] && !put(l, &l->wanted->at[i], e))
            return false;
    return true;
}

// Setting a time it has already would still make the inode dirty, and the flush pays for each.
static bool set_time(const struct lay *l, const struct entry *x, struct err *e)
{
    struct timespec times[2];
    struct stat st;
    times_of(x, times);
    if (!fault_hit(FAULT_FILE) && fstatat(l->stage, x->path.p, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        if (st.st_mtim.tv_sec == times[1].tv_sec && st.st_mtim.tv_nsec == times[1].tv_nsec)
            return true;
        if (utimensat(l->stage, x->path.p, times, AT_SYMLINK_NOFOLLOW) == 0)
            return true;
    }
    return failed(l, "set the time of", x->path, e);
}

// Last, since every name put into a directory changes its time.
static bool set_times(const struct lay *l, struct err *e)
{
    for (size_t i = 0; i < l->wanted->n; i++)
        if (l->wanted->at[i].entry.kind == 'd' && !set_time(l, &l->wanted->at[i].entry, e))
            return false;
    return true;
}

bool lay_run(const struct lay *l, struct err *e)
{
    static const struct manifest nothing;
    struct lay all = *l;
    if (!all.there)
        all.there = &nothing;
    OWN_MEM bool *bytes = calloc(all.wanted->n + all.there->n + 1, sizeof(bool));
    assert(bytes && "out of memory");
    struct marks m = {bytes, bytes + all.wanted->n};
    compare(&all, m);
    return take_away(&all, m.there, e) && put_missing(&all, m.wanted, e) && set_times(&all, e);
}
