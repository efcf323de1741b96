// pack.c: the order of a pack: walk, hash, compare with what was packed before, lay down, flush, name.
//
// Nothing has its number until everything is on the disk (shelf.h).
#include "release/pack.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/file.h"
#include "release/digest.h"
#include "release/lay.h"
#include "release/shelf.h"
#include "release/walk.h"
#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct pack {
    struct arena *arena;            // of this pack alone
    const struct pack_job *job;
    struct shelf *shelf;
    struct founds founds;
    struct buf *warnings;
    int tree;
    int64_t stamp;
};

static const struct manifest nothing;

// ---- comparing ----

// Files and links that came, went or changed. RELEASE is ours and always changes: counting it would tell nobody
// anything.
static uint64_t count_changes(const struct founds *f, const struct manifest *m)
{
    struct pairs p = {.founds = f, .manifest = m};
    struct found *mine;
    struct entry theirs;
    uint64_t n = 0;
    while (pairs_next(&p, &mine, &theirs)) {
        const struct entry *x = mine ? &mine->entry : &theirs;
        bool same = mine && theirs.kind && entry_same(&mine->entry, &theirs);
        bool counts = (x->kind != 'd' || (theirs.kind && theirs.kind != 'd')) && !str_eq(x->path, S("RELEASE"));
        n += counts && !same;
    }
    return n;
}

static bool equal(const struct founds *f, const struct manifest *m)
{
    struct pairs p = {.founds = f, .manifest = m};
    struct found *mine;
    struct entry theirs;
    while (pairs_next(&p, &mine, &theirs))
        if (!mine || !theirs.kind || !entry_same(&mine->entry, &theirs))
            return false;
    return true;
}

// ---- times ----

static void touch_parent(const struct founds *f, struct str path)
{
    size_t n = path.n;
    while (n && path.p[n - 1] != '/')
        n--;
    struct found *parent = n ? founds_find(f, str_head(path, n - 1)) : NULL;
    if (parent)
        parent->touched = true;
}

// What is equal keeps its time; the rest gets the stamp. A directory's time changes as a file system would change it,
// when a name in it comes or goes, so that rsync and programs that watch it see neither too much nor too little.
static void settle_times(struct pack *k, const struct manifest *last)
{
    struct pairs p = {.founds = &k->founds, .manifest = last};
    struct found *mine;
    struct entry theirs;
    while (pairs_next(&p, &mine, &theirs)) {
        if (!mine || mine->entry.kind != theirs.kind)
            touch_parent(&k->founds, mine ? mine->entry.path : theirs.path);
        if (!mine)
            continue;
        mine->kept = theirs.kind && entry_same(&mine->entry, &theirs);
        mine->entry.mtime_ns = mine->kept ? theirs.mtime_ns : k->stamp * 1000000000;
    }
    for (size_t i = 0; i < k->founds.n; i++)
        if (k->founds.at[i].touched)
            k->founds.at[i].entry.mtime_ns = k->stamp * 1000000000;
}

// ---- the stage ----

// Is the tree still what its manifest says? Only then may it be worked over instead of made anew.
static bool as_written(struct arena *a, int fd, const struct manifest *m)
{
    struct founds there = {0};
    struct err e;
    if (!walk_plain(a, fd, &there, &e))
        return false;
    struct pairs p = {.founds = &there, .manifest = m};
    struct found *mine;
    struct entry theirs;
    while (pairs_next(&p, &mine, &theirs)) {
        if (!mine || !theirs.kind)
            return false;
        const struct entry *x = &mine->entry;
        bool size = x->kind == 'd' || x->size == theirs.size;
        if (x->kind != theirs.kind || x->mode != theirs.mode || x->mtime_ns != theirs.mtime_ns || !size)
            return false;
    }
    return true;
}

// An old tree nobody needs any more becomes the stage, when there is one; *there says what it holds.
static bool stage_recycled(struct pack *k, const char *stage, const struct manifest **there, int *fd, struct err *e)
{
    struct packed *spare = shelf_spare(k->shelf, k->job->number, k->job->live, k->job->keep);
    if (!spare)
        return true;
    if (!shelf_recycle(k->shelf, spare, k->job->number, e))
        return false;
    *fd = open(stage, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd >= 0 && as_written(k->arena, *fd, &spare->manifest)) {
        *there = &spare->manifest;
        return true;
    }
    own_fd_close(fd);
    return tree_remove(stage, e);
}

static bool stage_fresh(const char *stage, int *fd, struct err *e)
{
    if (!dir_make(stage, 0755, e))
        return false;
    *fd = fault_hit(FAULT_FILE) ? -1 : open(stage, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *fd >= 0 || err_set(e, ERR_IO, "open %s: %m", stage);
}

// One flush of the whole file system costs 2 ms where ten fsyncs cost 8, and 33,000 of them minutes.
static bool flush(const struct pack *k, int fd, const char *stage, struct err *e)
{
    struct timespec times[2] = {{k->stamp, 0}, {k->stamp, 0}};
    if (fchmod(fd, 0755) < 0 || futimens(fd, times) < 0)
        return err_set(e, ERR_IO, "set mode and time of %s: %m", stage);
    if (fault_hit(FAULT_FILE) || syncfs(fd) < 0)
        return err_set(e, ERR_IO, "flush %s: %m", stage);
    return true;
}

static bool make_stage(struct pack *k, const struct packed *last, const char *stage, struct err *e)
{
    OWN_FD fd = -1;
    OWN_FD old = last && last->tree
                     ? open(shelf_tree(k->arena, k->shelf, last->number), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                     : -1;
    struct lay lay = {.tree = k->tree, .last = old, .stage_path = stage, .wanted = &k->founds};
    if (!stage_recycled(k, stage, &lay.there, &fd, e) || (fd < 0 && !stage_fresh(stage, &fd, e)))
        return false;
    lay.stage = fd;
    fault_die_at("pack.lay");
    return lay_run(&lay, e) && flush(k, fd, stage, e);
}

// ---- the whole ----

static struct entry *entries_of(struct pack *k)
{
    struct entry *entries = NEW_N(k->arena, struct entry, k->founds.n);
    for (size_t i = 0; i < k->founds.n; i++)
        entries[i] = k->founds.at[i].entry;
    return entries;
}

static bool make(struct pack *k, unsigned char tree[32], struct err *e)
{
    const struct packed *last = shelf_last(k->shelf, 0);
    const char *stage = shelf_stage(k->arena, k->shelf, k->job->number);
    int64_t now = now_ms() / 1000, before = shelf_stamp(k->shelf);
    k->stamp = now > before ? now : before + 1;
    settle_times(k, last ? &last->manifest : &nothing);
    if (make_stage(k, last, stage, e) &&
        shelf_put(k->shelf, k->job->number, entries_of(k), (uint32_t)k->founds.n, k->stamp, tree, e))
        return true;
    // Best effort: a full disk wants its space back now. The next pack sweeps what stays.
    struct err ignored;
    if (!tree_remove(stage, &ignored))
        buf_addf(k->warnings, "%s\n", ignored.text);
    return false;
}

static void tell(const struct pack *k, const unsigned char tree[32], const struct packed *base, struct pack_result *out)
{
    *out = (struct pack_result){0};
    hex_encode(tree, 32, out->tree);
    for (size_t i = 0; i < k->founds.n; i++) {
        out->files += k->founds.at[i].entry.kind != 'd';
        out->bytes += k->founds.at[i].entry.kind == 'f' ? k->founds.at[i].entry.size : 0;
    }
    out->changed = count_changes(&k->founds, base ? &base->manifest : &nothing);
}

static bool run(struct pack *k, struct pack_result *out, struct err *e)
{
    const struct pack_job *job = k->job;
    const struct packed *same = shelf_find(k->shelf, job->number);
    unsigned char tree[32];
    if (!walk_tree(k->arena, job, k->tree, &k->founds, k->warnings, e) ||
        !digest_fill(k->arena, k->tree, &k->founds, str_zf(k->arena, "%s/stat", k->shelf->dir), k->warnings, e))
        return false;
    if (same && same->tree && equal(&k->founds, &same->manifest))
        memcpy(tree, same->manifest.tree, sizeof tree);
    else if (!make(k, tree, e))
        return false;
    tell(k, tree, shelf_last(k->shelf, job->number), out);
    return shelf_prune(k->shelf, job->number, job->live, job->keep, e);
}

bool pack_run(struct arena *a, const struct pack_job *job, struct pack_result *out, struct err *e)
{
    OWN_ARENA struct arena mine = arena_make((size_t)6 << 30);      // walk.c stops at 2 M entries, long before
    OWN_BUF struct buf warnings = buf_make(64 << 10);
    OWN_SHELF struct shelf shelf = {.lock = -1};
    assert(job->number > 0 && job->keep > 0);
    OWN_FD tree = open(str_zdup(&mine, job->tree), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (tree < 0)
        return err_set(e, ERR_IO, "open the tree " STR_F ": %m", STR_A(job->tree));
    struct pack k = {.arena = &mine, .job = job, .shelf = &shelf, .tree = tree, .warnings = &warnings};
    if (!shelf_open(&mine, job->dir, job->patience_ms, &shelf, e) || !run(&k, out, e))
        return false;
    out->warnings = str_dup(a, buf_str(&warnings));
    return true;
}
