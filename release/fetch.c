// fetch.c: the step `fetch`: from a name to a checked-out revision: mirror, fetch, resolve, describe, what is new in
// it, checkout, clean.
//
// A row of a table per git command; each says its words and what to make of its answer. The working tree stays from
// release to release, so only files that changed are touched and build caches survive.
#include "base/clock.h"
#include "base/file.h"
#include "release/changes.h"
#include "release/container.h"
#include "release/git.h"
#include "release/output.h"
#include "release/run.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GIT_MS = 600000, BRIEF_MS = 10000, GIT_OUTPUT = 256 << 10, LIST_OUTPUT = 4 << 20, WAIT_MS = 100 };

struct fetch {
    struct lane *lane;
    struct arena arena;
    struct child *child;
    struct event *wait;         // a plan's git is still in the mirror
    struct output *output;
    size_t at;
    struct str base;            // the revision of the release before, as git knows it; "" = none
    struct str commits, files;  // since then, as JSON; "" = not known
    struct changes_sum sum;
    struct str listed;          // which files; some thousand lines at most
    bool is_listed, too_many;   // too_many: for us to sum up
};

struct git_step {
    const char *name;
    // Adds the words; false = nothing to do here.
    bool (*words)(struct fetch *f, struct strs *argv);
    // What the answer means; NULL = success is all. A command that failed comes here only when `may_fail`.
    bool (*done)(struct fetch *f, const struct child_result *r, struct err *e);
    bool may_fail;
    bool in_tree;       // changes the working tree: only when no build of an earlier life is still ending there
    bool podman;        // not git at all
    bool compares;      // see git_compare_words
    bool brief;         // nobody decides by it: a release does not wait long for it
    size_t max_output;  // 0 = GIT_OUTPUT
};

static struct run *run_of(struct fetch *f)
{
    return f->lane->run;
}

static void say_words(struct fetch *f, struct strs *argv, const char *const *words)
{
    for (; *words; words++)
        vec_push(&f->arena, argv, str_z(*words));
}
#define WORDS(f, argv, ...) say_words(f, argv, (const char *const[]){__VA_ARGS__, NULL})

// A container that an earlier life left behind would write on into the tree.
static bool remove_words(struct fetch *f, struct strs *argv)
{
    const struct run *r = run_of(f);
    if (r->svc->build.image.n == 0)
        return false;
    argv->n = 0;
    say_words(f, argv, container_remove(&f->arena, container_name(&f->arena, r->worker->data, r->rec.service)));
    return true;
}

static bool init_words(struct fetch *f, struct strs *argv)
{
    const struct run *r = run_of(f);
    if (path_exists(str_zf(&f->arena, "%s/HEAD", git_mirror(&f->arena, r->worker->data, r->svc))))
        return false;
    argv->n = 0;        // not inside a repository that is not there yet
    WORDS(f, argv, "git", "init", "--quiet", "--bare", "--initial-branch=rusuban-none", "--");
    vec_push(&f->arena, argv, str_z(git_mirror(&f->arena, r->worker->data, r->svc)));
    return true;
}

static bool fetch_words(struct fetch *f, struct strs *argv)
{
    WORDS(f, argv, "fetch", "--prune", "--force", "--no-write-fetch-head", "--no-auto-gc", "--quiet", "--");
    vec_push(&f->arena, argv, run_of(f)->svc->repository);
    WORDS(f, argv, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*");
    return true;
}

static bool resolve_words(struct fetch *f, struct strs *argv)
{
    const struct run *r = run_of(f);
    struct str wanted = r->rec.wanted.n ? r->rec.wanted : str_f(&f->arena, "refs/heads/" STR_F, STR_A(r->svc->branch));
    WORDS(f, argv, "rev-parse", "--verify", "--quiet", "--end-of-options");
    vec_push(&f->arena, argv, str_f(&f->arena, STR_F "^{commit}", STR_A(wanted)));
    return true;
}

// A push names a revision of the branch. When the branch was forced elsewhere meanwhile, that revision is not on it,
// and a fetch may not even bring it any more.
static bool not_on_branch(const struct run *run, struct str rev, struct err *e)
{
    return err_set(e, ERR_INPUT, "revision " STR_F " is not on " STR_F " (any more): was the branch force-pushed?",
                   STR_A(str_head(rev, 12)), STR_A(run->svc->branch));
}

static bool by_push(const struct run *r)
{
    return str_eq(r->rec.via, S("webhook"));
}

static bool resolve_done(struct fetch *f, const struct child_result *r, struct err *e)
{
    struct run *run = run_of(f);
    struct str rev = str_trim(r->out);
    if (!child_ok(r) || !str_plain(rev, "") || (rev.n != 40 && rev.n != 64)) {
        struct str asked = run->rec.wanted.n ? run->rec.wanted : run->svc->branch;
        if (by_push(run))
            return not_on_branch(run, asked, e);
        return err_set(e, ERR_INPUT, STR_F " has no revision " STR_F, STR_A(run->svc->repository), STR_A(asked));
    }
    run->rec.rev = str_dup(&run->arena, rev);
    return true;
}

static bool contained_words(struct fetch *f, struct strs *argv)
{
    const struct run *r = run_of(f);
    if (!by_push(r))
        return false;
    WORDS(f, argv, "merge-base", "--is-ancestor");
    vec_push(&f->arena, argv, r->rec.rev);
    vec_push(&f->arena, argv, str_f(&f->arena, "refs/heads/" STR_F, STR_A(r->svc->branch)));
    return true;
}

static bool contained_done(struct fetch *f, const struct child_result *r, struct err *e)
{
    const struct run *run = run_of(f);
    return child_ok(r) || not_on_branch(run, run->rec.rev, e);
}

static bool describe_words(struct fetch *f, struct strs *argv)
{
    WORDS(f, argv, "log", "-1", "--no-show-signature", "--format=%s%x00%an", "--end-of-options");
    vec_push(&f->arena, argv, run_of(f)->rec.rev);
    return true;
}

static bool describe_done(struct fetch *f, const struct child_result *r, struct err *e)
{
    struct run *run = run_of(f);
    struct str text = r->out;
    struct str subject = str_trim(str_cut(&text, 0));
    (void)e;
    run->rec.subject = str_dup(&run->arena, str_head(subject, 300));
    run->rec.author = str_dup(&run->arena, str_head(str_trim(text), 100));
    return true;
}

static struct str base_rev(struct fetch *f)
{
    struct run *r = run_of(f);
    struct err e = {0};
    struct str rev;
    bool found = sql_str(&f->arena, r->worker->db, &e, &rev, "select rev from release where service = ? and number = ?",
                         VALS(V(r->rec.service), V(r->rec.base)));
    return found ? rev : S("");
}

static bool count_words(struct fetch *f, struct strs *argv)
{
    struct str base = base_rev(f);
    if (base.n == 0)
        return false;
    WORDS(f, argv, "rev-list", "--count", "--left-right", "--end-of-options");
    vec_push(&f->arena, argv, str_f(&f->arena, STR_F "..." STR_F, STR_A(base), STR_A(run_of(f)->rec.rev)));
    return true;
}

static bool count_done(struct fetch *f, const struct child_result *r, struct err *e)
{
    struct run *run = run_of(f);
    struct str text = str_trim(r->out);
    struct str left = str_cut(&text, '\t');
    uint64_t behind = 0, ahead = 0;
    (void)e;
    if (!child_ok(r) || !str_u64(left, &behind) || !str_u64(text, &ahead))
        run->rec.warnings = S("the revision that is live is not in the repository any more");
    else if (behind)
        run->rec.warnings =
            str_f(&run->arena, "%llu commit%s of release %lld %s not in this one: was " STR_F " force-pushed?",
                  (unsigned long long)behind, behind == 1 ? "" : "s", (long long)run->rec.base,
                  behind == 1 ? "is" : "are", STR_A(run->svc->branch));
    run->rec.commits = (int64_t)ahead;
    f->base = child_ok(r) ? base_rev(f) : S("");
    return true;
}

static struct str range(struct fetch *f)
{
    return str_f(&f->arena, STR_F ".." STR_F, STR_A(f->base), STR_A(run_of(f)->rec.rev));
}

static bool commits_words(struct fetch *f, struct strs *argv)
{
    if (f->base.n == 0)
        return false;
    WORDS(f, argv, "log", "--no-show-signature", str_zf(&f->arena, "--max-count=%d", COMMITS_SHOWN),
          "--format=" CHANGES_LOG, "--end-of-options");
    vec_push(&f->arena, argv, range(f));
    return true;
}

static bool commits_done(struct fetch *f, const struct child_result *r, struct err *e)
{
    OWN_BUF struct buf b = buf_make(LIST_OUTPUT);
    (void)e;
    changes_commits(child_ok(r) ? r->out : S(""), &b);
    f->commits = str_dup(&f->arena, buf_str(&b));
    return true;
}

static bool compare_words(struct fetch *f, struct strs *argv, const struct str *how)
{
    if (f->base.n == 0)
        return false;
    argv->n = 0;
    git_compare_words(&f->arena, run_of(f)->worker->data, run_of(f)->svc, argv);
    for (; how->n; how++)
        vec_push(&f->arena, argv, *how);
    WORDS(f, argv, "--end-of-options");
    vec_push(&f->arena, argv, f->base);
    vec_push(&f->arena, argv, run_of(f)->rec.rev);
    return true;
}

static bool files_words(struct fetch *f, struct strs *argv)
{
    return compare_words(f, argv, (const struct str[]){CHANGES_LIST, {0}});
}

static bool files_done(struct fetch *f, const struct child_result *r, struct err *e)
{
    (void)e;
    f->is_listed = child_ok(r);
    f->listed = str_dup(&f->arena, r->out);
    return true;
}

static bool counts_words(struct fetch *f, struct strs *argv)
{
    return f->is_listed && compare_words(f, argv, (const struct str[]){CHANGES_COUNTS, {0}});
}

// Without the counts nothing of it is written down: a list that says nothing would look like one of empty files.
static bool counts_done(struct fetch *f, const struct child_result *r, struct err *e)
{
    OWN_BUF struct buf b = buf_make(LIST_OUTPUT);
    (void)e;
    f->too_many = r->dropped > 0;
    if (!child_ok(r) || (!f->too_many && !changes_counted(r->out, &f->sum)))
        return true;
    changes_files(f->listed, r->out, NULL, &b);
    f->files = str_dup(&f->arena, buf_str(&b));
    return true;
}

static bool sum_words(struct fetch *f, struct strs *argv)
{
    return f->too_many && compare_words(f, argv, (const struct str[]){CHANGES_SUM, {0}});
}

static bool sum_done(struct fetch *f, const struct child_result *r, struct err *e)
{
    (void)e;
    if (!child_ok(r) || !changes_sum(r->out, &f->sum))
        f->files = S("");
    return true;
}

static bool checkout_words(struct fetch *f, struct strs *argv)
{
    WORDS(f, argv, "checkout", "--force", "--quiet", "--detach");      // the revision is a checked hash by now
    vec_push(&f->arena, argv, run_of(f)->rec.rev);
    return true;
}

static bool clean_words(struct fetch *f, struct strs *argv)
{
    const struct service *svc = run_of(f)->svc;
    WORDS(f, argv, "clean", "-ffdxq");
    for (size_t i = 0; i < svc->build.cache.n; i++) {
        WORDS(f, argv, "-e");
        vec_push(&f->arena, argv, str_f(&f->arena, "/" STR_F, STR_A(svc->build.cache.at[i])));
    }
    return true;
}

static bool save(struct fetch *f, const struct child_result *r, struct err *e)
{
    const struct run *run = run_of(f);
    (void)r;
    if (f->files.n && !sql_do(run->worker->db, e,
                              "insert or replace into release_changes (release, commits, files, files_total, added, "
                              "removed) values (?, ?, ?, ?, ?, ?)",
                              VALS(V(run->rec.id), V(f->commits), V(f->files), V(f->sum.files), V(f->sum.added),
                                   V(f->sum.removed))))
        return false;
    return sql_do(run->worker->db, e,
                  "update release set rev = ?, subject = ?, author = ?, commits = ?, warnings = ? where id = ?",
                  VALS(V(run->rec.rev), V(run->rec.subject), V(run->rec.author), V(run->rec.commits),
                       V(run->rec.warnings), V(run->rec.id)));
}

static const struct git_step steps[] = {
    {.name = "init", .words = init_words},
    {.name = "fetch", .words = fetch_words},
    {.name = "rev-parse", .words = resolve_words, .done = resolve_done, .may_fail = true},
    {.name = "merge-base", .words = contained_words, .done = contained_done, .may_fail = true},
    {.name = "log", .words = describe_words, .done = describe_done},
    {.name = "rev-list", .words = count_words, .done = count_done, .may_fail = true},
    {.name = "log", .words = commits_words, .done = commits_done, .may_fail = true},
    {.name = "diff-tree", .words = files_words, .done = files_done, .may_fail = true, .compares = true, .brief = true,
     .max_output = LIST_OUTPUT},
    {.name = "diff-tree", .words = counts_words, .done = counts_done, .may_fail = true, .compares = true, .brief = true,
     .max_output = LIST_OUTPUT},
    {.name = "diff-tree", .words = sum_words, .done = sum_done, .may_fail = true, .compares = true, .brief = true},
    {.name = "podman rm", .words = remove_words, .may_fail = true, .podman = true},
    {.name = "checkout", .words = checkout_words, .in_tree = true},
    {.name = "clean", .words = clean_words, .done = save, .in_tree = true},
};

static void drop_wait(struct fetch *f)
{
    if (f->wait)
        event_free(f->wait);
    f->wait = NULL;
}

static void finish(struct fetch *f, const struct err *err)
{
    drop_wait(f);
    struct lane *l = f->lane;
    const struct record *rec = &l->run->rec;
    struct str detail = str_f(&l->run->arena, STR_F " " STR_F, STR_A(str_head(rec->rev, 12)), STR_A(rec->subject));
    if (err->kind != ERR_NONE)
        output_line(f->output, "%s", err->text);
    output_close(f->output);
    arena_drop(&f->arena);
    free(f);
    lane_done(l, err, detail);
}

static bool go(struct fetch *f, struct err *e);

// The repository did not give what was asked: its name, the reason among all that git said, and what to type.
static bool fetch_err(struct fetch *f, const struct child_result *r, struct err *e)
{
    const struct service *svc = run_of(f)->svc;
    struct str hint, why = git_reason(&f->arena, svc, r->err, &hint);
    if (r->status <= 0 || r->late || r->stopped || !why.n)     // well, or not git's own words
        return child_err("git fetch", r, e);
    err_set(e, ERR_PEER, "git cannot fetch " STR_F ": " STR_F, STR_A(svc->repository), STR_A(why));
    return err_hint(e, STR_F, STR_A(hint.n ? hint : S("rusuban doctor")));
}

static void on_git(void *arg, const struct child_result *r)
{
    struct fetch *f = arg;
    const struct git_step *s = &steps[f->at];
    struct err e = {0};
    f->child = NULL;
    output_add(f->output, r->err);
    bool ok = s->may_fail && (!r->late || s->brief) && !r->stopped ? true
              : s->words == fetch_words              ? fetch_err(f, r, &e) : child_err("git", r, &e);
    if (ok && s->done)
        ok = s->done(f, r, &e);
    f->at++;
    if (!ok || !go(f, &e))
        finish(f, &e);
}

// Begins the next command that has something to do; when none is left, all is well.
static bool go(struct fetch *f, struct err *e)
{
    const struct run *r = run_of(f);
    for (; f->at < ARRAY_LEN(steps); f->at++) {
        const struct git_step *s = &steps[f->at];
        struct strs argv = {0};
        if (s->in_tree)
            WORDS(f, &argv, "/proc/self/exe", "keeper");
        git_words(&f->arena, r->worker->data, r->svc, &argv);
        if (!s->words(f, &argv))
            continue;
        output_line(f->output, "%s%s", s->podman ? "" : "git ", s->name);
        const char *run_dir = str_zf(&f->arena, "%s/run", r->worker->data);
        struct child_spec spec = {.argv = git_argv(&f->arena, &argv),
                                  .env = s->podman     ? container_env(&f->arena)
                                         : s->compares ? git_compare_env(&f->arena)
                                                       : git_env(&f->arena, r->worker->data, r->svc),
                                  .dir = s->in_tree ? run_path(run_of(f), "tree") : run_dir,
                                  .deadline_ms = s->brief ? BRIEF_MS : GIT_MS,
                                  .max_output = s->max_output ? s->max_output : GIT_OUTPUT};
        f->child = child_start(r->worker->loop, &spec, on_git, f, e);
        return f->child != NULL;
    }
    e->kind = ERR_NONE;
    return false;
}

static void stop(struct lane *l)
{
    struct fetch *f = l->effect;
    struct err stopped = {0};
    if (f->child) {
        child_stop(f->child);
        return;
    }
    err_set(&stopped, ERR_STATE, "stopped");
    finish(f, &stopped);
}

static bool make_room(struct run *r, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    char *mirror = git_mirror(&a, r->worker->data, r->svc);
    if (!dir_make(mirror, 0700, e) || !dir_make(run_path(r, "tree"), 0755, e))
        return false;
    git_unlock(mirror);
    unlink(run_path(r, "index.lock"));
    return true;
}

static void on_free(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct fetch *f = arg;
    struct err e = {0};
    if (requests_plan_runs(run_of(f)->worker, run_of(f)->rec.service))
        return;
    drop_wait(f);
    if (!make_room(run_of(f), &e) || !go(f, &e))
        finish(f, &e);
}

// A release that has its revision keeps it, whatever the branch says by now, and only gets its tree anew (lane.c).
static size_t first_step(const struct run *r)
{
    size_t at = 0;
    while (r->rec.rev.n && !steps[at].in_tree && !steps[at].podman)
        at++;
    return at;
}

bool effect_fetch(struct lane *l, struct err *e)
{
    struct run *r = l->run;
    if (!dir_make(run_path(r, "log/%lld", (long long)r->rec.number), 0750, e))
        return false;
    struct output *output = output_open(run_log(r, STEP_FETCH, S(""), l->intent.attempt), NULL, e);
    if (!output)
        return false;
    struct fetch *f = calloc(1, sizeof *f);
    assert(f);
    *f = (struct fetch){.lane = l, .arena = arena_make(16 << 20), .output = output, .at = first_step(r)};
    l->effect = f;
    l->stop = stop;
    f->wait = loop_every(r->worker->loop, WAIT_MS, on_free, f);
    event_active(f->wait, EV_TIMEOUT, 1);
    return true;
}
