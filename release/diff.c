// diff.c: see diff.h. Questions to git about the same two revisions: which files, how many lines, and which.
#include "release/diff.h"
#include "base/child.h"
#include "release/changes.h"
#include "release/git.h"
#include "release/record.h"

enum { GIT_MS = 75000, LIST_BYTES = 4 << 20 };

struct comparing { struct arena *a; const char *data; const struct service *svc; struct str from, to; };

static bool git(const struct comparing *c, const struct str *how, size_t max, struct child_result *r, struct err *e)
{
    struct strs argv = {0};
    git_compare_words(c->a, c->data, c->svc, &argv);
    for (; how->n; how++)
        vec_push(c->a, &argv, *how);
    vec_push(c->a, &argv, S("--end-of-options"));
    vec_push(c->a, &argv, c->from);
    vec_push(c->a, &argv, c->to);
    struct child_spec spec = {.argv = git_argv(c->a, &argv), .env = git_compare_env(c->a),
                              .dir = str_zf(c->a, "%s/run", c->data), .deadline_ms = GIT_MS, .max_output = max};
    return child_run(c->a, &spec, r, e) || err_in(e, "git diff-tree");
}

#define GIT(c, max, r, e, ...)  git(c, (const struct str[]){__VA_ARGS__, {0}}, max, r, e)

// A roll back is what it brings back.
static bool revision(struct arena *a, struct db *db, struct str service, int64_t number, struct str *rev, struct err *e)
{
    struct record r;
    if (!record_find(a, db, service, number, &r, e) ||
        (r.rollback && !record_find(a, db, service, r.target, &r, e)))
        return false;
    *rev = r.rev;
    return rev->n || err_set(e, ERR_STATE, "release %lld has no revision", (long long)number);
}

// The counts of all files, or what git sums up itself where they are too many to be held.
static bool sum_up(const struct comparing *c, const struct child_result *counts, struct changes_sum *sum, struct err *e)
{
    struct child_result stat;
    if (!counts->dropped)
        return changes_counted(counts->out, sum)
            || err_set(e, ERR_PEER, "git diff-tree --numstat said " STR_F, STR_A(str_head(counts->out, 200)));
    return GIT(c, 1000, &stat, e, CHANGES_SUM)
        && (changes_sum(stat.out, sum)
            || err_set(e, ERR_PEER, "git diff-tree --shortstat said " STR_F, STR_A(str_head(stat.out, 200))));
}

bool diff_make(struct arena *a, struct db *db, const char *data, const struct service *svc, int64_t number,
               int64_t against, struct buf *out, struct err *e)
{
    struct comparing c = {.a = a, .data = data, .svc = svc};
    struct child_result list, counts, lines;
    struct changes_sum sum;
    if (!revision(a, db, svc->name, number, &c.to, e) || !revision(a, db, svc->name, against, &c.from, e) ||
        !GIT(&c, LIST_BYTES, &list, e, CHANGES_LIST) || !GIT(&c, LIST_BYTES, &counts, e, CHANGES_COUNTS) ||
        !sum_up(&c, &counts, &sum, e) || !GIT(&c, PATCH_BYTES, &lines, e, CHANGES_PATCH))
        return false;
    struct changes_patch patch = {.text = lines.out, .cut = lines.dropped > 0};
    json_open(out, '{');
    json_kvs(out, KVS(KV("service", svc->name), KV("number", number), KV("against", against), KV("rev", c.to),
                      KV("against_rev", c.from)));
    json_key(out, "files");
    changes_files(list.out, counts.out, &patch, out);
    json_kvs(out, KVS(KV("files_total", sum.files), KV("added", sum.added), KV("removed", sum.removed),
                      KV("all", V_BOOL(patch.all && sum.files <= FILES_SHOWN))));
    json_close(out, '}');
    return buf_ok(out, e);
}
