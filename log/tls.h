// tls.h: agent and log server over TLS 1.3, without authorities: the agent knows the server's public key from its
// token.
//
// The server's key (EC P-256, with a certificate that it signed itself) is made once, in DATA/keys/log-tls.pem, mode
// 0600.
//
//     struct ssl_ctx_st *x = tls_server(data_dir, e);                           // server
//     struct bufferevent *b = tls_accept(base, x, fd, e);         // fd: accepted, non-blocking; its own if not NULL
//
//     struct ssl_ctx_st *x = tls_client(e);                                     // agent
//     struct bufferevent *b = tls_connect(base, x, token.pin, e);     // then bufferevent_socket_connect
//     ... BEV_EVENT_ERROR: if (!tls_why(b, e)) ...
//
// A bufferevent is freed with bufferevent_free, which closes its socket. No tickets, no resumption, no client
// certificates.
#pragma once
#include "base/err.h"
#include <event2/bufferevent.h>

struct ssl_ctx_st;          // OpenSSL's SSL_CTX; its headers stay in tls.c, since they have an ERR_STATE too

enum { TLS_PIN = 32 };      // SHA-256 of a public key (SubjectPublicKeyInfo, RFC 7469 section 2.4)

// Both make the key when there is none; of several processes that do so at once all get the same.
struct ssl_ctx_st *tls_server(const char *data_dir, struct err *e) MUST_USE;
bool tls_pin(const char *data_dir, unsigned char pin[TLS_PIN], struct err *e) MUST_USE;
struct bufferevent *tls_accept(struct event_base *base, struct ssl_ctx_st *x, int fd, struct err *e) MUST_USE;

struct ssl_ctx_st *tls_client(struct err *e) MUST_USE;
// pin must outlive the bufferevent. A server with another key is refused before a byte of ours is sent.
struct bufferevent *tls_connect(struct event_base *base, struct ssl_ctx_st *x, const unsigned char *pin,
                                struct err *e) MUST_USE;

// Why a connection failed, when TLS was the reason: fills *e and returns false. true: ask errno.
bool tls_why(struct bufferevent *b, struct err *e) MUST_USE;
void tls_free(struct ssl_ctx_st *x);
