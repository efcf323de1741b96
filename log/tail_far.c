// tail_far.c: see tail_far.h.
#include "log/tail_far.h"
#include "base/jansson.h"
#include "base/json.h"
#include "log/frame.h"
#include "web/client.h"
#include "web/flow.h"
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { QUIET_MS = 40000, AGAIN_MS = 2000, ARENA_MAX = 96 << 20 };      // a sign of life comes every 15 s

static void tell(const struct far_tail *t, const char *what, struct str why)
{
    if (t->call->quiet)
        return;
    put_foreign(stderr, str_z(what));
    put_foreign(stderr, why);
    fputc('\n', stderr);
}

// ---- what a message of the tail says ----

static void put_absent(struct buf *b, const json_t *x)
{
    const json_t *label;
    size_t i;
    buf_addf(b, "absent:%s\tof:%llu\tnear:%s\tlabels:", j_text(x, "absent"), (unsigned long long)j_u64(x, "of"),
             j_text(x, "near"));
    json_array_foreach(json_object_get(x, "labels"), i, label)
        buf_addf(b, "%s%s", i ? "," : "", json_string_value(label) ? json_string_value(label) : "");
    buf_addc(b, '\n');
}

static void put_lines(struct buf *b, const json_t *x)
{
    const json_t *line;
    size_t i;
    if (j_u64(x, "skipped"))
        buf_addf(b, "skipped:%llu\n", (unsigned long long)j_u64(x, "skipped"));
    json_array_foreach(json_object_get(x, "lines"), i, line) {
        buf_add(b, str_z(json_string_value(line)));
        buf_addc(b, '\n');
    }
}

// As on the server itself, a tail does not begin without a log server; one that goes away later is waited for.
static bool take_state(struct far_tail *t, const json_t *x, struct err *e)
{
    bool away = strcmp(j_text(x, "state"), "away") == 0;
    if (away && !t->followed)
        return err_set(e, ERR_PEER, "%s", *j_text(x, "why") ? j_text(x, "why") : "the log server does not run");
    if (away && !t->away)
        tell(t, "waiting: ", str_z(j_text(x, "why")));
    else if (!away && t->away)
        tell(t, "the log server is there again", S(""));
    t->away = away;
    t->followed = true;
    return true;
}

static bool take_message(struct far_tail *t, struct str data, bool *enough, struct err *e)
{
    OWN_JSON *x = json_loadb(data.p, data.n, 0, NULL);
    OWN_BUF struct buf b = buf_make(2 * FRAME_MAX);
    if (*j_text(x, "state"))
        return take_state(t, x, e);
    if (*j_text(x, "absent"))
        put_absent(&b, x);
    else
        put_lines(&b, x);
    t->followed = true;
    t->refused = !buf_ok(&b, e) || !t->show(t->arg, buf_str(&b), enough, e);
    return !t->refused;
}

// ---- the stream ----

struct event { char name[32]; struct str data; };       // data: until the next one

// Lines "event: tail" and "data: {...}". false: *over, or failed.
static bool next_event(struct flow *f, struct event *v, struct err *e)
{
    struct str line;
    int got;
    v->name[0] = 0;
    while ((got = flow_line(f, &line, e)) > 0) {
        if (str_starts(line, S("event: ")))
            snprintf(v->name, sizeof v->name, STR_F, STR_A(str_head(str_from(line, 7), sizeof v->name - 1)));
        v->data = str_from(line, 6);
        if (str_starts(line, S("data: ")))
            return true;
    }
    return got < 0 ? false : err_set(e, ERR_PEER, "the server ended the connection");
}

static bool name_of_stream(struct arena *a, struct flow *f, struct str *out, struct err *e)
{
    struct event v;
    if (!next_event(f, &v, e))
        return false;
    OWN_JSON *hello = json_loadb(v.data.p, v.data.n, 0, NULL);
    *out = str_dup(a, str_z(j_text(hello, "stream")));
    return (strcmp(v.name, "hello") == 0 && out->n && str_plain(*out, ""))
        || err_set(e, ERR_PEER, "what answers there has no stream of a house");
}

static bool name_of_tail(struct arena *a, const struct far_tail *t, struct str *topic, struct err *e)
{
    OWN_BUF struct buf b = buf_make(64 << 10);
    OWN_JSON *answer = NULL;
    json_object(&b, KV("dataset", t->dataset), KV("where", t->where));
    if (!buf_ok(&b, e) || !api_json(a, t->call->data, "POST", "/api/v1/log/tail", buf_str(&b), &answer, e))
        return false;
    *topic = str_dup(a, str_z(j_text(answer, "topic")));
    return true;
}

static bool want(struct arena *a, const struct far_tail *t, struct str stream, struct str topic, struct err *e)
{
    OWN_BUF struct buf b = buf_make(4096);
    OWN_JSON *answer = NULL;
    const char *path = str_zf(a, "/api/v1/live/" STR_F, STR_A(stream));
    json_open(&b, '{');
    json_key(&b, "topics");
    json_open(&b, '[');
    json_val(&b, V(topic));
    json_close(&b, ']');
    json_close(&b, '}');
    return buf_ok(&b, e) && api_json(a, t->call->data, "PUT", path, buf_str(&b), &answer, e);
}

// The tail is asked for first: what is wrong with it is said before a stream begins.
static bool begin(struct arena *a, struct far_tail *t, struct flow *f, struct err *e)
{
    struct flow_wish w = {.data = t->call->data, .method = "GET", .path = "/api/v1/live", .quiet_ms = QUIET_MS};
    struct str stream, topic;
    return name_of_tail(a, t, &topic, e) && flow_open(a, &w, f, e) && name_of_stream(a, f, &stream, e)
        && want(a, t, stream, topic, e);
}

static bool follow_once(struct far_tail *t, bool *enough, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(ARENA_MAX);
    OWN_FLOW struct flow f = {.far = {.fd = -1}};
    struct event v;
    if (!begin(&a, t, &f, e))
        return false;
    if (t->cut)
        tell(t, "connected again; lines of meanwhile are not shown", S(""));
    t->cut = false;
    while (!*enough) {
        if (!next_event(&f, &v, e))
            return false;
        if (strcmp(v.name, "tail") == 0 && !take_message(t, v.data, enough, e))
            return false;
    }
    return true;
}

// Of an error that somebody has to look at there is no way back by itself.
static bool may_come_back(const struct far_tail *t, const struct err *e)
{
    return t->followed && !t->refused && (e->kind == ERR_PEER || e->kind == ERR_LATE || e->kind == ERR_IO);
}

bool tail_far(struct far_tail *t, struct err *e)
{
    bool enough = false;
    signal(SIGPIPE, SIG_IGN);
    while (!follow_once(t, &enough, e)) {
        if (!may_come_back(t, e))
            return false;
        if (!t->cut)
            tell(t, "the connection was cut, trying again: ", str_z(e->text));
        t->cut = true;
        *e = (struct err){0};
        usleep(AGAIN_MS * 1000);
    }
    return true;
}
