// build.c: the steps `build` and `pack`: the site's commands one after another, then the tree made immutable.
//
// Every command runs with an environment of our making, without keys, agent or store. On the release host it runs
// under `rusuban keeper`, which lets no descendant outlive it; in a container it ends with the container. A deadline
// for all commands together, and one for silence.
#include "base/clock.h"
#include "base/file.h"
#include "release/container.h"
#include "release/output.h"
#include "release/run.h"
#include "store/secret.h"
#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECRET_MAX_COUNT = 50, PACK_MS = 1800000, REMOVE_MS = 30000 };

struct build {
    struct lane *lane;
    struct arena arena;
    struct child *child;
    struct output *output;
    struct event *quiet;
    char *program, *home, *secrets_dir, *container;
    int64_t begun, heard;       // ticks
    size_t at;                  // command
    bool silent;                // ended because nothing was heard
    struct err why;             // why it failed, told once its container is gone
};

// ---- the end ----

static void drop_quiet(struct build *b)
{
    if (b->quiet)
        event_free(b->quiet);
    b->quiet = NULL;
}

static void build_free(struct build *b)
{
    struct err ignored = {0};
    drop_quiet(b);
    output_close(b->output);
    if (b->secrets_dir && !tree_remove(b->secrets_dir, &ignored))
        unlink(b->secrets_dir);
    arena_drop(&b->arena);
    free(b);
}

static void finish(struct build *b, const struct err *err)
{
    struct lane *l = b->lane;
    struct err told = *err;
    struct str detail = str_f(&l->run->arena, "%zu command%s", b->at, b->at == 1 ? "" : "s");
    if (told.kind != ERR_NONE)
        output_line(b->output, "%s", told.text);
    build_free(b);
    lane_done(l, &told, detail);
}

// ---- secrets: files in a directory of their own, never environment ----

static bool write_secret(struct build *b, struct str name, struct strs *values, struct err *e)
{
    struct run *r = b->lane->run;
    struct str value;
    if (!secret_get(&b->arena, r->worker->db, r->worker->data, "releaser", name, &value, e))
        return err_in(e, "build.secrets");
    vec_push(&b->arena, values, value);
    return file_write(str_zf(&b->arena, "%s/" STR_F, b->secrets_dir, STR_A(name)), value, 0600, e);
}

static bool write_secrets(struct build *b, struct strs *values, struct err *e)
{
    const struct service *svc = b->lane->run->svc;
    if (svc->build.secrets.n == 0)
        return true;
    b->secrets_dir = run_path(b->lane->run, "secrets");
    if (!tree_remove(b->secrets_dir, e) || !dir_make(b->secrets_dir, 0700, e))
        return false;
    for (size_t i = 0; i < svc->build.secrets.n; i++)
        if (!write_secret(b, svc->build.secrets.at[i], values, e))
            return false;
    return true;
}

// ---- one command ----

static const char *const *here_env(struct build *b)
{
    const struct run *r = b->lane->run;
    struct arena *a = &b->arena;
    const char **env = NEW_N(a, const char *, 10);
    size_t n = 0;
    env[n++] = str_zf(a, "HOME=%s", b->home);
    env[n++] = str_zf(a, "RUSUBAN_SERVICE=" STR_F, STR_A(r->rec.service));
    env[n++] = str_zf(a, "RUSUBAN_RELEASE=%lld", (long long)r->rec.number);
    env[n++] = str_zf(a, "RUSUBAN_REV=" STR_F, STR_A(r->rec.rev));
    env[n++] = "RUSUBAN_HOST=";
    if (b->secrets_dir)
        env[n++] = str_zf(a, "RUSUBAN_SECRETS=%s", b->secrets_dir);
    env[n] = NULL;
    return env;
}

static void push_z(struct build *b, struct strs *argv, const char *format, const char *value)
{
    vec_push(&b->arena, argv, str_f(&b->arena, "%s%s", format, value));
}

static void container_words(struct build *b, struct strs *argv)
{
    const struct run *r = b->lane->run;
    const struct service *svc = r->svc;
    struct arena *a = &b->arena;
    const char *tree = run_path(b->lane->run, "tree");
    static const char *const fixed[] = {
        "podman", "run", "--rm", "--pull=never", "--pids-limit=2048", "--security-opt=no-new-privileges"};
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
        vec_push(a, argv, str_z(fixed[i]));
    push_z(b, argv, "--name=", b->container);
    if (getuid() != 0)
        vec_push(a, argv, S("--userns=keep-id"));
    if (svc->build.memory)
        vec_push(a, argv, str_f(a, "--memory=%lld", (long long)svc->build.memory));
    if (!svc->build.network)
        vec_push(a, argv, S("--network=none"));
    vec_push(a, argv, str_f(a, "--timeout=%lld", (long long)(svc->build.timeout_ms / 1000 + 20)));
    vec_push(a, argv, str_f(a, "--volume=%s:%s", tree, tree));
    vec_push(a, argv, str_f(a, "--volume=%s:%s", b->home, b->home));
    if (b->secrets_dir)
        vec_push(a, argv, str_f(a, "--volume=%s:%s:ro", b->secrets_dir, b->secrets_dir));
    push_z(b, argv, "--workdir=", tree);
    for (const char *const *v = here_env(b); *v; v++)
        push_z(b, argv, "--env=", *v);
    vec_push(a, argv, svc->build.image);
}

static bool start_command(struct build *b, struct err *e);
static bool remove_container(struct build *b, child_done *then, struct err *e);

static void on_ended(void *arg, const struct child_result *r)
{
    struct build *b = arg;
    (void)r;
    finish(b, &b->why);
}

// A deadline or silence ended podman's client, which does not stop the container: it would write on into the tree.
static void give_up(struct build *b, const struct err *why)
{
    struct err ignored = {0};
    b->why = *why;
    drop_quiet(b);
    if (!b->lane->run->svc->build.image.n || !remove_container(b, on_ended, &ignored))
        finish(b, why);
}

static void on_command(void *arg, const struct child_result *r)
{
    struct build *b = arg;
    const struct service *svc = b->lane->run->svc;
    const struct words *words = &svc->build.run.at[b->at];
    struct err e = {0};
    char took[TIME_TEXT_MAX];
    b->child = NULL;
    if (b->silent) {
        err_set(&e, ERR_CHECK, STR_F " printed nothing for %s and was ended", STR_A(words->at[0]),
                took_text(svc->build.quiet_ms, took));
        give_up(b, &e);
        return;
    }
    if (!child_ok(r)) {
        bool ok = child_err(str_zdup(&b->arena, words->at[0]), r, &e);
        (void)ok;
        if (e.kind == ERR_PEER)
            e.kind = ERR_CHECK;     // the build said no: not a thing that passes by itself
        give_up(b, &e);
        return;
    }
    b->at++;
    if (!start_command(b, &e))
        finish(b, &e);
}

static void on_output(void *arg, struct str piece)
{
    struct build *b = arg;
    b->heard = tick_ms();
    output_add(b->output, piece);
}

static void on_quiet(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct build *b = arg;
    int64_t quiet_ms = b->lane->run->svc->build.quiet_ms;
    if (quiet_ms && b->child && tick_ms() - b->heard > quiet_ms && !b->silent) {
        b->silent = true;
        child_stop(b->child);
    }
}

// true with *e empty and no child: there are no more commands.
static bool start_command(struct build *b, struct err *e)
{
    struct run *r = b->lane->run;
    const struct service *svc = r->svc;
    struct arena *a = &b->arena;
    struct strs argv = {0};
    e->kind = ERR_NONE;
    if (b->at == svc->build.run.n)
        return false;
    const struct words *words = &svc->build.run.at[b->at];
    int64_t left = svc->build.timeout_ms - (tick_ms() - b->begun);
    if (left <= 0)
        return err_set(e, ERR_LATE, "the build took longer than its timeout");
    output_line(b->output, "$ " STR_F, STR_A(words_text(a, words)));
    if (svc->build.image.n)
        container_words(b, &argv);
    else {
        vec_push(a, &argv, str_z(b->program));
        vec_push(a, &argv, S("keeper"));
    }
    for (size_t i = 0; i < words->n; i++)
        vec_push(a, &argv, words->at[i]);
    const char **z = NEW_N(a, const char *, argv.n + 1);
    for (size_t i = 0; i < argv.n; i++)
        z[i] = str_zdup(a, argv.at[i]);
    struct child_spec spec = {.argv = z, .env = svc->build.image.n ? container_env(&b->arena) : here_env(b),
                              .dir = run_path(r, "tree"), .deadline_ms = left, .on_output = on_output};
    b->heard = tick_ms();
    b->child = child_start(r->worker->loop, &spec, on_command, b, e);
    return b->child != NULL;
}

// ---- begin ----

// Killing podman's client does not stop a container; one of an earlier life is ended by its name.
static void on_removed(void *arg, const struct child_result *r)
{
    struct build *b = arg;
    struct err e = {0};
    (void)r;
    b->child = NULL;
    if (!start_command(b, &e))
        finish(b, &e);
}

static bool remove_container(struct build *b, child_done *then, struct err *e)
{
    struct run *r = b->lane->run;
    struct child_spec spec = {.argv = container_remove(&b->arena, b->container), .env = container_env(&b->arena),
                              .deadline_ms = REMOVE_MS, .max_output = 4096};
    b->child = child_start(r->worker->loop, &spec, then, b, e);
    return b->child != NULL;
}

static void on_killed(void *arg, const struct child_result *r)
{
    (void)arg, (void)r;     // it may not have been running yet
}

static void stop(struct lane *l)
{
    struct build *b = l->effect;
    struct err ignored = {0};
    const char *const argv[] = {"podman", "kill", b->container, NULL};
    struct child_spec spec = {.argv = argv, .env = container_env(&b->arena), .deadline_ms = 20000, .max_output = 4096};
    if (b->child)
        child_stop(b->child);
    if (l->run->svc->build.image.n && !child_start(l->run->worker->loop, &spec, on_killed, NULL, &ignored))
        output_line(b->output, "%s", ignored.text);
}

static bool prepare(struct build *b, struct err *e)
{
    struct run *r = b->lane->run;
    struct strs values = {0};
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self);
    if (n <= 0 || (size_t)n == sizeof self)
        return err_set(e, ERR_IO, "readlink /proc/self/exe: %m");
    b->program = str_zdup(&b->arena, (struct str){self, (size_t)n});
    b->home = run_path(r, "home");
    b->container = container_name(&b->arena, r->worker->data, r->rec.service);
    if (!dir_make(b->home, 0700, e) || !write_secrets(b, &values, e))
        return false;
    b->output = output_open(run_log(r, STEP_BUILD, S(""), b->lane->intent.attempt), &values, e);
    return b->output != NULL;
}

bool effect_build(struct lane *l, struct err *e)
{
    struct build *b = calloc(1, sizeof *b);
    assert(b);
    *b = (struct build){.lane = l, .arena = arena_make(32 << 20), .begun = tick_ms(), .heard = tick_ms()};
    l->effect = b;
    l->stop = stop;
    if (!prepare(b, e)) {
        build_free(b);
        return false;
    }
    b->quiet = loop_every(l->run->worker->loop, 1000, on_quiet, b);
    if (l->run->svc->build.image.n ? remove_container(b, on_removed, e) : start_command(b, e))
        return true;
    if (e->kind == ERR_NONE) {      // no commands: nothing to build
        build_free(b);
        lane_done(l, e, S("nothing to build"));
        return true;
    }
    build_free(b);
    return false;
}

// ---- pack ----

struct packing { struct lane *lane; struct child *child; struct arena arena; };

static void read_pack(struct run *r, struct str text)
{
    struct { const char *name; int64_t *at; } numbers[] = {
        {"files", &r->rec.files}, {"bytes", &r->rec.bytes}, {"changed", &r->rec.changed}};
    struct str line = str_cut(&text, '\n');
    while (line.n) {
        struct str value = str_cut(&line, '\t');
        struct str name = str_cut(&value, ':');
        for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
            if (str_eq(name, str_z(numbers[i].name)) && !str_i64(value, numbers[i].at))
                *numbers[i].at = 0;
        if (str_eq(name, S("tree")))
            r->rec.tree = str_dup(&r->arena, value);
    }
    struct str more = str_trim(text);
    if (more.n)
        r->rec.warnings =
            str_f(&r->arena, STR_F "%s" STR_F, STR_A(r->rec.warnings), r->rec.warnings.n ? "\n" : "", STR_A(more));
}

static void on_packed(void *arg, const struct child_result *res)
{
    struct packing *p = arg;
    struct lane *l = p->lane;
    struct run *r = l->run;
    struct err e = {0};
    if (!child_ok(res)) {
        struct str said = str_trim(res->err);
        if (child_err("rusuban release pack", res, &e) || res->status > 0)
            err_set(&e, res->status == 2 ? ERR_INPUT : ERR_IO, STR_F, STR_A(str_head(said, 1000)));
        if (e.kind == ERR_IO)
            e.kind = ERR_CHECK;
    } else {
        read_pack(r, res->out);
        if (r->rec.tree.n != 64)
            err_set(&e, ERR_BUG, "pack did not say which tree it made");
        else if (!sql_do(r->worker->db, &e,
                         "update release set tree = ?, files = ?, bytes = ?, changed = ?, warnings = ? where id = ?",
                         VALS(V(r->rec.tree), V(r->rec.files), V(r->rec.bytes), V(r->rec.changed), V(r->rec.warnings),
                              V(r->rec.id))))
            r->rec.tree = S("");
    }
    struct str detail =
        str_f(&r->arena, "%lld of %lld files changed", (long long)r->rec.changed, (long long)r->rec.files);
    arena_drop(&p->arena);
    free(p);
    lane_done(l, &e, detail);
}

static void stop_pack(struct lane *l)
{
    struct packing *p = l->effect;
    child_stop(p->child);
}

// A process of its own, since walking and hashing a large tree would hold up the loop.
bool effect_pack(struct lane *l, struct err *e)
{
    struct run *r = l->run;
    struct packing *p = calloc(1, sizeof *p);
    assert(p);
    *p = (struct packing){.lane = l, .arena = arena_make(1 << 20)};
    const char *const argv[] = {"/proc/self/exe", "--data", r->worker->data, "--site", r->worker->site_path,
                                "release", "pack", str_zf(&p->arena, "%lld", (long long)r->rec.id), NULL};
    struct child_spec spec = {.argv = argv, .deadline_ms = PACK_MS, .max_output = 64 << 10};
    p->child = child_start(r->worker->loop, &spec, on_packed, p, e);
    l->effect = p;
    l->stop = stop_pack;
    if (p->child)
        return true;
    arena_drop(&p->arena);
    free(p);
    return false;
}

// ---- prune: what this machine keeps of old releases ----

enum { LOGS_KEPT = 200 };

// Every log directory whose number is too old, also of releases that failed and pruned nothing.
static bool remove_logs(struct run *r, struct err *e)
{
    DIR *d = opendir(run_path(r, "log"));
    bool ok = true;
    for (struct dirent *x; d && ok && (x = readdir(d));) {
        uint64_t n;
        if (str_u64(str_z(x->d_name), &n) && (int64_t)n <= r->rec.number - LOGS_KEPT)
            ok = tree_remove(run_path(r, "log/%s", x->d_name), e);
    }
    if (d)
        closedir(d);
    return ok;
}

bool effect_prune(struct lane *l, struct err *e)
{
    struct run *r = l->run;
    if (!remove_logs(r, e))
        return false;
    struct err none = {0};
    lane_done(l, &none, S(""));
    return true;
}
