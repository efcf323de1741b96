// serve.c: `rusuban serve` starts one process per role and keeps them; `rusuban serve ROLE` is such a process.
//
// One house per data directory: DIR/run/serve.pid is locked as long as we live and holds our pid, so that a second
// one can say who was first. Each role holds DIR/run/ROLE.pid the same way, started by us or alone.
#include "base/clock.h"
#include "base/file.h"
#include "base/say.h"
#include "base/supervise.h"
#include "house/commands.h"
#include "site/site.h"
#include "web/fresh.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

// A killed house's roles die with it, but not in the same instant: a role waits for the lock of the one before it.
enum { PATIENCE_MS = 1000, ROLES_MAX = 16 };     // so long a process that was killed may still be ending

static int64_t pid_in(struct arena *a, const char *path)
{
    struct str text;
    struct err ignored;
    int64_t pid;
    return file_read(a, path, 64, &text, &ignored) && str_i64(str_trim(text), &pid) ? pid : 0;
}

static bool take_lock(struct arena *a, const char *path, int64_t patience_ms, int *fd, struct err *e)
{
    for (int64_t until = tick_ms() + patience_ms; !file_lock(path, fd, e); usleep(20000))
        if (e->kind != ERR_STATE || tick_ms() > until)
            return false;
    const char *pid = str_zf(a, "%d\n", (int)getpid());
    if (ftruncate(*fd, 0) < 0 || pwrite(*fd, pid, strlen(pid), 0) < 0)
        return err_set(e, ERR_IO, "write %s: %m", path);
    return true;
}

static bool lock(struct call *c, const char *name, int64_t patience_ms, int *fd, struct err *e)
{
    const char *path = str_zf(c->arena, "%s/run/%s.pid", c->data, name);
    if (take_lock(c->arena, path, patience_ms, fd, e))
        return true;
    if (e->kind != ERR_STATE)
        return false;
    err_set(e, ERR_STATE, "%s runs already: process %lld minds %s", strcmp(name, "serve") == 0 ? "rusuban serve" : name,
            (long long)pid_in(c->arena, path), c->data);
    return err_hint(e, "rusuban status");
}

// A house that cannot write down how its roles are keeps them running all the same.
static void write_row(void *arg, const struct supervised_news *n)
{
    static const enum role_state states[] = {
        [SUPERVISED_UP] = ROLE_UP, [SUPERVISED_WAITING] = ROLE_WAITING, [SUPERVISED_STOPPED] = ROLE_STOPPED};
    struct err e;
    if (!role_write(arg, n->name, states[n->state], n->pid, n->restarts, n->why, &e))
        say_err("role.row", &e);
}

static const char *const *role_argv(struct call *c, const char *role)
{
    const char **argv = NEW_N(c->arena, const char *, 8);
    const char *words[] = {"rusuban", "--site", c->site, "--data", c->data, "serve", role, NULL};
    memcpy(argv, words, sizeof words);
    return argv;
}

// The site file of a house that starts must be good, or have been good once: a machine that comes up again at night, in
// the middle of somebody's edit, goes on with its releases and takes webhooks; what is new waits for the file.
static bool site_stands(struct call *c, struct err *e)
{
    struct mistakes m;
    struct site *site, *before;
    struct err ignored;
    bool read = site_read(c->arena, c->site, &site, &m, e);
    if (read && !m.n)
        return true;
    if (read) {
        mistakes_print(&m, c->site, stderr);
        err_set(e, ERR_CHECK, "%s has %s", c->site, counted(c->arena, (int64_t)m.n, "mistake"));
    }
    if (site_load(c->arena, fresh_kept(c->arena, c->data), &before, &ignored)) {
        say_err("site.mistake", e);
        return true;
    }
    err_in(e, "nothing was started");
    return e->hint[0] ? false : err_hint(e, "mend it, then: rusuban site check");
}

static bool serve_all(struct call *c, struct err *e)
{
    struct supervised rows[ROLES_MAX];
    size_t n = 0;
    OWN_DB struct db *db = NULL;
    OWN_FD fd = -1;
    say_role("house");
    if (!site_stands(c, e))
        return false;
    if (!store_open(c->data, &db, e) || !lock(c, "serve", PATIENCE_MS, &fd, e)
        || !sql_do(db, e, "delete from role", NO_VALS))     // how it was is no news
        return false;
    for (const struct role *r = the_house->roles; r->name && n < ROLES_MAX; r++)
        rows[n++] = (struct supervised){r->name, role_argv(c, r->name)};
    if (c->terminal && !c->quiet)
        fprintf(stderr, "Minding %s. Ctrl C ends it after the steps in flight.\n", c->data);
    say("serve.start", KV("version", RUSUBAN_VERSION), KV("site", c->site), KV("data", c->data));
    struct supervise_spec spec = {.path = "/proc/self/exe", .rows = rows, .n = n, .news = write_row, .arg = db};
    return supervise(&spec, e);
}

// Alone, nobody else writes our row. The store is closed again: the role opens its own.
static bool note(struct call *c, const struct role *r, enum role_state state, const char *why, struct err *e)
{
    OWN_DB struct db *db = NULL;
    return store_open(c->data, &db, e) && role_write(db, r->name, state, state == ROLE_UP ? getpid() : 0, 0, why, e);
}

static bool serve_one(struct call *c, const struct role *r, struct err *e)
{
    OWN_FD fd = -1;
    const char *house = str_zf(c->arena, "%s/run/serve.pid", c->data);
    bool alone = pid_in(c->arena, house) != getppid();
    say_role(r->name);
    prctl(PR_SET_NAME, str_zf(c->arena, "rusuban-%s", r->name));
    if (!dir_make(str_zf(c->arena, "%s/run", c->data), 0700, e) || !lock(c, r->name, PATIENCE_MS, &fd, e))
        return false;
    if (alone && !note(c, r, ROLE_UP, "", e))
        return false;
    bool ok = r->run(c->site, c->data, e);
    struct err ignored;
    if (alone && !note(c, r, ROLE_STOPPED, ok ? "" : e->text, &ignored))
        say_err("role.row", &ignored);
    if (ok || alone)
        return ok;
    // The house reads its roles' words as lines of its log, not as sentences.
    say_err("role.failed", e);
    exit(err_row(e->kind)->exit);
}

static struct str role_name(const void *roles, size_t i)
{
    return str_z(((const struct role *)roles)[i].name);
}

static bool unknown_role(struct str name, struct err *e)
{
    size_t n = 0;
    OWN_BUF struct buf all = buf_make(1024);
    for (const struct role *r = the_house->roles; r->name; r++, n++)
        buf_addf(&all, "%s %s (%s)", n ? "," : "", r->name, r->help);
    struct str near = str_nearest(name, n, role_name, the_house->roles);
    err_set(e, ERR_INPUT, "there is no role \"" STR_F "\"; there are%s", STR_A(name), buf_z(&all));
    return near.n ? err_hint(e, "rusuban serve " STR_F, STR_A(near)) : false;
}

bool cmd_serve(struct call *c, struct err *e)
{
    if (!c->args.n)
        return serve_all(c, e);
    const struct role *r = role_find(call_arg(c, 0));
    return r ? serve_one(c, r, e) : unknown_role(call_arg(c, 0), e);
}
