// request.c: one request from evhttp's callback to its answer. The order of the checks is the order in which a
// stranger learns things: first whether the request is one at all, then whether we know him, only then what exists.
#include "web/request.h"
#include "base/clock.h"
#include "web/act.h"
#include "web/asset.h"
#include "web/fields.h"
#include "web/oidc.h"
#include "web/origin.h"
#include "web/relay.h"
#include "web/reply.h"
#include "web/rights.h"
#include "web/session.h"
#include "web/strict.h"
#include "web/who.h"
#include <assert.h>
#include <ctype.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/keyvalq_struct.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { REQUEST_ARENA_MAX = 64 << 20, OUT_MAX = 8 << 20 };

// What evhttp gave us, as our own types.

static struct pairs headers_of(struct request *r)
{
    struct pairs out = {0};
    const struct evkeyval *h;
    TAILQ_FOREACH(h, evhttp_request_get_input_headers(r->ev), next) {
        char *name = str_zdup(r->ask.arena, str_z(h->key));
        for (char *p = name; *p; p++)
            *p = (char)tolower((unsigned char)*p);
        vec_push(r->ask.arena, &out, ((struct pair){str_z(name), str_dup(r->ask.arena, str_z(h->value))}));
    }
    return out;
}

static enum method method_of(struct request *r, bool *options)
{
    enum evhttp_cmd_type type = evhttp_request_get_command(r->ev);
    r->head_only = type == EVHTTP_REQ_HEAD;
    *options = type == EVHTTP_REQ_OPTIONS;
    return type == EVHTTP_REQ_GET || type == EVHTTP_REQ_HEAD ? GET : type == EVHTTP_REQ_POST ? POST
           : type == EVHTTP_REQ_PUT ? PUT : type == EVHTTP_REQ_DELETE ? DELETE : M_NONE;
}

static struct strs names_of(struct request *r)
{
    struct strs names = {0};
    const struct site *good = r->web->fresh.good;
    vec_push(r->ask.arena, &names, r->web->listen_host);
    for (size_t i = 0; good && i < good->web.names.n; i++)
        vec_push(r->ask.arena, &names, good->web.names.at[i]);
    return names;
}

static bool refuse(struct request *r, struct err *e, const struct refusal *no, const char *message)
{
    r->ask.http = no->http;
    r->ask.code = no->code;
    gate_make_last(r->gate);
    err_set(e, ERR_INPUT, "%s", no->message ? no->message : message);
    return err_hint(e, "%s", no->hint);
}

static bool well_formed(struct request *r, bool *options, struct err *e)
{
    r->method = method_of(r, options);
    struct strs names = names_of(r);
    struct str target = str_z(evhttp_request_get_uri(r->ev)), rest = target;
    struct facts f = {
        .method = r->method, .head = r->head_only, .options = *options, .hook = r->portal->kind == PORTAL_HOOKS,
        .target = target, .headers = &r->ask.headers, .body = r->body.n, .body_max = r->portal->door.body_max,
        .names = &names};
    f.target_why = target.n > TARGET_MAX ? NULL : target_cut(r->ask.arena, target, &r->target);
    r->path = str_dup(r->ask.arena, str_head(str_cut(&rest, '?'), 200));
    const struct refusal *no = strict_check(&f);
    return !no || refuse(r, e, no, f.target_why);
}

// Who asks.

static bool not_too_often(struct request *r, struct err *e)
{
    int wait_s;
    // This machine needs no count.
    if (address_is_loopback(r->from) || limit_visit(&r->web->hooks, r->from, tick_ms(), &wait_s))
        return true;
    r->ask.http = 429;
    r->ask.retry_after_s = wait_s;
    return err_set(e, ERR_LIMIT, "more than %u calls in a minute from this address", r->web->hooks.per_minute);
}

// What is asked for.

static bool wrong_method(struct request *r, unsigned others, struct err *e)
{
    OWN_BUF struct buf b = buf_make(64);
    for (enum method m = GET; m <= DELETE; m++)
        if (others & 1u << m)
            buf_addf(&b, "%s%s", b.n ? ", " : "", method_name(m));
    r->allow = str_zdup(r->ask.arena, buf_str(&b));
    r->ask.http = 405;
    r->ask.code = "input";
    err_set(e, ERR_INPUT, STR_F " is there, but not for %s", STR_A(r->path), method_name(r->method));
    return err_hint(e, "%s", r->allow);
}

static bool find_route(struct request *r, struct err *e)
{
    bool hook = r->portal->kind == PORTAL_HOOKS;
    unsigned others;
    r->ask.route = route_find(&r->web->router, r->ask.arena, hook, r->method, &r->target.segments, &r->ask.params,
                              &others);
    if (r->ask.route)
        return true;
    if (others)
        return wrong_method(r, others, e);
    err_set(e, ERR_NOT_FOUND, "there is no " STR_F, STR_A(r->path));
    struct str near = hook ? (struct str){"", 0} : route_nearest(&r->web->router, r->ask.arena, &r->target.segments);
    return near.n ? err_hint(e, "did you mean " STR_F "?", STR_A(near))
                  : err_hint(e, "%s", hook ? "" : "GET /api/v1/openapi.json lists what there is");
}

static bool read_fields(struct request *r, struct err *e)
{
    struct ask *q = &r->ask;
    const struct route *route = q->route;
    void *in = arena_take(q->arena, route->in_size + 1, _Alignof(max_align_t));
    q->in = in;
    if (route->method == GET)
        fields_from_query(q->arena, route->in, route->in_n, &r->target.query, in, &q->wrongs);
    else
        fields_from_body(q->arena, route->in, route->in_n, r->body, in, &q->wrongs);
    if (route->method != GET && r->target.has_query) {
        struct wrong w = {.in = "query", .text = S("a request that changes something takes its fields in the body")};
        vec_push(q->arena, &q->wrongs, w);
    }
    return !q->wrongs.n || wrongs_err(&q->wrongs, e);
}

// A stranger at a public row is welcome; at any other he learns that he has to sign in, and not what there is.
static bool known(struct request *r, struct err *e)
{
    struct err ignored = {0};
    bool found = find_route(r, &ignored);
    if (found && r->ask.route->right == PUBLIC)
        return r->method == GET || !ask_header(&r->ask, "origin").n || origin_is_ours(r, e);
    r->ask.route = NULL;
    r->ask.params = (struct pairs){0};
    r->ask.code = NULL, r->ask.http = 0, r->allow = NULL;
    return who_settle(r, e) && find_route(r, e) && rights_allow(&r->ask, e);
}

// Everything before the handler: who, what, and with which fields.
static bool settle(struct request *r, struct err *e)
{
    bool hook = r->portal->kind == PORTAL_HOOKS;
    origin_settle(r);
    if (hook ? !not_too_often(r, e) || !find_route(r, e) : !known(r, e))
        return false;
    if (hook)
        r->ask.body = r->body;
    return hook || (read_fields(r, e) && rights_service(&r->ask, e));
}

// Once a turn of the loop: what is on disk when the first of its requests is taken counts for all of them.
static void look_at_site(struct web *w)
{
    if (w->looked)
        return;
    w->looked = true;
    event_active(w->turned, EV_TIMEOUT, 0);     // behind what is active now
    fresh_look(&w->fresh);
}

void request_turned(evutil_socket_t fd, short what, void *web)
{
    (void)fd, (void)what;
    ((struct web *)web)->looked = false;
}

// For who reads our log: different for every request, and no secret.
static void number(struct request *r)
{
    static const uint32_t step = 0x9E3779B1;        // odd, so that it takes all of them before it begins anew
    uint32_t id = r->web->requests += step;
    hex_encode(&id, sizeof id, r->id);
}

static void fill(struct request *r)
{
    struct evbuffer *in = evhttp_request_get_input_buffer(r->ev);
    struct web *w = r->web;
    r->began_ms = tick_ms();
    number(r);
    r->body = (struct str){(const char *)evbuffer_pullup(in, -1), evbuffer_get_length(in)};
    look_at_site(w);
    r->ask.db = w->db;
    r->ask.site = w->fresh.site;
    r->ask.site_err = &w->fresh.err;
    r->ask.data = w->data;
    r->ask.router = &w->router;
    r->ask.status = 200;
    r->ask.headers = headers_of(r);
}

static struct request *request_new(struct portal *portal, struct evhttp_request *ev)
{
    struct request *r = calloc(1, sizeof *r);
    assert(r);
    r->web = portal->web;
    r->portal = portal;
    r->ev = ev;
    r->arena = portal->web->spare;
    portal->web->spare = (struct arena){0};
    r->arena.max = REQUEST_ARENA_MAX;
    r->out = buf_make(OUT_MAX);
    r->ask.arena = &r->arena;
    r->ask.out = &r->out;
    return r;
}

void request_free(struct request *r)
{
    sodium_memzero(&r->job, sizeof r->job);
    buf_drop(&r->out);
    arena_clear(&r->arena);
    if (!r->web->spare.last)
        r->web->spare = r->arena;       // most requests are over before the next one begins
    else
        arena_drop(&r->arena);
    free(r);
}

static void answer(struct request *r, bool ok, struct err *e)
{
    if (ok && r->ask.rows && relay_begin(r, e))      // the request is the relay's now
        return;
    if (!ok)
        act_forbidden(r, e);
    if (!ok || r->ask.rows)
        reply_error(r, e);
    else if (!r->taken)
        reply_object(r, buf_str(&r->out), r->ask.status);
    request_free(r);
}

// A password that has to be worked on: the request waits for it, and the loop goes on.

// The site file may have been read anew since, and the old one is gone.
static void on_worked(struct hash_job *job)
{
    struct request *r = (struct request *)(void *)((char *)job - offsetof(struct request, job));
    struct web *w = r->web;
    struct err e = {0};
    TAILQ_REMOVE(&w->pending, r, next);
    if (!evhttp_request_get_connection(r->ev)) {        // who asked is gone: evhttp frees what it gave us
        evhttp_send_reply(r->ev, 500, "Gone", NULL);
        request_free(r);
        return;
    }
    r->ask.site = w->fresh.site;
    r->ask.hashing.fits = job->fits;
    r->ask.hashing.hash = str_z(job->hash);
    bool ok = job->failed ? err_set(&e, ERR_IO, "there is not enough memory to work on a password")
                          : act(r, r->body, &e);
    answer(r, ok, &e);
}

static void put(char *to, size_t room, struct str s)
{
    assert(s.n < room);
    if (s.n)
        memcpy(to, s.p, s.n);
    to[s.n] = 0;
}

static struct turn_key turn_of(struct request *r)
{
    struct ask *q = &r->ask;
    return turn_key(r->from, q->who.way == WAY_NONE && !session_is_from(q, q->from, S("")));
}

static bool busy(struct ask *q, struct err *e)
{
    q->http = 503;
    q->retry_after_s = 2;
    return err_set(e, ERR_LIMIT, "too many people sign in at this moment");
}

// Asked for room before `first` counts the try: who finds none has not tried.
static bool set_aside(struct request *r, struct err *e)
{
    struct ask *q = &r->ask;
    struct hash_job *j = &r->job;
    struct turn_key key = turn_of(r);
    if (!hashers_have_room(r->web->hashers, &key))
        return busy(q, e);
    if (!q->route->first(q, e))
        return false;
    j->compare = q->hashing.compare;
    j->done = on_worked;
    put(j->typed, sizeof j->typed, q->hashing.typed);
    put(j->against, sizeof j->against, q->hashing.against);
    put(j->fresh, sizeof j->fresh, q->hashing.fresh);
    hashers_take(r->web->hashers, &key, j);
    TAILQ_INSERT_TAIL(&r->web->pending, r, next);
    return true;
}

void requests_drop(struct web *w)
{
    struct request *r;
    while ((r = TAILQ_FIRST(&w->pending))) {
        TAILQ_REMOVE(&w->pending, r, next);
        if (!evhttp_request_get_connection(r->ev))
            evhttp_send_reply(r->ev, 500, "Gone", NULL);
        request_free(r);
    }
}

void request_take(struct evhttp_request *ev, void *arg)
{
    struct portal *portal = arg;
    struct request *r = request_new(portal, ev);
    struct err e = {0};
    bool options;
    r->gate = gate_busy(&portal->door, ev);
    fill(r);
    if (!well_formed(r, &options, &e)) {
        answer(r, false, &e);
    } else if (options) {
        reply_empty(r, 204);
        request_free(r);
    } else if (oidc_answer(r)) {
        return;                 // answered, or it will be when the provider has
    } else if (asset_answer(r)) {
        request_free(r);
    } else if (!settle(r, &e)) {
        answer(r, false, &e);
    } else if (!r->ask.route->first) {
        answer(r, act(r, r->body, &e), &e);
    } else if (!set_aside(r, &e)) {
        answer(r, false, &e);
    }
}
