// far.c: connecting to another machine's API. Certificates are always checked; there is no way to say not to.
#include "web/far.h"
#include "base/clock.h"
#include "base/file.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define ERR_STATE OPENSSL_ERR_STATE     // a type of OpenSSL's, a kind of ours
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#undef ERR_STATE

void far_close(struct far *f)
{
    SSL_free(f->tls);
    SSL_CTX_free(f->context);
    if (f->fd >= 0)
        close(f->fd);
    *f = (struct far){.fd = -1};
}

bool far_is(const char *data)
{
    return str_starts(str_z(data), S("https://")) || str_starts(str_z(data), S("http://"));
}

struct str far_host(const char *url)
{
    struct str rest = str_z(url);
    (void)str_cut(&rest, '/');
    (void)str_cut(&rest, '/');
    return str_cut(&rest, '/');
}

struct goal { char *host, *port; bool tls; };

static struct goal goal_of(struct arena *a, const char *url)
{
    struct goal g = {.tls = str_starts(str_z(url), S("https:"))};
    struct str host = far_host(url), port;
    ptrdiff_t end = str_starts(host, S("[")) ? str_find(host, S("]")) : -1;
    port = end > 0 ? str_from(host, (size_t)end + 1) : host;
    struct str name = str_cut(&port, ':');
    g.host = str_zdup(a, end > 0 ? str_head(str_from(host, 1), (size_t)end - 1) : name);
    g.port = str_zdup(a, port.n ? port : g.tls ? S("443") : S("80"));
    return g;
}

static bool wait_until(int fd, short what, int64_t until, struct err *e)
{
    struct pollfd p = {.fd = fd, .events = what};
    int n;
    do {
        int64_t left = until - tick_ms();
        n = left > 0 ? poll(&p, 1, (int)left) : 0;
    } while (n < 0 && errno == EINTR);
    return n > 0 || err_set(e, ERR_LATE, "the server did not answer in time");
}

static bool connect_to(const struct addrinfo *at, int64_t until, int *fd, struct err *e)
{
    OWN_FD s = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int why = 0;
    socklen_t n = sizeof why;
    if (s < 0 || (connect(s, at->ai_addr, at->ai_addrlen) < 0 && errno != EINPROGRESS))
        return err_set(e, ERR_PEER, "%m");
    if (!wait_until(s, POLLOUT, until, e))
        return false;
    if (getsockopt(s, SOL_SOCKET, SO_ERROR, &why, &n) == 0 && why) {
        errno = why;
        return err_set(e, ERR_PEER, "%m");
    }
    *fd = fd_give(&s);
    return true;
}

// Nets that are not out there, as IPv6; IPv4 is mapped into it.
static const struct net { uint8_t at[16]; unsigned bits; } inner_nets[] = {
#define FOUR(a, b, c, bits) {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c}, 96 + (bits)}
    FOUR(0, 0, 0, 8), FOUR(10, 0, 0, 8), FOUR(100, 64, 0, 10), FOUR(127, 0, 0, 8), FOUR(169, 254, 0, 16),
    FOUR(172, 16, 0, 12), FOUR(192, 0, 0, 24), FOUR(192, 168, 0, 16), FOUR(198, 18, 0, 15), FOUR(224, 0, 0, 3),
#undef FOUR
    {{0}, 96},                                      // ::, ::1, and IPv4 written in an old way
    {{0, 0x64, 0xff, 0x9b}, 32},                    // 64:ff9b::, which leads to IPv4
    {{0x20, 0x02}, 16},                             // 2002::, the same
    {{0xfc}, 7}, {{0xfe, 0x80}, 9}, {{0xff}, 8},    // fc00::, fe80:: and fec0::, ff00::
};

static bool is_in(const struct net *n, const uint8_t *at)
{
    unsigned whole = n->bits / 8, rest = n->bits % 8;
    return memcmp(n->at, at, whole) == 0 && (!rest || ((n->at[whole] ^ at[whole]) & (0xff00 >> rest) & 0xff) == 0);
}

bool far_is_inside(const struct sockaddr *at)
{
    uint8_t six[16] = {[10] = 0xff, [11] = 0xff};
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    if (at->sa_family == AF_INET) {
        memcpy(&v4, at, sizeof v4);
        memcpy(six + 12, &v4.sin_addr, 4);
    } else if (at->sa_family == AF_INET6) {
        memcpy(&v6, at, sizeof v6);
        memcpy(six, &v6.sin6_addr, sizeof six);
    } else {
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(inner_nets); i++)
        if (is_in(&inner_nets[i], six))
            return true;
    return false;
}

static bool connect_any(const struct goal *g, bool outside, int64_t until, int *fd, struct err *e)
{
    struct addrinfo *all, hints = {.ai_socktype = SOCK_STREAM};
    int no = getaddrinfo(g->host, g->port, &hints, &all);
    if (no)
        return err_set(e, ERR_PEER, "%s", gai_strerror(no));
    bool ok = false;
    for (const struct addrinfo *at = all; at && !ok; at = at->ai_next)
        ok = outside && far_is_inside(at->ai_addr)
            ? err_set(e, ERR_PEER, "its address is one of this machine or of an inner net")
            : connect_to(at, until, fd, e);
    freeaddrinfo(all);
    return ok;
}

static bool wants(SSL *tls, int got, short *what)
{
    int why = SSL_get_error(tls, got);
    *what = why == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN;
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
}

static bool tls_failed(const struct far *f, struct err *e)
{
    long why = SSL_get_verify_result(f->tls);
    unsigned long code = ERR_get_error();
    const char *text = why != X509_V_OK ? X509_verify_cert_error_string(why) : ERR_reason_error_string(code);
    err_set(e, ERR_PEER, "TLS: %s", text ? text : "the other side went away");
    return why == X509_V_OK ? false : err_hint(e, "a certificate of your own: SSL_CERT_FILE=ca.pem rusuban ...");
}

// An address is looked for among the certificate's addresses, a name among its names.
static bool expect_name(SSL *tls, char *host)
{
    unsigned char ip[16];
    if (inet_pton(AF_INET, host, ip) == 1 || inet_pton(AF_INET6, host, ip) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host) == 1;
    return SSL_set1_host(tls, host) == 1 && SSL_set_tlsext_host_name(tls, host) == 1;
}

static bool start_tls(const struct goal *g, int64_t until, struct far *f, struct err *e)
{
    short what;
    int got;
    f->context = SSL_CTX_new(TLS_client_method());
    if (!f->context || !SSL_CTX_set_default_verify_paths(f->context)
        || !SSL_CTX_set_min_proto_version(f->context, TLS1_2_VERSION))
        return err_set(e, ERR_IO, "TLS does not start");
    SSL_CTX_set_verify(f->context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_mode(f->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    f->tls = SSL_new(f->context);
    if (!f->tls || !expect_name(f->tls, g->host) || !SSL_set_fd(f->tls, f->fd))
        return err_set(e, ERR_IO, "TLS does not start");
    while ((got = SSL_connect(f->tls)) != 1)
        if (!wants(f->tls, got, &what))
            return tls_failed(f, e);
        else if (!wait_until(f->fd, what, until, e))
            return false;
    return true;
}

bool far_connect(struct arena *a, const char *url, int64_t until, struct far *out, struct err *e)
{
    struct goal g = goal_of(a, url);
    struct err why;
    if (connect_any(&g, out->outside, until, &out->fd, e) && (!g.tls || start_tls(&g, until, out, e)))
        return true;
    why = *e;
    err_set(e, why.kind == ERR_LATE ? ERR_LATE : ERR_PEER, "nobody answers at %s: %s", url, why.text);
    return err_hint(e, "%s", why.hint);
}

static ssize_t as_read(SSL *tls, int got, short *what)
{
    if (got > 0)
        return got;
    if (wants(tls, got, what)) {
        errno = EAGAIN;
        return -1;
    }
    errno = EIO;
    return SSL_get_error(tls, got) == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

ssize_t far_read(SSL *tls, void *to, size_t n, short *what)
{
    ERR_clear_error();
    return as_read(tls, SSL_read(tls, to, (int)n), what);
}

ssize_t far_write(SSL *tls, struct str text, short *what)
{
    ERR_clear_error();
    return as_read(tls, SSL_write(tls, text.p, text.n > 1 << 20 ? 1 << 20 : (int)text.n), what);
}

static bool plain_token(struct str s, const char *where, struct err *e)
{
    return str_plain(s, "_") || err_set(e, ERR_INPUT, "what is in %s is no token", where);
}

bool far_token(struct arena *a, struct str *out, struct err *e)
{
    const char *given = getenv("RUSUBAN_TOKEN"), *home = getenv("HOME");
    const char *path = str_zf(a, "%s/.config/rusuban/token", home ? home : "");
    struct stat st;
    if (given && *given) {
        *out = str_z(given);
        return plain_token(*out, "RUSUBAN_TOKEN", e);
    }
    if (stat(path, &st) < 0) {
        err_set(e, ERR_SIGNED_OUT, "there is no token: neither RUSUBAN_TOKEN nor %s", path);
        return err_hint(e, "make one on the pages or on the server: rusuban token make NAME");
    }
    if (st.st_mode & 077) {
        err_set(e, ERR_STATE, "others can read %s", path);
        return err_hint(e, "chmod 600 %s", path);
    }
    if (!file_read(a, path, 4096, out, e))
        return false;
    *out = str_trim(*out);
    return plain_token(*out, path, e);
}
