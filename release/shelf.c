// shelf.c: names, order of renames and flushes, and the sweeping up after a crash.
#include "release/shelf.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/file.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *place(struct arena *a, const struct shelf *s, const char *below, int64_t number)
{
    return str_zf(a, "%s/%s%lld", s->dir, below, (long long)number);
}

const char *shelf_tree(struct arena *a, const struct shelf *s, int64_t number)
{
    return place(a, s, "out/", number);
}

const char *shelf_manifest(struct arena *a, const struct shelf *s, int64_t number)
{
    return place(a, s, "manifests/", number);
}

const char *shelf_stage(struct arena *a, const struct shelf *s, int64_t number)
{
    return place(a, s, "out/.new-", number);
}

static bool sync_out(struct arena *a, const struct shelf *s, struct err *e)
{
    return dir_sync(str_zf(a, "%s/out", s->dir), e);
}

static bool move(const char *from, const char *to, struct err *e)
{
    if (fault_hit(FAULT_FILE) || rename(from, to) < 0)
        return err_set(e, ERR_IO, "rename %s to %s: %m", from, to);
    return true;
}

static bool forget(const char *path, struct err *e)
{
    if ((fault_hit(FAULT_FILE) || unlink(path) < 0) && errno != ENOENT)
        return err_set(e, ERR_IO, "remove %s: %m", path);
    return true;
}

// Out of sight first, so that a half-removed tree never has a number.
static bool drop_tree(struct arena *a, const struct shelf *s, int64_t number, struct err *e)
{
    const char *old = place(a, s, "out/.old-", number);
    return tree_remove(old, e) && move(shelf_tree(a, s, number), old, e) && tree_remove(old, e);
}

// ---- opening ----

static struct packed *add(struct arena *a, struct shelf *s, int64_t number)
{
    struct packed *p = shelf_find(s, number);
    if (p)
        return p;
    vec_push(a, &s->at, ((struct packed){.number = number}));
    return &s->at.at[s->at.n - 1];
}

static bool is_leftover(struct str name)
{
    return str_starts(name, S(".new-")) || str_starts(name, S(".old-")) || str_find(name, S(".tmp-")) > 0;
}

// Numbers become rows, leftovers go, what others put there stays alone.
static bool list(struct arena *a, struct shelf *s, const char *below, bool trees, struct err *e)
{
    const char *path = str_zf(a, "%s/%s", s->dir, below);
    DIR *d = fault_hit(FAULT_FILE) ? NULL : opendir(path);
    bool ok = true;
    if (!d)
        return err_set(e, ERR_IO, "open %s: %m", path);
    for (struct dirent *x; ok && (x = readdir(d));) {
        struct str name = str_z(x->d_name);
        int64_t number;
        if (is_leftover(name))
            ok = tree_remove(str_zf(a, "%s/%s", path, x->d_name), e);
        else if (str_i64(name, &number) && number > 0 && name.p[0] != '0')
            add(a, s, number)->tree |= trees;
    }
    closedir(d);
    return ok;
}

static int newest_first(const void *a, const void *b)
{
    const struct packed *x = a, *y = b;
    return (x->number < y->number) - (x->number > y->number);
}

// A number is only what its manifest says; a tree without a sound one is nothing.
static bool open_one(struct arena *a, const struct shelf *s, struct packed *p, struct err *e)
{
    const char *path = shelf_manifest(a, s, p->number);
    if (manifest_open(path, &p->manifest, e))
        return true;
    if (e->kind != ERR_NOT_FOUND && e->kind != ERR_INPUT)
        return false;
    if (p->tree && !drop_tree(a, s, p->number, e))
        return false;
    p->number = 0;
    return forget(path, e);
}

static bool open_all(struct arena *a, struct shelf *s, struct err *e)
{
    size_t n = 0;
    for (size_t i = 0; i < s->at.n; i++) {
        if (!open_one(a, s, &s->at.at[i], e))
            return false;
        struct packed p = s->at.at[i];
        s->at.at[i] = (struct packed){0};
        if (p.number)
            s->at.at[n++] = p;
    }
    s->at.n = n;
    if (n)
        qsort(s->at.at, n, sizeof *s->at.at, newest_first);
    return true;
}

static bool take_lock(struct arena *a, struct shelf *s, int64_t patience_ms, struct err *e)
{
    const char *path = str_zf(a, "%s/lock", s->dir);
    for (int64_t until = tick_ms() + patience_ms; !file_lock(path, &s->lock, e); usleep(20000))
        if (e->kind != ERR_STATE || tick_ms() >= until)
            return false;
    return true;
}

bool shelf_open(struct arena *a, struct str dir, int64_t patience_ms, struct shelf *s, struct err *e)
{
    *s = (struct shelf){.dir = str_zdup(a, dir), .lock = -1};
    return dir_make(str_zf(a, "%s/out", s->dir), 0755, e) && dir_make(str_zf(a, "%s/manifests", s->dir), 0755, e) &&
           take_lock(a, s, patience_ms, e) && list(a, s, "out", true, e) &&
           list(a, s, "manifests", false, e) && open_all(a, s, e);
}

void shelf_close(struct shelf *s)
{
    for (size_t i = 0; i < s->at.n; i++)
        manifest_close(&s->at.at[i].manifest);
    own_fd_close(&s->lock);
}

// ---- asking ----

struct packed *shelf_find(const struct shelf *s, int64_t number)
{
    for (size_t i = 0; i < s->at.n; i++)
        if (s->at.at[i].number == number)
            return &s->at.at[i];
    return NULL;
}

struct packed *shelf_last(const struct shelf *s, int64_t except)
{
    struct packed *best = NULL;
    for (size_t i = 0; i < s->at.n; i++) {
        struct packed *p = &s->at.at[i];
        if (p->number == except || (best && best->tree && !p->tree))
            continue;
        if (!best || (p->tree && !best->tree) || p->manifest.stamp > best->manifest.stamp)
            best = p;
    }
    return best;
}

int64_t shelf_stamp(const struct shelf *s)
{
    int64_t most = 0;
    for (size_t i = 0; i < s->at.n; i++)
        if (s->at.at[i].manifest.stamp > most)
            most = s->at.at[i].manifest.stamp;
    return most;
}

struct packed *shelf_spare(const struct shelf *s, int64_t number, int64_t live, int keep)
{
    struct packed *oldest = NULL;
    int trees = 0;
    for (size_t i = 0; i < s->at.n; i++) {
        struct packed *p = &s->at.at[i];
        if (!p->tree || p->number == number)
            continue;
        trees++;
        if (p->number != live)
            oldest = p;
    }
    bool spare = oldest && trees >= keep && oldest != shelf_last(s, 0) && oldest != shelf_last(s, number);
    return spare ? oldest : NULL;
}

// ---- changing ----

bool shelf_recycle(const struct shelf *s, struct packed *p, int64_t number, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    if (!move(shelf_tree(&a, s, p->number), shelf_stage(&a, s, number), e))
        return false;
    p->tree = false;
    return true;
}

bool shelf_put(const struct shelf *s, int64_t number, struct entry *entries, uint32_t n, int64_t stamp,
               unsigned char tree[32], struct err *e)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    const char *name = shelf_tree(&a, s, number), *old = place(&a, s, "out/.old-", number);
    bool again = path_exists(name);
    // The name goes, durably, before the manifest below changes its meaning.
    if (again && !(move(name, old, e) && sync_out(&a, s, e)))
        return false;
    fault_die_at("pack.manifest");
    if (!manifest_write(shelf_manifest(&a, s, number), entries, n, stamp, tree, e))
        return false;
    fault_die_at("pack.rename");
    if (!move(shelf_stage(&a, s, number), name, e) || !sync_out(&a, s, e))
        return false;
    fault_die_at("pack.named");
    return !again || tree_remove(old, e);
}

bool shelf_prune(const struct shelf *s, int64_t number, int64_t live, int keep, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    int trees = 1, manifests = 1;       // the new one
    for (size_t i = 0; i < s->at.n; i++) {
        const struct packed *p = &s->at.at[i];
        if (p->number == number || p->number == live)
            continue;
        bool drop = p->tree && ++trees > keep;
        if (drop && !drop_tree(&a, s, p->number, e))
            return false;
        // A tree that stays keeps its manifest, whatever the count.
        if (++manifests > keep && (drop || !p->tree) && !forget(shelf_manifest(&a, s, p->number), e))
            return false;
    }
    return true;
}
