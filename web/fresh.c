// fresh.c: reads the site file into an arena of its own each time it changed; the old one goes once the new is good.
#include "web/fresh.h"
#include "base/file.h"
#include "base/say.h"

enum { SITE_ARENA_MAX = 64 << 20, FILE_MAX = 1 << 20 };

char *fresh_kept(struct arena *a, const char *data)
{
    return str_zf(a, "%s/site.good.yaml", data);
}

// A disk that is full now is no reason to stop: then the copy is an older one.
static void keep(const struct fresh *f)
{
    OWN_ARENA struct arena a = arena_make(4 << 20);
    struct str before = S("");
    struct err e;
    if (!f->kept || (file_read(&a, f->kept, FILE_MAX, &before, &e) && str_eq(before, f->good->text)))
        return;
    if (!file_write(f->kept, f->good->text, 0600, &e))
        say_err("site.keep", &e);
}

static bool same(const struct stat *x, const struct stat *y)
{
    return x->st_dev == y->st_dev && x->st_ino == y->st_ino && x->st_size == y->st_size
        && x->st_mtim.tv_sec == y->st_mtim.tv_sec && x->st_mtim.tv_nsec == y->st_mtim.tv_nsec;
}

void fresh_look(struct fresh *f)
{
    struct stat now = {0};      // an absent file looks like this, and is told by site_load
    if (stat(f->path, &now) < 0)
        now = (struct stat){0};
    if (f->looked && same(&now, &f->seen))
        return;
    f->looked = true;
    f->seen = now;
    f->readings++;
    struct arena fresh = arena_make(SITE_ARENA_MAX);
    struct site *site;
    if (!site_load(&fresh, f->path, &site, &f->err)) {
        f->site = NULL;
        arena_drop(&fresh);
        return;
    }
    arena_drop(&f->arena);
    f->arena = fresh;
    f->site = f->good = site;
    keep(f);
}

bool fresh_recall(struct fresh *f)
{
    struct arena a = arena_make(SITE_ARENA_MAX);
    struct site *site;
    struct err e;
    if (!f->kept || !site_load(&a, f->kept, &site, &e)) {
        arena_drop(&a);
        return false;
    }
    arena_drop(&f->arena);
    f->arena = a;
    f->good = site;
    return true;
}

void fresh_drop(struct fresh *f)
{
    arena_drop(&f->arena);
    *f = (struct fresh){0};
}
