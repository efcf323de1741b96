// lake_sweep.c: files in a dataset's directories that its catalog does not name. What a commit or a seal that was cut
// off left behind goes; what may hold the only copy of rows is moved to LAKE/NAME/aside, for a person to look at.
//
// Rows of records before the catalog's `done` are in the files that it names, all others are in the write-ahead log
// (lake_open.c has seen to that). So where the files that the catalog names are there, any other one is a leftover.
#include "log/lake_inner.h"
#include "base/file.h"
#include "base/say.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct sweep {
    struct lake *lake;
    const struct lake_table *table;
    const struct catalog *seen;
    struct arena arena;
    size_t moved;
};

static bool file_there(const struct lake_table *t, const struct lake_file *f)
{
    char path[4200];
    struct stat st;
    snprintf(path, sizeof path, "%s/" STR_F, t->table->dir, STR_A(f->path));
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && (f->bytes == 0 || st.st_size == f->bytes);
}

bool lake_whole(const struct lake_table *t, const struct catalog *c, bool hot)
{
    for (size_t i = 0; i < c->files.n; i++)
        if ((hot || c->files.at[i].state != FILE_HOT) && !file_there(t, &c->files.at[i]))
            return false;
    return true;
}

// "live/dt=2018-02-15/hour=11/m-1.parquet" is of dt=2018-02-15/hour=11, and so is its sealed neighbour.
static bool hour_whole(const struct lake_table *t, struct str path)
{
    char dir[HOUR_DIR_MAX];
    for (size_t i = 0; i < t->catalog.files.n; i++) {
        const struct lake_file *f = &t->catalog.files.at[i];
        if (str_find(path, str_z(hour_dir(f->hour, dir))) >= 0 && !file_there(t, f))
            return false;
    }
    return true;
}

// Ours begin so; anything else was put there by somebody.
static bool our_name(struct str below, struct str name)
{
    bool live = str_starts(below, S("live/"));
    return str_eq(below, S("months")) || (!live && str_starts(name, S("log-")))
        || (live && (str_starts(name, S("h-")) || str_starts(name, S("g-")) || str_starts(name, S("m-"))));
}

// A month's list is no file of rows: it says where they were, for as long as one of them is in doubt.
static bool leftover(const struct sweep *s, struct str below, struct str name, struct str path)
{
    if (str_eq(below, S("months")))
        return s->moved == 0;
    return our_name(below, name) && hour_whole(s->table, path);
}

static void move_aside(struct sweep *s, const char *whole, struct str path)
{
    struct err e;
    struct stat st;
    const char *to = str_zf(&s->arena, "%s/aside/" STR_F, s->table->table->dir, STR_A(path));
    const char *dir = str_zdup(&s->arena, (struct str){to, (size_t)(strrchr(to, '/') - to)});
    for (int i = 1; lstat(to, &st) == 0; i++)
        to = str_zf(&s->arena, "%s/aside/" STR_F ".%d", s->table->table->dir, STR_A(path), i);
    s->moved++;
    if (!dir_make(dir, 0750, &e))
        say_err("log.aside", &e);
    else if (rename(whole, to) < 0)
        say("log.aside", KV("file", whole), KV("error", strerror(errno)));
    else
        say("log.aside", KV("file", whole), KV("to", to),
            KV("why", "no catalog names it, and a file of its hour that one names is not there or it is none of ours"));
}

static void sweep_file(struct sweep *s, struct str below, struct str name, struct str path)
{
    const char *whole = str_zf(&s->arena, "%s/" STR_F, s->table->table->dir, STR_A(path));
    if (!leftover(s, below, name, path))
        move_aside(s, whole, path);
    // Readers of our life before may still have it open.
    else if (lake_listed(s->seen, path))
        stale_add(&s->lake->stale, whole, s->seen->generation + 1);
    else
        unlink(whole);
}

static void sweep_dir(struct sweep *s, struct str below)
{
    DIR *d = opendir(str_zf(&s->arena, "%s/" STR_F, s->table->table->dir, STR_A(below)));
    if (!d)
        return;
    for (struct dirent *x; (x = readdir(d));) {
        struct str name = str_z(x->d_name),
            path = str_f(&s->arena, STR_F "%s" STR_F, STR_A(below), below.n ? "/" : "", STR_A(name));
        if (str_starts(name, S("dt=")) || str_starts(name, S("hour=")) || (below.n == 0 && str_eq(name, S("live"))))
            sweep_dir(s, str_dup(&s->arena, path));
        else if ((str_find(name, S(".parquet")) > 0 || str_eq(below, S("months"))) && name.p[0] != '.'
                 && !lake_listed(&s->table->catalog, path))
            sweep_file(s, below, name, path);
    }
    closedir(d);
}

static int64_t count_files(struct arena *a, const char *dir)
{
    int64_t n = 0;
    DIR *d = opendir(dir);
    for (struct dirent *x; d && (x = readdir(d));)
        if (x->d_name[0] != '.')
            n += x->d_type == DT_DIR ? count_files(a, str_zf(a, "%s/%s", dir, x->d_name)) : 1;
    if (d)
        closedir(d);
    return n;
}

// At once, before a file of that name is made again.
void lake_sweep(struct lake *l, const struct lake_table *t, const struct catalog *seen)
{
    struct sweep s = {.lake = l, .table = t, .seen = seen, .arena = arena_make(LAKE_SCRATCH)};
    sweep_dir(&s, S(""));
    sweep_dir(&s, S("months"));
    l->figures.aside += count_files(&s.arena, str_zf(&s.arena, "%s/aside", t->table->dir));
    arena_drop(&s.arena);
}
