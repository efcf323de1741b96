// origin.h: where a request comes from: the caller's address behind a proxy that we believe, and whether the page that
// made a browser send it is one of ours.
#pragma once
#include "web/request.h"

// Fills r->from and r->ask.from, r->ask.here. A peer on this machine, or one of web.proxies, is believed in the last
// address that it put into X-Forwarded-For.
void origin_settle(struct request *r);
// This machine, or one of web.proxies: what comes from there comes from many.
bool origin_is_proxy(void *web, struct address peer);
bool address_parse(struct str text, struct address *out);
bool address_is_loopback(struct address a);
// "192.0.2.7", "2001:db8::1".
struct str address_text(struct arena *a, struct address from);
// Whose strangers are one to us: "192.0.2.0/24", "2001:db8:1::/48" (turns.h).
struct str address_net(struct arena *a, struct address from);
// What a try is counted for: IPv4 whole, IPv6 by its /64, since everybody has a /64.
struct str address_key(struct arena *a, struct address from);

// CSRF: a request that changes something and brings a cookie (or comes from a browser at all) needs Origin to be our
// own, Sec-Fetch-Site same-origin and a JSON body. Other sites cannot make a browser send these three.
bool origin_is_ours(struct request *r, struct err *e) MUST_USE;
