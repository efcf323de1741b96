// asking_far.c: see asking_far.h.
#include "log/asking_far.h"
#include "base/jansson.h"
#include "base/json.h"
#include "log/lines.h"
#include "web/client.h"
#include "web/flow.h"

enum { QUIET_MS = 15 * 60000 };         // the site's own deadline is a minute, unless its file says otherwise

static struct str body_of(struct arena *a, const struct ask_job *j, bool yes)
{
    OWN_BUF struct buf b = buf_make(2 * ASK_JOB_MAX);
    json_open(&b, '{');
    json_kvs(&b, KVS(KV("sql", j->query), KV("day", V_OPT(j->day)), KV("from", V_OPT(j->from)), KV("to", V_OPT(j->to)),
                     KV("all", j->all), KV("limit", j->limit), KV("yes", yes), KV("site_time", V_BOOL(!j->utc))));
    json_key(&b, "params");
    params_put(&b, &j->params);
    json_close(&b, '}');
    return str_dup(a, buf_str(&b));
}

static bool give(const struct far_question *q, struct str frames, struct err *e)
{
    struct ask_frame f;
    size_t n;
    for (; frames.n; frames = str_from(frames, n)) {
        n = ask_cut(frames, &f, e);
        if (!q->on(q->arg, &f))
            return false;
    }
    return true;
}

// As it is said on the server's own terminal: "<query>:1:22: no table acces_log".
static void put_place(struct str refused, struct err *e)
{
    OWN_JSON *root = json_loadb(refused.p, refused.n, 0, NULL);
    const json_t *place = json_object_get(json_object_get(root, "error"), "place");
    if (str_eq(str_z(j_text(place, "in")), S("sql")) && j_int(place, "line"))
        err_in(e, "<query>:%lld:%lld", (long long)j_int(place, "line"), (long long)j_int(place, "col"));
}

static bool read_answer(const struct far_question *q, struct flow *f, struct lines *l, bool again, struct err *e)
{
    struct str line;
    int got = 0;
    while (!l->over && (got = flow_line(f, &line, e)) > 0) {
        OWN_BUF struct buf frames = buf_make(2 * (size_t)ASK_MAX);
        if (again) {                            // its head was shown
            again = false;
            continue;
        }
        if (!lines_take(l, line, &frames, e) || !give(q, buf_str(&frames), e))
            return false;
    }
    if (got < 0)
        put_place(f->refused, e);
    return l->over || got < 0 ? got >= 0 : err_set(e, ERR_PEER, "the server's answer has no end");
}

static bool ask_once(struct arena *a, const struct far_question *q, struct lines *l, bool yes, bool again,
                     struct err *e)
{
    OWN_FLOW struct flow f;
    struct flow_wish w = {.data = q->data, .method = "POST", .path = "/api/v1/log/query",
                          .body = body_of(a, q->job, yes), .quiet_ms = QUIET_MS, .slow_ms = q->slow_ms,
                          .slow = q->slow, .arg = q->arg};
    if (flow_open(a, &w, &f, e))
        return read_answer(q, &f, l, again, e);
    put_place(f.refused, e);
    return false;
}

// A limit was hit. *large: the one of a question that reads much; its estimate is given away, and somebody said yes.
static bool too_large(struct arena *a, const struct far_question *q, struct lines *l, bool *large, struct err *e)
{
    OWN_BUF struct buf frames = buf_make(2 * (size_t)ASK_MAX);
    struct answer r;
    struct err other = {0};
    *large = false;
    if (!api_ask(a, q->data, "POST", "/api/v1/log/estimate", body_of(a, q->job, false), &r, &other))
        return true;
    OWN_JSON *j = json_loadb(r.body.p, r.body.n, 0, NULL);
    *large = (int64_t)j_u64(j, "read_bytes") > q->job->confirm_over;
    return !*large || (lines_take_estimate(l, r.body, &frames, e) && give(q, buf_str(&frames), e));
}

bool far_ask(struct arena *a, const struct far_question *q, struct err *e)
{
    struct lines l = {.arena = a};
    bool large;
    bool ok = ask_once(a, q, &l, !q->job->confirm_over, false, e);
    if (ok || e->kind != ERR_LIMIT || l.n || !q->job->confirm_over)
        return ok;
    return too_large(a, q, &l, &large, e) && large && ask_once(a, q, &l, true, true, e);
}
