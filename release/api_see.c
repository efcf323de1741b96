// api_see.c: reading: lists, one release with its steps and hosts, and what a step printed.
#include "base/clock.h"
#include "base/file.h"
#include "release/api.h"
#include "release/decide.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool api_put_time(struct buf *b, const char *key, int64_t at_ms)
{
    char t[TIME_TEXT_MAX];
    json_key(b, key);
    json_val(b, at_ms ? V(time_text(at_ms, t)) : V_NULL);
    return at_ms != 0;
}

void api_put_zone(struct ask *q)
{
    json_kv(q->out, "timezone", q->site ? V(q->site->timezone) : V_NULL);
}

bool api_service(struct ask *q, struct str name, const struct service **out, struct err *e)
{
    return ask_site(q, e) && site_need_service(q->site, name, out, e);
}

// Releases of a service outlive its place in the site file, so only where nothing is found its name is in doubt.
bool api_known(struct ask *q, struct str service, struct err *e)
{
    const struct service *svc;
    return api_service(q, service, &svc, e);
}

static bool find_record(struct ask *q, struct str service, struct str number, struct record *out, struct err *e)
{
    int64_t n;
    if (str_eq(number, S("open")))
        return record_open(q->arena, q->db, service, out, e);
    if (str_eq(number, S("last"))) {
        if (!sql_int(q->db, e, &n, "select number from release where service = ? order by number desc limit 1",
                     VALS(V(service))))
            return e->kind == ERR_NOT_FOUND ? err_set(e, ERR_NOT_FOUND, STR_F " has no release yet", STR_A(service))
                                            : false;
        return record_find(q->arena, q->db, service, n, out, e);
    }
    return ask_number(q, "number", &n, e) && record_find(q->arena, q->db, service, n, out, e);
}

// "open" and "last" are another release tomorrow: the audit log names the one that was meant.
static void remark_number(struct ask *q, const struct record *r)
{
    const char *tail = strstr(q->route->path, "{number}");
    if (q->route->method != GET && tail)
        q->remark.subject = str_f(q->arena, "/releases/" STR_F "/%lld%s", STR_A(r->service), (long long)r->number,
                                  tail + sizeof "{number}" - 1);
}

bool api_record(struct ask *q, struct record *out, struct err *e)
{
    struct str service = ask_param(q, "service"), number = ask_param(q, "number");
    struct err wrong = {0};
    if (find_record(q, service, number, out, e)) {
        remark_number(q, out);
        return true;
    }
    if (e->kind == ERR_NOT_FOUND && !api_known(q, service, &wrong) && wrong.kind == ERR_NOT_FOUND)
        *e = wrong;
    else if (e->kind == ERR_NOT_FOUND && str_eq(number, S("open")) && q->route->method != GET)
        e->kind = ERR_STATE;        // nothing was mistyped: there is nothing to approve, hold or end
    return false;
}

void api_put_record(struct ask *q, const struct record *r)
{
    struct buf *b = q->out;
    json_kvs(b,
             KVS(KV("service", r->service), KV("number", r->number), KV("kind", r->kind),
                 KV("state", state_row(r->state)->name), KV("label", state_row(r->state)->label),
                 KV("over", state_row(r->state)->end), KV("why", ask_told(q, r->why)), KV("target", r->target),
                 KV("base", r->base), KV("wanted", V_OPT(r->wanted)), KV("rev", V_OPT(r->rev)), KV("tree", V_OPT(r->tree)),
                 KV("branch", V_OPT(r->branch)), KV("subject", r->subject), KV("author", r->author),
                 KV("commits", r->commits), KV("files", r->files), KV("files_changed", r->changed),
                 KV("size_bytes", r->bytes), KV("asked_by", r->asked_by), KV("via", r->via),
                 KV("override", V_OPT(r->override)), KV("aborting", V_OPT(r->aborting)),
                 KV("stopped", V_OPT(r->stopped)), KV("stopped_by", V_OPT(r->stopped_by)), KV("reason", r->reason),
                 KV("warnings", r->warnings), KV("verdict", V_OPT(r->verdict)),
                 KV("undone_by", r->undone_by ? V(r->undone_by) : V_NULL)));
    api_put_time(b, "created_at", r->created_at);
    api_put_time(b, "started_at", r->started_at);
    api_put_time(b, "state_at", r->state_at);
    api_put_time(b, "ended_at", r->ended_at);
    json_kv(b, "took_ms", r->ended_at && r->started_at ? V(r->ended_at - r->started_at) : V_NULL);
}

// What every service runs by our books, beside the first page of the list; which of its numbers that is, the list itself
// does not tell.
static bool put_live_one(struct ask *q, struct str service, struct err *e)
{
    struct record r = {0};
    bool any = record_live_by(q->arena, q->db, service, &r, e);
    if (!any && e->kind != ERR_NOT_FOUND)
        return false;
    e->kind = ERR_NONE;
    json_open(q->out, '{');
    json_kvs(q->out, KVS(KV("service", service), KV("number", any ? V(r.target) : V_NULL),
                         KV("release", any ? V(r.number) : V_NULL), KV("rev", V_OPT(r.rev)), KV("subject", r.subject),
                         KV("who", r.asked_by)));
    api_put_time(q->out, "since", r.ended_at);
    json_close(q->out, '}');
    return true;
}

static bool put_live(struct ask *q, const struct list_in *in, struct err *e)
{
    json_key(q->out, "live");
    json_open(q->out, '[');
    for (size_t i = 0; q->site && !in->after && i < q->site->services.n; i++) {
        struct str name = q->site->services.at[i].name;
        if ((!in->service.n || str_eq(in->service, name)) && !put_live_one(q, name, e))
            return false;
    }
    json_close(q->out, ']');
    return true;
}

bool api_list(struct ask *q, struct err *e)
{
    const struct list_in *in = q->in;
    int limit = in->limit ? (int)in->limit : 50;
    struct records all = {0};
    if (!record_list(q->arena, q->db, in->service, in->after, limit, &all, e))
        return false;
    if (all.n == 0 && in->service.n && !api_known(q, in->service, e))
        return false;
    json_open(q->out, '{');
    json_key(q->out, "items");
    json_open(q->out, '[');
    for (size_t i = 0; i < all.n; i++) {
        json_open(q->out, '{');
        api_put_record(q, &all.at[i]);
        json_close(q->out, '}');
    }
    json_close(q->out, ']');
    json_kv(q->out, "next", all.n == (size_t)limit ? V(all.at[all.n - 1].id) : V_NULL);
    api_put_zone(q);
    if (!put_live(q, in, e))
        return false;
    json_close(q->out, '}');
    return true;
}

static bool put_steps(struct ask *q, const struct record *r, struct err *e)
{
    OWN_ROWS struct rows *rows = sql_ask(q->db, e,
                                         "select state, host, step, attempt, intent_at, done_at, result, detail "
                                         "from release_step where release = ? order by id",
                                         VALS(V(r->id)));
    json_key(q->out, "steps");
    json_open(q->out, '[');
    while (rows && rows_next(rows, e)) {
        struct arena *a = q->arena;
        int64_t begun = row_int(rows, 4), done = row_int(rows, 5);
        json_open(q->out, '{');
        json_kvs(q->out, KVS(KV("state", row_str(a, rows, 0)), KV("host", V_OPT(row_str(a, rows, 1))),
                             KV("step", row_str(a, rows, 2)), KV("attempt", row_int(rows, 3)),
                             KV("result", V_OPT(row_str(a, rows, 6))), KV("detail", row_str(a, rows, 7)),
                             KV("took_ms", done ? V(done - begun) : V_NULL)));
        api_put_time(q->out, "begun_at", begun);
        api_put_time(q->out, "done_at", done);
        json_close(q->out, '}');
    }
    json_close(q->out, ']');
    return rows && !rows_failed(rows);
}

static bool put_approvals(struct ask *q, const struct record *r, struct err *e)
{
    OWN_ROWS struct rows *rows =
        sql_ask(q->db, e, "select who, answer, note, at from approval where release = ? order by id", VALS(V(r->id)));
    json_key(q->out, "approvals");
    json_open(q->out, '[');
    while (rows && rows_next(rows, e)) {
        json_open(q->out, '{');
        json_kvs(q->out, KVS(KV("who", row_str(q->arena, rows, 0)), KV("answer", row_str(q->arena, rows, 1)),
                             KV("note", row_str(q->arena, rows, 2))));
        api_put_time(q->out, "at", row_int(rows, 3));
        json_close(q->out, '}');
    }
    json_close(q->out, ']');
    return rows && !rows_failed(rows);
}

// Only the live release has something behind it: null for all others, and where nothing earlier is kept.
static void put_back_to(struct ask *q, const struct record *r)
{
    const struct service *svc = q->site ? site_service(q->site, r->service) : NULL;
    struct err none = {0};
    int64_t live = 0, to = 0;
    bool back = svc && r->state == DONE && record_live(q->db, r->service, &live, &none) && live == r->target &&
                api_back_to(q, svc, &to, &none);
    json_kv(q->out, "back_to", back ? V(to) : V_NULL);
}

static bool put_deciders(struct ask *q, const struct record *r, struct err *e)
{
    const struct service *svc = q->site ? site_service(q->site, r->service) : NULL;
    struct str told = S("null");
    if (svc && (r->state == ASKING || r->state == JUDGING) && !decide_tell(q, svc, r->asked_by, &told, e))
        return false;
    json_kv(q->out, "deciders", V_JSON(told));
    return true;
}

static void put_judges(struct ask *q, const struct record *r)
{
    const struct service *svc = q->site ? site_service(q->site, r->service) : NULL;
    json_kv(q->out, "judges", V_BOOL(svc && svc->canary.log.n && !r->rollback && r->base));
}

bool api_show(struct ask *q, struct err *e)
{
    struct record r;
    if (!api_record(q, &r, e))
        return false;
    json_open(q->out, '{');
    api_put_record(q, &r);
    put_back_to(q, &r);
    put_judges(q, &r);
    api_put_zone(q);
    if (!put_deciders(q, &r, e) || !put_steps(q, &r, e) || !put_approvals(q, &r, e))
        return false;
    json_close(q->out, '}');
    return true;
}

enum { OUTPUT_SHOWN = 9 << 20 };

// The newest attempt of the step. Host and step are compared with what the journal knows, so no path is built from
// foreign text.
static bool no_step(struct ask *q, const struct record *r, const struct output_in *in, struct err *e)
{
    OWN_ROWS struct rows *rows = sql_ask(q->db, e, "select step, host from release_step where release = ? and step in "
                                         "('fetch', 'build', 'migrate') group by step, host order by min(id)",
                                         VALS(V(r->id)));
    OWN_BUF struct buf b = buf_make(1000);
    while (rows && rows_next(rows, e)) {
        struct str host = row_str(q->arena, rows, 1);
        buf_addf(&b, "%s" STR_F "%s" STR_F, b.n ? ", " : "", STR_A(row_str(q->arena, rows, 0)),
                 host.n ? " --host " : "", STR_A(host));
    }
    if (!rows || rows_failed(rows))
        return false;
    err_set(e, ERR_NOT_FOUND, "release %lld has no step " STR_F "%s" STR_F " that printed something",
            (long long)r->number, STR_A(in->step), in->host.n ? " on " : "", STR_A(in->host));
    return b.n ? err_hint(e, "there are: %s", buf_z(&b)) : false;
}

static struct str without_lines(struct str text, int64_t n)
{
    while (n-- > 0 && text.n)
        str_cut(&text, '\n');
    return text;
}

bool api_output(struct ask *q, struct err *e)
{
    const struct output_in *in = q->in;
    struct record r;
    int64_t attempt;
    struct str text;
    if (!api_record(q, &r, e))
        return false;
    if (!sql_int(
            q->db, e, &attempt,
            "select attempt from release_step where release = ? and step = ? and host = ? "
            "order by attempt desc limit 1",
            VALS(V(r.id), V(in->step), V(in->host))))
        return e->kind == ERR_NOT_FOUND ? no_step(q, &r, in, e) : false;
    const char *path =
        str_zf(q->arena, "%s/builds/" STR_F "/log/%lld/" STR_F "%s" STR_F ".%lld", q->data, STR_A(r.service),
               (long long)r.number, STR_A(in->step), in->host.n ? "." : "", STR_A(in->host), (long long)attempt);
    if (!file_read(q->arena, path, OUTPUT_SHOWN, &text, e)) {
        if (e->kind != ERR_NOT_FOUND)
            return false;
        text = S("");
    }
    json_object(q->out, KV("step", in->step), KV("host", V_OPT(in->host)), KV("attempt", attempt),
                KV("after", in->after), KV("text", without_lines(text, in->after)));
    return true;
}
