// plan.c: git answers what would change in the repository, the site file says where it would go, the store what is live
// and what stands in the way.
#include "release/plan.h"
#include "base/child.h"
#include "base/file.h"
#include "base/json.h"
#include "release/gate.h"
#include "release/git.h"
#include "release/record.h"

enum { GIT_MS = 100000, GIT_OUTPUT = 1 << 20, COMMITS_SHOWN = 50 };

struct planning {
    struct arena *a;
    struct db *db;
    const char *data;
    const struct site *site;
    const struct service *svc;
    struct str rev, base_rev;
    struct strs out;            // hosts that a person left out
    int64_t live;
};

static bool git(struct planning *p, struct strs *more, struct str *out, struct err *e)
{
    struct strs argv = {0};
    struct child_result r;
    git_words(p->a, p->data, p->svc, &argv);
    for (size_t i = 0; i < more->n; i++)
        vec_push(p->a, &argv, more->at[i]);
    struct child_spec spec = {.argv = git_argv(p->a, &argv), .env = git_env(p->a, p->data, p->svc),
                              .dir = str_zf(p->a, "%s/run", p->data), .deadline_ms = GIT_MS, .max_output = GIT_OUTPUT};
    if (!child_run(p->a, &spec, &r, e))
        return err_in(e, "git " STR_F, STR_A(more->at[0]));
    *out = r.out;
    return true;
}

#define GIT(p, out, e, ...) git(p, &(struct strs){(struct str[]){__VA_ARGS__},                                       \
                                                  sizeof((struct str[]){__VA_ARGS__}) / sizeof(struct str), 0}, out, e)

// Before the first release there is neither mirror nor working tree, and git insists on both directories.
static bool make_mirror(struct planning *p, struct err *e)
{
    const char *mirror = git_mirror(p->a, p->data, p->svc);
    struct child_result r;
    if (!dir_make(str_zf(p->a, "%s/builds/" STR_F "/tree", p->data, STR_A(p->svc->name)), 0755, e))
        return false;
    if (path_exists(str_zf(p->a, "%s/HEAD", mirror)))
        return true;
    const char *const argv[] = {"git", "init", "--quiet", "--bare", "--initial-branch=rusuban-none",
                                "--",  mirror, NULL};
    struct child_spec spec = {
        .argv = argv, .env = git_env(p->a, p->data, p->svc), .deadline_ms = GIT_MS, .max_output = 4096};
    return child_run(p->a, &spec, &r, e);
}

static bool resolve(struct planning *p, struct str wanted, struct err *e)
{
    struct str out;
    struct str name = wanted.n ? wanted : str_f(p->a, "refs/heads/" STR_F, STR_A(p->svc->branch));
    if (!make_mirror(p, e) ||
        !GIT(p, &out, e, S("fetch"), S("--prune"), S("--force"), S("--no-write-fetch-head"), S("--quiet"), S("--"),
             p->svc->repository, S("+refs/heads/*:refs/heads/*"), S("+refs/tags/*:refs/tags/*")))
        return false;
    if (!git_revision_ok(name) || !GIT(p, &out, e, S("rev-parse"), S("--verify"), S("--quiet"), S("--end-of-options"),
                                       str_f(p->a, STR_F "^{commit}", STR_A(name))))
        return err_set(e, ERR_INPUT, STR_F " has no revision " STR_F, STR_A(p->svc->repository), STR_A(name));
    p->rev = str_trim(out);
    return true;
}

static bool find_base(struct planning *p, struct err *e)
{
    if (!record_live(p->db, p->svc->name, &p->live, e))
        return false;
    if (!sql_str(p->a, p->db, e, &p->base_rev, "select rev from release where service = ? and number = ?",
                 VALS(V(p->svc->name), V(p->live))))
        p->base_rev = S("");
    return true;
}

static bool find_out(struct planning *p, struct err *e)
{
    OWN_ROWS struct rows *rows = sql_ask(p->db, e, "select host from release_host where service = ? and out_by <> ''",
                                         VALS(V(p->svc->name)));
    while (rows && rows_next(rows, e))
        vec_push(p->a, &p->out, row_str(p->a, rows, 0));
    return rows && !rows_failed(rows);
}

static void put_commits(struct planning *p, struct buf *b)
{
    struct err ignored = {0};
    struct str out = S("");
    struct str range = p->base_rev.n ? str_f(p->a, STR_F ".." STR_F, STR_A(p->base_rev), STR_A(p->rev)) : p->rev;
    json_key(b, "commits");
    json_open(b, '[');
    if (GIT(p, &out, &ignored, S("log"), S("--no-show-signature"), str_f(p->a, "--max-count=%d", COMMITS_SHOWN),
            S("--format=%H%x1f%an%x1f%s"), S("--end-of-options"), range))
        while (out.n) {
            struct str line = str_cut(&out, '\n');
            struct str rev = str_cut(&line, 0x1f), author = str_cut(&line, 0x1f);
            json_object(b, KV("rev", rev), KV("author", author), KV("subject", line));
        }
    json_close(b, ']');
}

static void put_files(struct planning *p, struct buf *b)
{
    struct err ignored = {0};
    struct str out = S("");
    int64_t total = 0;
    json_key(b, "files");
    json_open(b, '[');
    if (p->base_rev.n && GIT(p, &out, &ignored, S("diff"), S("--name-status"), S("--no-renames"), S("--no-ext-diff"),
                             S("--end-of-options"), p->base_rev, p->rev))
        for (; out.n; total++) {
            struct str line = str_cut(&out, '\n');
            struct str how = str_cut(&line, '\t');
            if (total < 100)
                json_object(b, KV("how", how), KV("path", line));
        }
    json_close(b, ']');
    json_kv(b, "files_total", total);
}

// The same batches as work.c will make are many words; a person wants who is first, how many at once, how long between.
static void put_group(const struct planning *p, const struct group *g, struct buf *b)
{
    struct strs in = {0};
    for (size_t i = 0; i < g->hosts.n; i++)
        if (!strs_have(&p->out, g->hosts.at[i]))
            vec_push(p->a, &in, g->hosts.at[i]);
    int size = g->limit_percent ? (int)in.n * g->limit_percent / 100 : g->limit_count ? g->limit_count : (int)in.n;
    if (in.n == 0)
        return;
    json_open(b, '{');
    json_kvs(b, KVS(KV("name", g->name), KV("at_once", size < 1 ? 1 : size), KV("wait_ms", g->wait_ms)));
    json_key(b, "hosts");
    json_open(b, '[');
    for (size_t i = 0; i < in.n; i++)
        json_val(b, V(in.at[i]));
    json_close(b, ']');
    json_close(b, '}');
}

static void put_groups(const struct planning *p, struct buf *b)
{
    json_key(b, "groups");
    json_open(b, '[');
    for (size_t g = 0; g < p->svc->servers.n; g++)
        put_group(p, &p->svc->servers.at[g], b);
    json_close(b, ']');
    json_key(b, "out");
    json_open(b, '[');
    for (size_t g = 0; g < p->svc->servers.n; g++)
        for (size_t i = 0; i < p->svc->servers.at[g].hosts.n; i++)
            if (strs_have(&p->out, p->svc->servers.at[g].hosts.at[i]))
                json_val(b, V(p->svc->servers.at[g].hosts.at[i]));
    json_close(b, ']');
}

static void put_gate(struct planning *p, struct buf *b)
{
    struct closed c;
    struct record running;
    struct err e = {0};
    bool open = gate_open(p->a, p->db, p->site, p->svc, &c);
    bool behind = record_open(p->a, p->db, p->svc->name, &running, &e);
    json_kv(b, "may_start", open);
    json_kv(b, "closed", open ? V_NULL : V(c.why));
    json_kv(b, "running", behind ? V(running.number) : V_NULL);
    json_kv(b, "running_needs", behind ? V(record_person_must(p->db, &running)) : V_NULL);
}

bool plan_make(struct arena *a, struct db *db, const char *data, const struct site *site, const struct service *svc,
               struct str wanted, struct buf *b, struct err *e)
{
    static const char *const when[] = {
        [APPROVE_UNCLEAR] = "unclear", [APPROVE_ALWAYS] = "always", [APPROVE_NEVER] = "never"};
    struct planning p = {.a = a, .db = db, .data = data, .site = site, .svc = svc};
    if (!resolve(&p, wanted, e) || !find_base(&p, e) || !find_out(&p, e))
        return false;
    json_open(b, '{');
    json_kvs(b, KVS(KV("service", svc->name), KV("rev", p.rev), KV("branch", svc->branch), KV("live", p.live),
                    KV("live_rev", p.base_rev)));
    put_commits(&p, b);
    put_files(&p, b);
    json_key(b, "build");
    json_open(b, '[');
    for (size_t i = 0; i < svc->build.run.n; i++)
        json_val(b, V(words_text(a, &svc->build.run.at[i])));
    json_close(b, ']');
    json_kv(b, "image", V_OPT(svc->build.image));
    json_kv(b, "migrate", svc->migrate.run.n ? V(words_text(a, &svc->migrate.run)) : V_NULL);
    json_kv(b, "migrate_on", V_OPT(svc->migrate.on));
    put_groups(&p, b);
    json_kv(b, "approve", when[svc->approve.when]);
    json_kv(b, "judged_by", V_OPT(p.live ? svc->canary.log : S("")));      // a first release has nothing beside it
    json_kvs(b, KVS(KV("judged_min_ms", svc->canary.min_ms), KV("judged_max_ms", svc->canary.max_ms),
                    KV("asks_when_unclear", V_BOOL(svc->canary.on_unclear == CANARY_ASK))));
    put_gate(&p, b);
    json_close(b, '}');
    return buf_ok(b, e);
}
