// request.c: one request from evhttp's callback to its answer. The order of the checks is the order in which a
// stranger learns things: first whether the request is one at all, then whether we know him, only then what exists.
#include "web/request.h"
#include "base/clock.h"
#include "web/act.h"
#include "web/fields.h"
#include "web/reply.h"
#include "web/strict.h"
#include <ctype.h>
#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <pwd.h>
#include <sodium.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>

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
    r->http = no->http;
    r->code = no->code;
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

static struct str login_name(struct web *w, unsigned uid)
{
    if (!w->known.name[0] || w->known.uid != uid) {
        const struct passwd *pw = getpwuid(uid);
        w->known.uid = uid;
        if (pw)
            snprintf(w->known.name, sizeof w->known.name, "%s", pw->pw_name);
        else
            snprintf(w->known.name, sizeof w->known.name, "uid-%u", uid);
    }
    return str_z(w->known.name);
}

static bool signed_in(struct request *r, struct err *e)
{
    struct who *who = &r->ask.who;
    if (!gate_uid(r->gate, &who->uid)) {
        err_set(e, ERR_SIGNED_OUT, "nobody is signed in");
        return err_hint(e, "until there are accounts the API answers on this machine's socket: curl --unix-socket "
                        "%s/run/web.sock http://localhost/api/v1/ping", r->web->data);
    }
    who->name = str_dup(r->ask.arena, login_name(r->web, who->uid));
    who->owner = who->uid == 0 || who->uid == r->web->owner;
    if (who->owner)
        return true;
    err_set(e, ERR_DENIED, STR_F " has no right here", STR_A(who->name));
    return err_hint(e, "root and %s, who runs the server, have every right", login_name(r->web, r->web->owner).p);
}

static bool is_loopback(struct address a)
{
    static const uint8_t six[16] = {[15] = 1}, four[12] = {[10] = 0xff, [11] = 0xff};
    return memcmp(a.at, six, 16) == 0 || (memcmp(a.at, four, 12) == 0 && a.at[12] == 127);
}

static bool read_address(struct str s, struct address *out)
{
    char z[INET6_ADDRSTRLEN];
    if (s.n == 0 || s.n >= sizeof z)
        return false;
    memcpy(z, s.p, s.n);
    z[s.n] = 0;
    *out = (struct address){{[10] = 0xff, [11] = 0xff}};
    return inet_pton(AF_INET, z, out->at + 12) == 1 || inet_pton(AF_INET6, z, out->at) == 1;
}

// Whose calls are counted. Behind a proxy on this machine everybody comes from loopback: then it is the last address
// that the proxy itself has put into X-Forwarded-For. false: this machine, which needs no count.
static bool caller(struct request *r, struct address *from)
{
    struct str forwarded = ask_header(&r->ask, "x-forwarded-for"), last = S("");
    *from = gate_address(r->gate);
    if (!is_loopback(*from))
        return true;
    while (forwarded.n)
        last = str_trim(str_cut(&forwarded, ','));
    return read_address(last, from) && !is_loopback(*from);
}

static bool not_too_often(struct request *r, struct err *e)
{
    struct address from;
    int wait_s;
    if (!caller(r, &from) || limit_visit(&r->web->hooks, from, tick_ms(), &wait_s))
        return true;
    r->http = 429;
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
    r->http = 405;
    r->code = "input";
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

static bool carry_out(struct request *r, struct err *e)
{
    bool hook = r->portal->kind == PORTAL_HOOKS;
    if (hook ? !not_too_often(r, e) : !signed_in(r, e))
        return false;
    if (!find_route(r, e))
        return false;
    if (hook)
        r->ask.body = r->body;
    else if (!read_fields(r, e))
        return false;
    return act(r, r->body, e);
}

static void fill(struct request *r)
{
    struct evbuffer *in = evhttp_request_get_input_buffer(r->ev);
    struct web *w = r->web;
    r->began_ms = tick_ms();
    snprintf(r->id, sizeof r->id, "%08x", randombytes_random());
    r->body = (struct str){(const char *)evbuffer_pullup(in, -1), evbuffer_get_length(in)};
    fresh_look(&w->fresh);
    r->ask.db = w->db;
    r->ask.site = w->fresh.site;
    r->ask.site_err = &w->fresh.err;
    r->ask.data = w->data;
    r->ask.router = &w->router;
    r->ask.status = 200;
    r->ask.headers = headers_of(r);
}

void request_take(struct evhttp_request *ev, void *arg)
{
    struct portal *portal = arg;
    OWN_ARENA struct arena a = arena_make(REQUEST_ARENA_MAX);
    OWN_BUF struct buf out = buf_make(OUT_MAX);
    struct err e = {0};
    bool options;
    struct request r = {.web = portal->web, .portal = portal, .ev = ev, .ask.arena = &a, .ask.out = &out};
    r.gate = gate_busy(&portal->door, ev);
    fill(&r);
    if (!well_formed(&r, &options, &e))
        reply_error(&r, &e);
    else if (options)
        reply_empty(&r, 204);
    else if (carry_out(&r, &e))
        reply_object(&r, buf_str(&out), r.ask.status);
    else
        reply_error(&r, &e);
}
