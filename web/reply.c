// reply.c: headers that every answer carries, and the error object. An API answer is asked for anew each time (and
// costs a 304 when it has not changed), never sniffed, and never rendered: a browser that is led to one shows text.
#include "web/reply.h"
#include "web/said.h"
#include "base/clock.h"
#include "base/jansson.h"
#include "base/say.h"
#include <assert.h>
#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const char *reason(int status)
{
    static const struct { int status; const char *reason; } reasons[] = {
        {200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"}, {303, "See Other"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"}, {405, "Method Not Allowed"},
        {409, "Conflict"}, {412, "Precondition Failed"}, {413, "Content Too Large"}, {414, "URI Too Long"},
        {415, "Unsupported Media Type"}, {421, "Misdirected Request"}, {422, "Unprocessable Content"},
        {423, "Locked"}, {428, "Precondition Required"}, {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"}, {500, "Internal Server Error"}, {501, "Not Implemented"},
        {502, "Bad Gateway"}, {503, "Service Unavailable"}, {504, "Gateway Timeout"}};
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Answer";
}

// As evhttp keeps a line itself, and frees it. It prints each by a vsnprintf, which is most of what an answer costs, so
// lines that hardly change are one line of its list. What is foreign never comes here: evhttp_add_header looks for line
// ends in it.
static void add_lines(struct evkeyvalq *h, const char *key, const struct buf *rest)
{
    struct evkeyval *x = calloc(1, sizeof *x);
    assert(x && !rest->failed);
    *x = (struct evkeyval){.key = strdup(key), .value = strdup(buf_z(rest))};
    assert(x->key && x->value);
    TAILQ_INSERT_TAIL(h, x, next);
}

static void add_headers(struct request *r, const char *type, size_t length)
{
    struct evkeyvalq *h = evhttp_request_get_output_headers(r->ev);
    char number[24], text[400];
    struct buf b = {.p = text, .cap = sizeof text, .max = sizeof text - 1};     // never grows
    buf_addz(&b, *r->tag ? "private, no-cache\r\nETag: " : "no-store");
    buf_addz(&b, r->tag);
    buf_addz(&b, "\r\nX-Content-Type-Options: nosniff\r\nContent-Security-Policy: default-src 'none'\r\n"
             "Rusuban-Build: " RUSUBAN_VERSION);
    if (length)
        buf_addf(&b, "\r\nContent-Type: %s", type);
    add_lines(h, "Cache-Control", &b);
    if (r->ask.retry_after_s > 0) {
        evutil_snprintf(number, sizeof number, "%d", r->ask.retry_after_s);
        evhttp_add_header(h, "Retry-After", number);
    }
    if (r->allow)
        evhttp_add_header(h, "Allow", r->allow);
    if (r->replayed)
        evhttp_add_header(h, "Idempotent-Replay", "true");
    if (r->ask.cookie.n)
        evhttp_add_header(h, "Set-Cookie", str_zdup(r->ask.arena, r->ask.cookie));
    if (gate_last(r->gate))
        evhttp_add_header(h, "Connection", "close");
    if (length) {
        // Said here, since evhttp would leave it out of the answer to a HEAD.
        evutil_snprintf(number, sizeof number, "%zu", length);
        evhttp_add_header(h, "Content-Length", number);
    }
}

// A line when something changed or went wrong: not for reading, and not for what strangers provoke on TCP.
void reply_log(const struct request *r, int status, const struct err *e)
{
    bool known = r->ask.who.name.n || r->ask.route, broken = status >= 500 && status != 501;
    bool reads = r->method == GET || (r->ask.route && r->ask.route->flags & R_ROWS);
    bool changed = !e && known && !reads;
    if (!changed && !broken && !(e && known))
        return;
    struct str path = r->ask.route && r->ask.route->flags & R_SECRET ? str_z(r->ask.route->path) : r->path;
    struct kv common[] = {KV("request", r->id), KV("who", V_OPT(r->ask.who.name)), KV("method", method_name(r->method)),
                          KV("path", path), KV("status", status), KV("took_ms", tick_ms() - r->began_ms),
                          KV("error", e ? e->text : NULL)};
    say_kvs(e ? "web.failed" : "web.done", (struct kvs){common, ARRAY_LEN(common) - !e});
}

static void send_text(struct request *r, const char *type, struct str text, int status)
{
    struct evbuffer *body = evbuffer_new();
    add_headers(r, type, text.n);
    if (body && !r->head_only)
        evbuffer_add(body, text.p, text.n);
    evhttp_send_reply(r->ev, status, reason(status), body);
    if (body)
        evbuffer_free(body);
}

static void send_answer(struct request *r, struct str json, int status)
{
    send_text(r, "application/json", json, status);
}

// By what it says: rows that changed and changed back are the same object, and no handler can forget to count.
static void set_tag(struct request *r, struct str json)
{
    unsigned char hash[16];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)json.p, json.n, NULL, 0);
    r->tag[0] = r->tag[1 + 2 * sizeof hash] = '"';
    hex_encode(hash, sizeof hash, r->tag + 1);
}

// RFC 9110 section 13.1.2: weak comparison, any of a list, or "*".
static bool has_it(const struct request *r)
{
    struct str list = ask_header(&r->ask, "if-none-match");
    while (list.n) {
        struct str one = str_trim(str_cut(&list, ','));
        if (str_eq(one, S("*")) || str_eq(str_starts(one, S("W/")) ? str_from(one, 2) : one, str_z(r->tag)))
            return true;
    }
    return false;
}

// Test builds hold every answer against what its row says of it, so that the description of the API cannot lie.
#ifdef RUSUBAN_FAULTS
bool reply_is_as_described(const struct request *r, struct str json, struct err *e)
{
    const struct form *form = r->ask.route ? route_out(&r->web->router, r->ask.route) : NULL;
    if (!form)
        return true;
    OWN_JSON *answer = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    return answer ? form_check(form, answer, e) : err_set(e, ERR_BUG, "the answer is no JSON, or says a name twice");
}
#else
bool reply_is_as_described(const struct request *r, struct str json, struct err *e)
{
    (void)r, (void)json, (void)e;
    return true;
}
#endif

void reply_object(struct request *r, struct str json, int status)
{
    struct err e;
    if (!json.n)
        json = S("{}");
    if (!reply_is_as_described(r, json, &e)) {
        reply_error(r, &e);
        return;
    }
    reply_log(r, status, NULL);
    if (r->method == GET && status == 200)
        set_tag(r, json);
    if (*r->tag && has_it(r))
        reply_empty(r, 304);
    else
        send_answer(r, json, status);
}

void reply_empty(struct request *r, int status)
{
    send_answer(r, (struct str){"", 0}, status);
}

void reply_cookie(struct request *r, struct str cookie)
{
    evhttp_add_header(evhttp_request_get_output_headers(r->ev), "Set-Cookie", str_zdup(r->ask.arena, cookie));
}

void reply_redirect(struct request *r, struct str location)
{
    struct evkeyvalq *h = evhttp_request_get_output_headers(r->ev);
    evhttp_add_header(h, "Location", str_zdup(r->ask.arena, location));
    evhttp_add_header(h, "Referrer-Policy", "no-referrer");
    reply_empty(r, 303);
}

void reply_page(struct request *r, struct str html, int status)
{
    evhttp_add_header(evhttp_request_get_output_headers(r->ev), "Referrer-Policy", "no-referrer");
    send_text(r, "text/html; charset=utf-8", html, status);
}

void reply_begin(struct request *r, const char *type)
{
    struct evkeyvalq *h = evhttp_request_get_output_headers(r->ev);
    add_headers(r, NULL, 0);
    evhttp_add_header(h, "Content-Type", type);
    evhttp_add_header(h, "X-Accel-Buffering", "no");    // a proxy before us passes it on as it comes
    evhttp_send_reply_start(r->ev, r->ask.status, reason(r->ask.status));
}

static void place(struct buf *out, const struct wrong *w)
{
    json_object(out, KV("in", w->in), KV("name", V_OPT(w->name)), KV("line", w->line ? V(w->line) : V_NULL),
                KV("col", w->col ? V(w->col) : V_NULL));
}

static void details(struct buf *out, struct request *r)
{
    const struct wrongs *all = &r->ask.wrongs;
    json_open(out, '[');
    for (size_t i = 0; i < all->n; i++) {
        const struct wrong *w = &all->at[i];
        struct told t = told_of(r, w->text, w->hint);
        json_open(out, '{');
        json_kvs(out, KVS(KV("message", t.text), KV("hint", V_OPT(t.hint)), KV("lang", t.language)));
        json_key(out, "place");
        place(out, w);
        json_close(out, '}');
    }
    json_close(out, ']');
}

int error_object(struct buf *out, struct request *r, const struct err *e)
{
    struct told t = told_of(r, str_z(e->text), str_z(e->hint));
    const struct err_row *row = err_row(e->kind);
    const struct wrongs *w = &r->ask.wrongs;
    json_open(out, '{');
    json_key(out, "error");
    json_open(out, '{');
    json_kvs(out, KVS(KV("code", r->ask.code ? r->ask.code : row->code), KV("message", t.text),
                      KV("hint", V_OPT(t.hint)), KV("lang", t.language)));
    json_key(out, "place");
    if (w->n)
        place(out, &w->at[0]);
    else
        json_val(out, V_NULL);
    json_key(out, "details");
    details(out, r);
    json_kvs(out, KVS(KV("retry_after_s", r->ask.retry_after_s > 0 ? V(r->ask.retry_after_s) : V_NULL),
                      KV("request", r->id)));
    json_close(out, '}');
    json_close(out, '}');
    return r->ask.http ? r->ask.http : row->http;
}

void reply_error(struct request *r, const struct err *e)
{
    OWN_BUF struct buf out = buf_make(1 << 20);
    int status = error_object(&out, r, e);
    reply_log(r, status, e);
    send_answer(r, buf_str(&out), status);
}
