// rsync.c: transport over rsync: a farm of hard links of what is live, made equal to out/N, flushed, named.
//
// prepare: `cp -al releases/BASE .stage-N-FENCE` on the host. copy: rsync, which compares size and mtime only (exact
// where the base is a release of this server, see pack.h; else it compares the content) and replaces a changed file by
// rename, so the base's file stays untouched. seal: flush, rename, receipt. Measured against rsync --link-dest into an
// empty directory, which makes every link in its own receiver after talking about it: see bench/release. Price: hard
// links, so an app that writes into its release's files in place changes every kept release that shares them; `release
// hosts --verify` names such files.
#include "base/clock.h"
#include "release/there.h"
#include "release/transport.h"
#include <assert.h>
#include <stdlib.h>

enum { PREPARE_MS = 600000, SEAL_MS = 600000 };

struct stage {
    struct lane *lane;
    struct arena arena;
    struct task *task;
    staged_fn *fn;
    struct str detail;
};

static void finish(struct stage *s, const struct err *err, struct str detail)
{
    struct lane *l = s->lane;
    staged_fn *fn = s->fn;
    struct str kept = str_dup(&l->run->arena, detail);
    arena_drop(&s->arena);
    free(s);
    fn(l, err, kept);
}

void transport_stop(struct lane *l)
{
    struct stage *s = l->effect;
    task_stop(s->task);
}

static void push_number(struct stage *s, struct verb *v, int64_t n)
{
    vec_push(&s->arena, &v->args, str_f(&s->arena, "%lld", (long long)n));
}

static void push_list(struct stage *s, struct verb *v, const struct strs *list)
{
    vec_push(&s->arena, &v->args, S("--"));
    for (size_t i = 0; i < list->n; i++)
        vec_push(&s->arena, &v->args, list->at[i]);
}

static void on_sealed(void *arg, const struct outcome *o)
{
    struct stage *s = arg;
    finish(s, &o->err, s->detail);
}

static void seal(struct stage *s)
{
    const struct run *r = s->lane->run;
    struct verb v = there_verb(s->lane, "seal", SEAL_MS);
    push_number(s, &v, r->rec.number);
    vec_push(&s->arena, &v.args, r->rec.tree);
    push_number(s, &v, r->rec.files);
    push_number(s, &v, r->rec.bytes);
    push_list(s, &v, &r->svc->scratch);
    s->task = remote_verb(r->worker->remote, s->lane->there->host, &v, on_sealed, s);
}

// A line of rsync --stats: "Number of regular files transferred: 1,234".
static uint64_t stat_number(struct str text, struct str label)
{
    uint64_t n = 0;
    while (text.n) {
        struct str line = str_cut(&text, '\n');
        if (!str_starts(line, label))
            continue;
        for (size_t i = label.n; i < line.n && line.p[i] != '('; i++)
            if (line.p[i] >= '0' && line.p[i] <= '9')
                n = n * 10 + (uint64_t)(line.p[i] - '0');
        break;
    }
    return n;
}

static void on_copied(void *arg, const struct outcome *o)
{
    struct stage *s = arg;
    if (o->err.kind != ERR_NONE) {
        finish(s, &o->err, S(""));
        return;
    }
    s->detail = str_f(&s->arena, "%llu files sent, %llu bytes",
                      (unsigned long long)stat_number(o->out, S("Number of regular files transferred:")),
                      (unsigned long long)stat_number(o->out, S("Total bytes sent:")));
    seal(s);
}

static void copy(struct stage *s, enum copy_onto onto)
{
    const struct run *r = s->lane->run;
    struct str from = str_f(&s->arena, "%s/builds/" STR_F "/out/%lld", r->worker->data, STR_A(r->rec.service),
                            (long long)r->rec.number);
    struct str to = str_f(&s->arena, STR_F "/.stage-%lld-%lld",
                          STR_A(remote_dir(&s->arena, s->lane->there->host, r->svc->deploy_to)),
                          (long long)r->rec.number, (long long)r->fence);
    s->task = remote_copy(r->worker->remote, s->lane->there->host, from, to, onto, on_copied, s);
}

static void on_prepared(void *arg, const struct outcome *o)
{
    struct stage *s = arg;
    if (o->err.kind != ERR_NONE)
        finish(s, &o->err, S(""));
    else if (str_find(o->out, S("have\n")) >= 0)
        finish(s, &o->err, S("already there"));
    else
        copy(s, str_find(o->out, S("fresh\n")) >= 0 ? ONTO_NOTHING
             : str_find(o->out, S("foreign\n")) >= 0 ? ONTO_FOREIGN : ONTO_OURS);
}

// Space: what the release weighs and a tenth, when nothing of it is there; what changed costs less with a base.
static void push_needs(struct stage *s, struct verb *v)
{
    const struct run *r = s->lane->run;
    int64_t kb = r->rec.bytes / 1024 + r->rec.bytes / 10240 + 1024;
    bool base = s->lane->there->current > 0;
    push_number(s, v, base ? 10240 : kb);
    push_number(s, v, base ? r->rec.files / 5 + 100 : r->rec.files + r->rec.files / 10 + 100);
}

bool transport_stage(struct lane *l, staged_fn *fn, struct err *e)
{
    (void)e;
    struct run *r = l->run;
    struct stage *s = calloc(1, sizeof *s);
    assert(s);
    *s = (struct stage){.lane = l, .arena = arena_make(4 << 20), .fn = fn};
    struct verb v = there_verb(l, "prepare", PREPARE_MS);
    push_number(s, &v, r->rec.number);
    vec_push(&s->arena, &v.args, r->rec.tree);
    push_number(s, &v, l->there->current);
    push_needs(s, &v);
    push_list(s, &v, &r->svc->shared.dirs);
    push_list(s, &v, &r->svc->shared.files);
    l->effect = s;
    s->task = remote_verb(r->worker->remote, l->there->host, &v, on_prepared, s);
    return true;
}
