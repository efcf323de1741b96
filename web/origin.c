// origin.c: addresses and the three headers that keep other sites from using somebody's cookie.
#include "web/origin.h"
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

static const uint8_t four[12] = {[10] = 0xff, [11] = 0xff};

static bool is_four(struct address a)
{
    return memcmp(a.at, four, sizeof four) == 0;
}

bool address_is_loopback(struct address a)
{
    static const uint8_t six[16] = {[15] = 1};
    return memcmp(a.at, six, sizeof six) == 0 || (is_four(a) && a.at[12] == 127);
}

bool address_parse(struct str s, struct address *out)
{
    char z[INET6_ADDRSTRLEN];
    if (s.n == 0 || s.n >= sizeof z)
        return false;
    memcpy(z, s.p, s.n);
    z[s.n] = 0;
    *out = (struct address){{[10] = 0xff, [11] = 0xff}};
    return inet_pton(AF_INET, z, out->at + 12) == 1 || inet_pton(AF_INET6, z, out->at) == 1;
}

struct str address_text(struct arena *a, struct address from)
{
    char z[INET6_ADDRSTRLEN] = "";
    inet_ntop(is_four(from) ? AF_INET : AF_INET6, from.at + (is_four(from) ? 12 : 0), z, sizeof z);
    return str_dup(a, str_z(z));
}

struct str address_key(struct arena *a, struct address from)
{
    return str_f(a, "addr:" STR_F, STR_A(address_text(a, address_network(from))));
}

struct str address_net(struct arena *a, struct address from)
{
    return str_f(a, STR_F "/%d", STR_A(address_text(a, turn_key(from, true).net)), is_four(from) ? 24 : 48);
}

bool origin_is_proxy(void *web, struct address peer)
{
    const struct site *s = ((const struct web *)web)->fresh.good;
    struct address proxy;
    if (address_is_loopback(peer))
        return true;
    for (size_t i = 0; s && i < s->web.proxies.n; i++)
        if (address_parse(s->web.proxies.at[i], &proxy) && memcmp(&proxy, &peer, sizeof peer) == 0)
            return true;
    return false;
}

// What the proxy nearest to us says stands last: some add to the line that came, others add a line of their own behind
// it, and what stands before may be the caller's invention.
static struct str forwarded_for(const struct ask *q)
{
    struct str line = S(""), last = S("");
    for (size_t i = 0; i < q->headers.n; i++)
        if (str_eq(q->headers.at[i].name, S("x-forwarded-for")))
            line = q->headers.at[i].value;
    while (line.n)
        last = str_trim(str_cut(&line, ','));
    return last;
}

// Any of these, even an empty one, comes from a proxy: the caller is not on this machine.
static bool is_passed_on(const struct ask *q)
{
    static const char *const names[] = {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip",
                                        "forwarded", "via"};
    for (size_t i = 0; i < q->headers.n; i++)
        for (size_t k = 0; k < ARRAY_LEN(names); k++)
            if (str_eq(q->headers.at[i].name, str_z(names[k])))
                return true;
    return false;
}

void origin_settle(struct request *r)
{
    struct ask *q = &r->ask;
    if (r->portal->kind == PORTAL_SOCKET) {
        q->here = true;
        return;
    }
    r->from = gate_address(r->gate);
    q->here = !is_passed_on(q) && address_is_loopback(r->from);
    // "unknown", "_hidden": then it is the proxy itself.
    if (origin_is_proxy(r->web, r->from) && !address_parse(forwarded_for(q), &r->from))
        r->from = gate_address(r->gate);
    q->from = address_text(q->arena, r->from);
}

static bool foreign(struct ask *q, const char *what, struct err *e)
{
    err_set(e, ERR_DENIED, "this request did not come from a page of ours: %s", what);
    q->code = "foreign";
    return err_hint(e, "scripts use a token, which needs none of this: rusuban token make");
}

static bool is(struct str s, const char *z)
{
    return s.n == strlen(z) && strncasecmp(s.p, z, s.n) == 0;
}

bool origin_is_ours(struct request *r, struct err *e)
{
    struct ask *q = &r->ask;
    struct str origin = ask_header(q, "origin"), host = ask_header(q, "host"), type = ask_header(q, "content-type");
    struct str rest = origin, scheme = str_cut(&rest, ':');
    if (!origin.n || !(is(scheme, "http") || is(scheme, "https")) || !str_starts(rest, S("//"))
        || !str_eq(str_from(rest, 2), host))
        return foreign(q, "its Origin is not the server that it was sent to", e);
    if (!is(ask_header(q, "sec-fetch-site"), "same-origin"))
        return foreign(q, "Sec-Fetch-Site is not same-origin", e);
    if ((r->method == POST || r->method == PUT) && !is(str_trim(str_cut(&type, ';')), "application/json"))
        return foreign(q, "it has no JSON body", e);
    return true;
}
