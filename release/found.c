// found.c: sorting what was found, opening it again, and the merge walk of it with a manifest.
#include "release/found.h"
#include "base/fault.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static int64_t ns_of(const struct timespec *t)
{
    return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

struct identity identity_of(const struct stat *st)
{
    return (struct identity){st->st_ino, (uint64_t)st->st_size, ns_of(&st->st_mtim), ns_of(&st->st_ctim)};
}

bool identity_eq(const struct identity *a, const struct identity *b)
{
    return a->ino == b->ino && a->size == b->size && a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns;
}

static int by_path(const void *a, const void *b)
{
    return str_cmp(((const struct found *)a)->entry.path, ((const struct found *)b)->entry.path);
}

void founds_sort(struct founds *f)
{
    if (f->n)
        qsort(f->at, f->n, sizeof *f->at, by_path);
}

struct found *founds_find(const struct founds *f, struct str path)
{
    struct found key = {.entry.path = path};
    return f->n ? bsearch(&key, f->at, f->n, sizeof *f->at, by_path) : NULL;
}

bool entry_same(const struct entry *a, const struct entry *b)
{
    return a->kind == b->kind && a->mode == b->mode && a->size == b->size &&
           memcmp(a->sha256, b->sha256, sizeof a->sha256) == 0;
}

bool found_stayed(const struct found *f, int fd, struct err *e)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return err_set(e, ERR_IO, "look at " STR_F ": %m", STR_A(f->entry.path));
    struct identity now = identity_of(&st);
    return identity_eq(&now, &f->id) ||
           err_set(e, ERR_CONFLICT, STR_F " changed while the tree was packed", STR_A(f->entry.path));
}

bool found_open(const struct found *f, int tree, int *fd, struct err *e)
{
    // NONBLOCK: should a fifo have taken its place, opening must not wait for a writer.
    int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    *fd = fault_hit(FAULT_FILE) ? -1 : openat(tree, f->entry.path.p, flags);
    if (*fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
        return err_set(e, ERR_CONFLICT, STR_F " went away while the tree was packed", STR_A(f->entry.path));
    if (*fd < 0)
        return err_set(e, ERR_IO, "open " STR_F ": %m", STR_A(f->entry.path));
    return found_stayed(f, *fd, e);
}

bool pairs_next(struct pairs *p, struct found **mine, struct entry *theirs)
{
    *mine = p->i < p->founds->n ? &p->founds->at[p->i] : NULL;
    *theirs = p->j < p->manifest->n ? manifest_at(p->manifest, p->j) : (struct entry){0};
    if (!*mine && !theirs->kind)
        return false;
    int order = !*mine ? 1 : !theirs->kind ? -1 : str_cmp((*mine)->entry.path, theirs->path);
    if (order < 0)
        *theirs = (struct entry){0};
    if (order > 0)
        *mine = NULL;
    p->i += order <= 0;
    p->j += order >= 0;
    return true;
}
