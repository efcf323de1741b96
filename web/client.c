// client.c: a blocking client with a deadline. One connection a request; what the server said becomes struct err again.
#include "web/client_inner.h"
#include "base/clock.h"
#include "web/far.h"
#include "web/listen.h"
#include "web/talk.h"
#include <pwd.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEADLINE_MS = 30000, ANSWER_MAX = 16 << 20 };

static const char *user_name(struct arena *a, uid_t uid)
{
    const struct passwd *p = getpwuid(uid);
    return p ? str_zdup(a, str_z(p->pw_name)) : str_zf(a, "user %u", (unsigned)uid);
}

// Somebody may well answer there: it is this user who may not ask.
static bool no_right(struct arena *a, const char *data, struct err *e)
{
    struct stat st;
    const char *me = user_name(a, geteuid());
    if (stat(data, &st) < 0) {
        err_set(e, ERR_DENIED, "%s has no right to look into %s", me, data);
        return err_hint(e, "ask as the user who runs rusuban, or with sudo: sudo rusuban ...");
    }
    const char *owner = user_name(a, st.st_uid);
    err_set(e, ERR_DENIED, "%s has no right to ask the house in %s: it answers only %s%s", me, data, owner,
            st.st_uid ? " and root" : "");
    return st.st_uid ? err_hint(e, "sudo -u %s rusuban ...", owner) : err_hint(e, "sudo rusuban ...");
}

static bool connect_here(struct arena *a, const char *data, struct far *out, struct err *e)
{
    if (connect_unix(data, "web.sock", &out->fd, e))
        return true;
    if (e->kind == ERR_DENIED)
        return no_right(a, data, e);
    struct err why = *e;
    err_set(e, ERR_PEER, "nobody answers in %s: %s", data, why.text);
    return err_hint(e, "start it: rusuban serve");
}

bool client_connect(struct arena *a, const char *data, int64_t until, struct far *out, struct err *e)
{
    return far_is(data) ? far_connect(a, data, until, out, e) : connect_here(a, data, out, e);
}

static bool exchange(struct arena *a, const char *data, struct str text, int64_t until, struct answer *out,
                     bool *broken, struct err *e)
{
    OWN_FAR struct far f = {.fd = -1};
    if (!client_connect(a, data, until, &f, e))
        return false;
    struct talk t = {.fd = f.fd, .tls = f.tls, .until_ms = until, .max = ANSWER_MAX};
    bool ok = talk_ask(a, &t, text, out, e);
    *broken = t.broke;
    return ok;
}

// The API's error object back into a struct err.

static enum err_kind kind_of(const char *code, int status)
{
    static const struct { const char *code; enum err_kind kind; } more[] = {
        {"key_reused", ERR_STATE}, {"changed", ERR_CONFLICT}, {"needs_match", ERR_STATE}, {"unreachable", ERR_PEER},
        {"step_up", ERR_DENIED}};
    for (enum err_kind k = ERR_INPUT; k <= ERR_BUG; k++)
        if (strcmp(err_row(k)->code, code) == 0)
            return k;
    for (size_t i = 0; i < ARRAY_LEN(more); i++)
        if (strcmp(more[i].code, code) == 0)
            return more[i].kind;
    return status >= 500 ? ERR_PEER : ERR_INPUT;
}

static const char *text_at(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

// Several mistakes are told all at once, as the site check does.
static void add_details(struct err *e, const json_t *details)
{
    OWN_BUF struct buf b = buf_make(sizeof e->text - 1);
    size_t i;
    const json_t *d;
    if (json_array_size(details) < 2)
        return;
    json_array_foreach(details, i, d)
        buf_addf(&b, "%s%s", i ? "; " : "", text_at(d, "message"));
    err_set(e, e->kind, "%s", buf_z(&b));
}

bool client_refused(struct str body, int status, struct err *e)
{
    OWN_JSON *root = json_loadb(body.p, body.n, 0, NULL);
    const json_t *error = json_object_get(root, "error");
    if (!json_is_object(error)) {
        enum err_kind kind = status == 413 || status == 429 ? ERR_LIMIT : status >= 500 ? ERR_PEER : ERR_INPUT;
        return err_set(e, kind, "the server refused the request with status %d", status);
    }
    err_set(e, kind_of(text_at(error, "code"), status), "%s", text_at(error, "message"));
    add_details(e, json_object_get(error, "details"));
    return err_hint(e, "%s", text_at(error, "hint"));
}

static bool add_head(struct arena *a, struct buf *b, const char *data, struct err *e)
{
    struct str token;
    if (!far_is(data)) {
        buf_addz(b, "Host: localhost\r\n");
        return true;
    }
    if (!far_token(a, &token, e))
        return false;
    buf_addf(b, "Host: " STR_F "\r\nAuthorization: Bearer " STR_F "\r\n", STR_A(far_host(data)), STR_A(token));
    return true;
}

bool client_text(struct arena *a, struct buf *b, const struct wish *w, struct err *e)
{
    unsigned char random[16];
    char key[sizeof random * 2 + 1] = {0};
    bool changes = strcmp(w->method, "GET") != 0;
    if (getrandom(random, sizeof random, 0) != sizeof random)
        return err_set(e, ERR_IO, "random numbers: %m");
    hex_encode(random, sizeof random, key);
    buf_addf(b, "%s %s HTTP/1.1\r\nConnection: close\r\n", w->method, w->path);
    if (!add_head(a, b, w->data, e))
        return false;
    if (w->match)
        buf_addf(b, "If-Match: %s\r\n", w->match);
    if (changes)
        buf_addf(b, "Idempotency-Key: %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n", key, w->body.n);
    buf_addz(b, "\r\n");
    if (changes)
        buf_add(b, w->body);
    return buf_ok(b, e);
}

static bool ask(struct arena *a, const struct wish *w, struct answer *out, struct err *e)
{
    OWN_BUF struct buf text = buf_make((8 << 10) + w->body.n);
    int64_t until = tick_ms() + DEADLINE_MS;
    bool broken = false;
    *out = (struct answer){0};
    if (!client_text(a, &text, w, e))
        return false;
    bool ok = exchange(a, w->data, buf_str(&text), until, out, &broken, e);
    if (!ok && broken)      // the key, or a GET's nature, makes a second try safe
        ok = exchange(a, w->data, buf_str(&text), until, out, &broken, e);
    return ok && (out->status < 400 || client_refused(out->body, out->status, e));
}

bool api_ask(struct arena *a, const char *data, const char *method, const char *path, struct str body,
             struct answer *out, struct err *e)
{
    return ask(a, &(struct wish){data, method, path, NULL, body}, out, e);
}

bool api_change(struct arena *a, const char *data, const char *method, const char *path, const char *match,
                struct str body, struct answer *out, struct err *e)
{
    return ask(a, &(struct wish){data, method, path, match, body}, out, e);
}

bool api_json(struct arena *a, const char *data, const char *method, const char *path, struct str body, json_t **out,
              struct err *e)
{
    struct answer r;
    json_error_t why;
    *out = NULL;
    if (!api_ask(a, data, method, path, body, &r, e))
        return false;
    *out = json_loadb(r.body.p, r.body.n, 0, &why);
    return *out || err_set(e, ERR_PEER, "the server's answer is not JSON: %s", why.text);
}
