// repositories.c: asks every repository for the branch that is released from, the way a fetch would: same git, same
// key, same pinned host keys, no prompt. So what is wrong there is known before somebody waits for a release.
#include "base/child.h"
#include "base/clock.h"
#include "release/doctor.h"
#include "release/few.h"
#include "release/git.h"

enum { AT_ONCE = 8, DEADLINE_MS = 20000, OUTPUT_MAX = 64 << 10 };

struct round;
struct question {
    struct round *of;
    const struct service *svc;
    struct checks found;        // put together in the site's order at the end
};

struct round {
    struct arena *a;
    const struct site *site;
    const char *data, *dir;
    struct question *at;
    struct few few;
};

#define found(q, level, hint, ...)  check_add((q)->of->a, &(q)->found, level, (q)->svc->name, hint, __VA_ARGS__)

static void cannot_read(struct question *q, const struct child_result *r)
{
    struct str hint, why = git_reason(q->of->a, q->svc, r->err, &hint);
    char took[TIME_TEXT_MAX];
    if (r->late)
        why = str_f(q->of->a, "no answer within %s", took_text(DEADLINE_MS, took));
    found(q, CHECK_FAIL, hint.n ? str_zdup(q->of->a, hint) : "is the address right, is it up, and may we read it?",
          "cannot read " STR_F ": " STR_F, STR_A(q->svc->repository), STR_A(why.n ? why : S("no answer")));
}

// "HASH<tab>refs/heads/main", or nothing.
static void judge_branch(struct question *q, struct str said)
{
    const struct service *svc = q->svc;
    struct str rev = str_cut(&said, '\t');
    if (rev.n < 40)
        found(q, CHECK_FAIL, "push it, or name another with branch: in the site file", STR_F " has no branch " STR_F,
              STR_A(svc->repository), STR_A(svc->branch));
    else
        found(q, CHECK_OK, NULL, STR_F " has " STR_F " at " STR_F, STR_A(svc->repository), STR_A(svc->branch),
              STR_A(str_head(rev, 7)));
}

static void on_done(void *arg, const struct child_result *result)
{
    struct question *q = arg;
    if (child_ok(result))
        judge_branch(q, result->out);
    else
        cannot_read(q, result);
    few_over(&q->of->few);
}

// Beside our keys like every git of ours, and so that no repository around the data directory has a say.
static bool start(struct question *q, struct err *e)
{
    struct round *r = q->of;
    const char **argv = NEW_N(r->a, const char *, 8), **env = NEW_N(r->a, const char *, 32);
    const char *const words[] = {"git", "-c", "safe.directory=*", "ls-remote", "--",
                                 str_zdup(r->a, q->svc->repository),
                                 str_zf(r->a, "refs/heads/" STR_F, STR_A(q->svc->branch)), NULL};
    const char *const *usual = git_env(r->a, r->data, q->svc);
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        argv[i] = words[i];
    for (; usual[n]; n++)
        env[n] = usual[n];
    env[n] = str_zf(r->a, "GIT_CEILING_DIRECTORIES=%s", r->data);
    struct child_spec spec = {.argv = argv, .env = env, .dir = r->dir,
                              .deadline_ms = DEADLINE_MS, .max_output = OUTPUT_MAX};
    return child_start(r->few.loop, &spec, on_done, q, e) != NULL;
}

static bool start_one(void *arg, size_t i)
{
    struct round *r = arg;
    struct question *q = &r->at[i];
    struct err e;
    *q = (struct question){.of = r, .svc = &r->site->services.at[i]};
    if (start(q, &e))
        return true;
    found(q, CHECK_FAIL, e.hint, "%s", e.text);
    return false;
}

void repositories_check(struct arena *a, const struct site *site, const char *data, const char *dir, struct loop *loop,
                        struct checks *out)
{
    struct round r = {.a = a, .site = site, .data = data, .dir = dir};
    r.few = (struct few){.loop = loop, .n = site->services.n, .at_once = AT_ONCE, .start = start_one, .arg = &r};
    r.at = NEW_N(a, struct question, site->services.n + 1);
    few_run(&r.few);
    for (size_t i = 0; i < site->services.n; i++)
        for (size_t k = 0; k < r.at[i].found.n; k++)
            vec_push(a, out, r.at[i].found.at[k]);
}
