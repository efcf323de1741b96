// requests.c: what a person asked the worker for and waits for an answer to: a plan, what two releases differ in, a
// look at the hosts, a choice.
//
// A row each; the answer is JSON in the same row. Nothing here changes a host.
#include "base/child.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/say.h"
#include "release/run.h"
#include "release/there.h"
#include "site/site.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    PLAN_MS = 120000,
    DIFF_MS = 320000,               // more than what diff.c gives its gits
    DIFFS = 2,                      // at once
    LOOK_MS = 40000, ANSWER_MAX = 4 << 20, AT_ONCE = 8, KEEP_MS = 3600 * 1000,
    LOST_MS = 2 * 3600 * 1000,
};

struct request {
    struct worker *worker;
    struct arena arena;
    int64_t id, release;
    struct str kind, service, args;
    struct site *site;
    const struct service *svc;
    struct buf hosts;           // look: the answer so far
    size_t waiting;             // look: hosts that have not answered
    LIST_ENTRY(request) next;   // plan
};

struct looker { struct request *request; const struct host *host; const char *tree; };

static void answer(struct request *q, struct str json, const struct err *err)
{
    struct err e = {0};
    bool ok = err->kind == ERR_NONE;
    if (!sql_do(q->worker->db, &e,
                "update request set answered_at = ?, answer = ?, error = ?, error_kind = ?, hint = ? where id = ?",
                VALS(V(now_ms()), ok ? V(json) : V_NULL, ok ? V_NULL : V(err->text),
                     ok ? V_NULL : V(err_row(err->kind)->code), V(ok ? "" : err->hint), V(q->id))))
        say_err("release.request", &e);
    buf_drop(&q->hosts);
    arena_drop(&q->arena);
    free(q);
}

// ---- plan and diff: processes of ours that may block ----

static void answer_of(struct request *q, const char *program, const struct child_result *r)
{
    struct err e = {0};
    if (!child_err(program, r, &e) && r->status > 0)
        err_set(&e,
                r->status == 2   ? ERR_INPUT
                : r->status == 5 ? ERR_PEER
                                 : ERR_IO,
                STR_F, STR_A(str_trim(str_head(r->err, 1000))));
    answer(q, r->out, &e);
}

static void on_planned(void *arg, const struct child_result *r)
{
    struct request *q = arg;
    LIST_REMOVE(q, next);
    answer_of(q, "rusuban release plan", r);
}

static void on_compared(void *arg, const struct child_result *r)
{
    struct request *q = arg;
    q->worker->diffs--;
    worker_poke(q->worker);         // the next one waits
    answer_of(q, "rusuban release make-diff", r);
}

// args: the two numbers, which the API has made of numbers. It only reads the mirror, so a fetch may go on beside it.
static bool diff(struct request *q, struct err *e)
{
    struct worker *w = q->worker;
    struct str from = q->args, to = str_cut(&from, ' ');
    const char *const argv[] = {"/proc/self/exe", "--data", w->data, "--site", w->site_path, "release", "make-diff",
                                "--", str_zdup(&q->arena, q->service), str_zdup(&q->arena, to),
                                str_zdup(&q->arena, from), NULL};
    struct child_spec spec = {.argv = argv, .deadline_ms = DIFF_MS, .max_output = ANSWER_MAX};
    if (!child_start(w->loop, &spec, on_compared, q, e))
        return false;
    w->diffs++;
    return true;
}

static bool plan(struct request *q, struct err *e)
{
    struct worker *w = q->worker;
    // Behind "--" a revision that looks like an option is none.
    const char *const argv[] = {"/proc/self/exe", "--data", w->data, "--site", w->site_path, "release", "make-plan",
                                "--", str_zdup(&q->arena, q->service), str_zdup(&q->arena, q->args), NULL};
    struct child_spec spec = {.argv = argv, .deadline_ms = PLAN_MS, .max_output = ANSWER_MAX};
    if (!child_start(w->loop, &spec, on_planned, q, e))
        return false;
    LIST_INSERT_HEAD(&w->plans, q, next);
    return true;
}

bool requests_plan_runs(const struct worker *w, struct str service)
{
    const struct request *q;
    LIST_FOREACH(q, &w->plans, next)
        if (str_eq(q->service, service))
            return true;
    return false;
}

// ---- look: every host says what it holds ----

static void host_json(struct looker *k, const struct outcome *o, const struct host_state *s)
{
    struct buf *b = &k->request->hosts;
    json_open(b, '{');
    json_kvs(b,
             KVS(KV("host", k->host->name), KV("zone", k->host->zone), KV("reached", V_BOOL(o->err.kind == ERR_NONE)),
                 KV("error", o->err.kind ? o->err.text : NULL), KV("current", s->current), KV("fence", s->fence),
                 KV("free_bytes", s->free_bytes), KV("clock_off_s", s->time_s ? s->time_s - now_ms() / 1000 : 0)));
    json_key(b, "holds");
    json_open(b, '[');
    for (size_t i = 0; i < s->receipts.n; i++)
        json_val(b, V(s->receipts.at[i]));
    json_close(b, ']');
    json_close(b, '}');
}

static void save_look(struct looker *k, const struct outcome *o, const struct host_state *s)
{
    struct request *q = k->request;
    struct err e = {0};
    bool ok = o->err.kind == ERR_NONE ? there_remember(q->worker->db, q->service, k->host->name, s, &e)
                                      : there_failed(q->worker->db, q->service, k->host->name, &o->err, &e);
    if (!ok)
        say_err("release.look", &e);
}

static void one_less(struct request *q)
{
    struct err none = {0};
    if (--q->waiting)
        return;
    json_close(&q->hosts, ']');
    json_close(&q->hosts, '}');
    answer(q, buf_str(&q->hosts), &none);
}

static void on_looked(void *arg, const struct outcome *o)
{
    struct looker *k = arg;
    struct host_state s = {0};
    struct outcome told = *o;
    if (o->err.kind == ERR_NONE && !host_state_parse(&k->request->arena, o->out, &s, &told.err))
        s = (struct host_state){0};
    save_look(k, &told, &s);
    host_json(k, &told, &s);
    one_less(k->request);
}

static bool is_verify(const struct request *q)
{
    return str_eq(q->kind, S("verify"));
}

static bool is_within(struct str path, struct str dir)
{
    return str_starts(path, dir) && (path.n == dir.n || path.p[dir.n] == '/');
}

// rsync -n -c: a line for each path that differs from the packed tree. What the app may write is no difference, nor are
// the directories above it, which the host made.
static bool is_scratch(const struct service *svc, struct str path)
{
    bool dir = str_ends(path, S("/"));
    path.n -= dir;
    for (size_t i = 0; i < svc->scratch.n; i++)
        if (is_within(path, svc->scratch.at[i]) || (dir && is_within(svc->scratch.at[i], path)))
            return true;
    return false;
}

static void on_verified(void *arg, const struct outcome *o)
{
    struct looker *k = arg;
    struct request *q = k->request;
    struct str text = o->out;
    bool gone = o->err.kind != ERR_NONE && !path_exists(k->tree);
    json_open(&q->hosts, '{');
    json_kvs(&q->hosts, KVS(KV("host", k->host->name), KV("reached", V_BOOL(o->err.kind == ERR_NONE)),
                            KV("error",
                               gone ? "what it runs is no longer packed here, so there is nothing to compare it with"
                                        : o->err.kind ? o->err.text : NULL)));
    json_key(&q->hosts, "differs");
    json_open(&q->hosts, '[');
    while (text.n) {
        struct str line = str_cut(&text, '\n');
        struct str how = str_word(&line);
        struct str path = str_trim(line);
        bool only_times = how.n > 2 && how.p[1] == 'd' && how.p[0] == '.';
        if (path.n && !only_times && !is_scratch(q->svc, path) && q->hosts.n < q->hosts.max / 2)
            json_val(&q->hosts, V(path));
    }
    json_close(&q->hosts, ']');
    json_close(&q->hosts, '}');
    one_less(q);
}

static void begin_verify(struct looker *k)
{
    struct request *q = k->request;
    struct err e = {0};
    struct str current;
    if (!sql_str(&q->arena, q->worker->db, &e, &current,
                 "select current from release_host where service = ? and host = ? and current > 0",
                 VALS(V(q->service), V(k->host->name))))
        current = S("0");
    struct str from =
        str_f(&q->arena, "%s/builds/" STR_F "/out/" STR_F, q->worker->data, STR_A(q->service), STR_A(current));
    k->tree = from.p;
    struct str to = str_f(&q->arena, STR_F "/releases/" STR_F, STR_A(remote_dir(&q->arena, k->host, q->svc->deploy_to)),
                          STR_A(current));
    remote_compare(q->worker->remote, k->host, from, to, on_verified, k);
}

static void begin_look(struct looker *k)
{
    struct request *q = k->request;
    struct verb v = {.name = "state", .dir = remote_dir(&q->arena, k->host, q->svc->deploy_to), .owner = S("-"),
                     .deadline_ms = LOOK_MS};
    remote_verb(q->worker->remote, k->host, &v, on_looked, k);
}

static bool look(struct request *q, struct err *e)
{
    if (!site_load(&q->arena, q->worker->site_path, &q->site, e) || !site_need_service(q->site, q->service, &q->svc, e))
        return false;
    q->hosts = buf_make(ANSWER_MAX);
    json_open(&q->hosts, '{');
    json_key(&q->hosts, "hosts");
    json_open(&q->hosts, '[');
    for (size_t g = 0; g < q->svc->servers.n; g++)
        q->waiting += q->svc->servers.at[g].hosts.n;
    for (size_t g = 0; g < q->svc->servers.n; g++)
        for (size_t i = 0; i < q->svc->servers.at[g].hosts.n; i++) {
            struct looker *k = NEW(&q->arena, struct looker);
            *k = (struct looker){.request = q, .host = site_host(q->site, q->svc->servers.at[g].hosts.at[i])};
            if (is_verify(q))
                begin_verify(k);
            else
                begin_look(k);
        }
    return true;
}

// ---- choose ----

// A release that this program cannot read (its site file is of another version) can still be left.
static bool leave_unread(struct request *q, struct err *e)
{
    struct db *db = q->worker->db;
    struct err none = {0};
    if (!sql_begin(db, e) ||
        !sql_do(db, e,
                "update release set state = 'left', ended_at = ?1, state_at = ?1 "
                "where id = ?2 and state = 'needs_human'", VALS(V(now_ms()), V(q->release))) ||
        !sql_do(db, e,
                "delete from turn where release = ? "
                "and exists (select 1 from release where id = ?1 and state = 'left')",
                VALS(V(q->release))) || !record_end_marks(db, q->release, e) || !sql_commit(db, e))
        return sql_undo(db);
    answer(q, S("{}"), &none);
    return true;
}

static bool choose(struct request *q, struct err *e)
{
    struct run *r = worker_run_of(q->worker, q->release);
    struct err none = {0};
    if (!r && str_eq(q->args, S("leave")))
        return leave_unread(q, e);
    if (!r)
        return err_set(e, ERR_STATE, "this release is over, or cannot be read: rusuban release show says why");
    if (!run_choose(r, q->args, e))
        return false;
    answer(q, S("{}"), &none);
    return true;
}

static const struct { const char *kind; bool (*begin)(struct request *q, struct err *e); } kinds[] = {
    {"plan", plan}, {"diff", diff}, {"look", look}, {"verify", look}, {"choose", choose},
};

static bool begin(struct request *q, struct err *e)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eq(q->kind, str_z(kinds[i].kind)))
            return kinds[i].begin(q, e);
    return err_set(e, ERR_BUG, "unknown request " STR_F, STR_A(q->kind));
}

// Takes the oldest that nobody has taken, or whose answer got lost: after longer than any of them may take, since a
// verify that is merely slow must not be begun a second time beside itself.
static struct request *take(struct worker *w)
{
    struct err e = {0};
    OWN_ROWS struct rows *r =
        sql_ask(w->db, &e,
                "select id, coalesce(release, 0), kind, service, args from request "
                "where answered_at is null and (taken_at is null or taken_at < ?) and not (kind = 'plan' and "
                "exists (select 1 from release r where r.service = request.service and r.state = 'building')) "
                "and not (kind = 'diff' and ?) order by id limit 1",
                VALS(V(now_ms() - LOST_MS), V(w->diffs >= DIFFS)));
    if (!r || !rows_next(r, &e))
        return NULL;
    struct request *q = calloc(1, sizeof *q);
    assert(q);
    *q = (struct request){.worker = w, .arena = arena_make(32 << 20), .id = row_int(r, 0), .release = row_int(r, 1)};
    q->kind = row_str(&q->arena, r, 2);
    q->service = row_str(&q->arena, r, 3);
    q->args = row_str(&q->arena, r, 4);
    return q;
}

// What a dead worker had taken.
void requests_resume(struct worker *w)
{
    struct err e = {0};
    if (!sql_do(w->db, &e, "update request set taken_at = null where answered_at is null", NO_VALS))
        say_err("release.request", &e);
}

void requests_serve(struct worker *w)
{
    struct err e = {0};
    if (!sql_do(w->db, &e, "delete from request where answered_at < ?", VALS(V(now_ms() - KEEP_MS))))
        say_err("release.request", &e);
    for (int i = 0; i < AT_ONCE; i++) {
        struct request *q = take(w);
        if (!q)
            return;
        if (!sql_do(w->db, &e, "update request set taken_at = ? where id = ?", VALS(V(now_ms()), V(q->id))) ||
            !begin(q, &e))
            answer(q, S(""), &e);
    }
}
