// far.h: the client's way to a server on another machine: TCP, TLS for https with the certificates that this system
// trusts, and the token that says who is asking.
#pragma once
#include "base/base.h"
#include <sys/types.h>

// OpenSSL's SSL and SSL_CTX; its headers and ours quarrel about a name.
struct ssl_st;
struct ssl_ctx_st;

struct far {
    int fd;
    struct ssl_ctx_st *context;
    struct ssl_st *tls;               // NULL for http
    bool outside;                     // set before: addresses of this machine and of inner nets do not count
};
void far_close(struct far *f);
#define OWN_FAR OWN(far_close)

bool far_is(const char *data);              // an URL, not a directory
struct str far_host(const char *url);       // "rusuban.example:7070", for the Host header
// Non-blocking from then on. until: tick_ms.
bool far_connect(struct arena *a, const char *url, int64_t until, struct far *out, struct err *e) MUST_USE;
// As read(2) and write(2): -1 with EAGAIN when the socket has to become readable or writable first (*what).
ssize_t far_read(struct ssl_st *tls, void *to, size_t n, short *what);
ssize_t far_write(struct ssl_st *tls, struct str text, short *what);
// RUSUBAN_TOKEN, else ~/.config/rusuban/token.
bool far_token(struct arena *a, struct str *out, struct err *e) MUST_USE;
// This machine's own, private nets (RFC 1918, 4193, 6598), link-local ones and those that are nobody's: where a name
// that a stranger gave us must not lead.
struct sockaddr;
bool far_is_inside(const struct sockaddr *at);
