// asset.c: see asset.h. Files have a hash in their name and never change; the shell is asked anew each time and costs
// a 304. What the page will ask first is named in the shell's head, so that it travels beside the program.
#include "web/asset.h"
#include <event2/buffer.h>
#include <event2/http.h>
#include <stdio.h>
#include <string.h>

// What a page may do, were somebody's text ever taken for one of ours: nothing that leaves this server.
static const char policy[] = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
                             "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

static const struct { const char *name, *token; } codings[ASSET_CODINGS] = {
    [ASSET_PLAIN] = {"identity", ""}, [ASSET_GZIP] = {"gzip", "-gz"}, [ASSET_BROTLI] = {"br", "-br"}};

static bool taken(struct str accept, const char *name)
{
    while (accept.n) {
        struct str one = str_cut(&accept, ',');
        struct str coding = str_trim(str_cut(&one, ';')), weight = str_trim(one);
        if (str_eq(coding, str_z(name)))
            return !str_eq(weight, S("q=0")) && !str_starts(weight, S("q=0.000"));
    }
    return false;
}

enum asset_coding asset_coding(struct str accept)
{
    for (enum asset_coding c = ASSET_BROTLI; c > ASSET_PLAIN; c--)
        if (taken(accept, codings[c].name))
            return c;
    return ASSET_PLAIN;
}

static struct str spoken(struct str word)
{
    static const char *const languages[] = {"en", "ja"};
    for (size_t i = 0; i < ARRAY_LEN(languages); i++)
        if (str_eq(str_head(word, 2), str_z(languages[i])))
            return str_z(languages[i]);
    return S("");
}

struct str asset_language(struct str cookie, struct str accept)
{
    struct str found = S("");
    while (cookie.n && !found.n) {
        struct str value = str_trim(str_cut(&cookie, ';')), name = str_cut(&value, '=');
        found = str_eq(name, S("rusuban-language")) ? spoken(value) : found;
    }
    while (accept.n && !found.n)
        found = spoken(str_trim(str_cut(&accept, ',')));
    return found.n ? found : S("en");
}

// Pages whose address is not that of their data, and what their data is.
struct other { const char *name, *data; };
static const struct other others[] = {
    {"", "/home"}, {"log", "/log/tables"}, {"log/live", NULL}, {"sign-in", NULL}};
static const struct other invited = {"invite", NULL};

static bool is_path(const struct strs *path, struct str name)
{
    size_t i = 0;
    for (; i < path->n && name.n; i++)
        if (!str_eq(path->at[i], str_cut(&name, '/')))
            return false;
    return i == path->n && !name.n;
}

static const struct other *other_page(const struct strs *path)
{
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (is_path(path, str_z(others[i].name)))
            return &others[i];
    return path->n == 2 && str_eq(path->at[0], str_z(invited.name)) && path->at[1].n ? &invited : NULL;
}

bool asset_is_page(const struct router *r, const struct strs *path)
{
    return other_page(path) || route_is_page(r, path);
}

static const struct asset *find(const struct strs *path)
{
    if (path->n != 2 || !str_eq(path->at[0], S("assets")))
        return NULL;
    for (const struct asset *a = assets + 1; a->path; a++)
        if (str_eq(path->at[1], str_z(a->path + strlen("/assets/"))))
            return a;
    return NULL;
}

static bool below_api(const struct strs *path)
{
    return path->n && str_eq(path->at[0], S("api"));
}

static bool wants_page(struct request *r)
{
    struct str accept = ask_header(&r->ask, "accept");
    while (accept.n) {
        struct str one = str_cut(&accept, ',');
        if (str_eq(str_trim(str_cut(&one, ';')), S("text/html")))
            return true;
    }
    return false;
}

// ---- what goes out

static void head(struct request *r, const char *name, const char *value)
{
    evhttp_add_header(evhttp_request_get_output_headers(r->ev), name, value);
}

// A path that is copied into a header holds only what needs no quoting there.
static bool is_plain_path(struct str path)
{
    for (size_t i = 0; i < path.n; i++)
        if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-._~%", path.p[i]))
            return false;
    return path.n > 0;
}

static bool may_be_known(struct request *r)
{
    return r->portal->kind == PORTAL_SOCKET || str_find(ask_header(&r->ask, "cookie"), S("__Host-rusuban=")) >= 0;
}

static void name_words(struct request *r, struct buf *link)
{
    struct str language = asset_language(ask_header(&r->ask, "cookie"), ask_header(&r->ask, "accept-language"));
    struct str start = str_f(r->ask.arena, "/assets/words." STR_F "-", STR_A(language));
    for (const struct asset *a = assets + 1; a->path; a++)
        if (str_starts(str_z(a->path), start))
            buf_addf(link, "<%s>; rel=modulepreload", a->path);
}

static void name_data(struct request *r, struct buf *link)
{
    const struct other *other = other_page(&r->target.segments);
    struct str path = !other ? r->path : other->data ? str_z(other->data) : S("");
    if (!may_be_known(r) || !is_plain_path(path) || r->target.has_query)
        return;
    buf_addf(link, "%s</api/v1/me>; rel=preload; as=fetch; crossorigin, "
             "</api/v1" STR_F ">; rel=preload; as=fetch; crossorigin", link->n ? ", " : "", STR_A(path));
}

// What the program asks for once it runs, so that it comes beside the program.
static void name_next(struct request *r, bool page)
{
    OWN_BUF struct buf link = buf_make(1024);
    name_words(r, &link);
    if (page)
        name_data(r, &link);
    if (link.n && !link.failed)
        head(r, "Link", buf_z(&link));
}

static void common_head(struct request *r, const struct asset *a, enum asset_coding c, const char *tag)
{
    head(r, "ETag", tag);
    head(r, "Vary", "Accept-Encoding");
    head(r, "Content-Type", a->type);
    head(r, "X-Content-Type-Options", "nosniff");
    head(r, "Cross-Origin-Resource-Policy", "same-origin");
    head(r, "Rusuban-Build", RUSUBAN_VERSION);
    if (c != ASSET_PLAIN)
        head(r, "Content-Encoding", codings[c].name);
    if (gate_last(r->gate))
        head(r, "Connection", "close");
}

static void shell_head(struct request *r, bool page)
{
    head(r, "Cache-Control", "no-cache");
    head(r, "Content-Security-Policy", policy);
    head(r, "Referrer-Policy", "no-referrer");
    head(r, "Cross-Origin-Opener-Policy", "same-origin");
    name_next(r, page);
}

static void send_asset(struct request *r, const struct asset *a, int status)
{
    enum asset_coding c = asset_coding(ask_header(&r->ask, "accept-encoding"));
    struct str bytes = a->bytes[c];
    char tag[40], length[24];
    snprintf(tag, sizeof tag, "\"%s%s\"", a->hash, codings[c].token);
    common_head(r, a, c, tag);
    if (a == assets)
        shell_head(r, status == 200);
    else
        head(r, "Cache-Control", "public, max-age=31536000, immutable");
    if (status == 200 && str_eq(ask_header(&r->ask, "if-none-match"), str_z(tag))) {
        evhttp_send_reply(r->ev, 304, "Not Modified", NULL);
        return;
    }
    snprintf(length, sizeof length, "%zu", bytes.n);
    head(r, "Content-Length", length);
    struct evbuffer *out = evbuffer_new();
    if (out && !r->head_only)
        evbuffer_add_reference(out, bytes.p, bytes.n, NULL, NULL);
    evhttp_send_reply(r->ev, status, status == 200 ? "OK" : "Not Found", out);
    if (out)
        evbuffer_free(out);
}

bool asset_answer(struct request *r)
{
    const struct strs *path = &r->target.segments;
    if (!assets || r->portal->kind == PORTAL_HOOKS || r->method != GET || below_api(path))
        return false;
    const struct asset *a = find(path);
    bool page = !a && asset_is_page(&r->web->router, path);
    if (!a && !page && !wants_page(r))
        return false;
    send_asset(r, a ? a : assets, a || page ? 200 : 404);
    return true;
}
