// tls.c: see tls.h.
#include "log/tls.h"
#include "base/base.h"
#include "base/fault.h"
#include "base/file.h"
#include <errno.h>
#include <event2/bufferevent_ssl.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#define ERR_STATE OPENSSL_ERR_STATE     // a type of OpenSSL's, a kind of ours
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#undef ERR_STATE

enum { PEM_MAX = 16 << 10, CERT_DAYS = 36500 };

static void own_pkey_free(EVP_PKEY **p)
{
    EVP_PKEY_free(*p);
}

static void own_x509_free(X509 **p)
{
    X509_free(*p);
}

static void own_bio_free(BIO **p)
{
    BIO_free(*p);
}

// OpenSSL's first error is the one that says something; the rest of its queue must not reach the next caller.
static bool openssl_err(struct err *e, const char *doing)
{
    unsigned long code = ERR_get_error();
    const char *reason = ERR_reason_error_string(code);
    ERR_clear_error();
    return err_set(e, ERR_IO, "%s: %s", doing, reason ? reason : "OpenSSL says no more");
}

static X509 *certificate(EVP_PKEY *key)
{
    X509 *x = X509_new();
    X509_NAME *name = x ? X509_get_subject_name(x) : NULL;
    const unsigned char *cn = (const unsigned char *)"rusuban log server";
    bool ok = name && X509_set_version(x, 2) && ASN1_INTEGER_set(X509_get_serialNumber(x), 1)
              && X509_gmtime_adj(X509_getm_notBefore(x), 0)
              && X509_time_adj_ex(X509_getm_notAfter(x), CERT_DAYS, 0, NULL)
              && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, cn, -1, -1, 0)
              && X509_set_issuer_name(x, name) && X509_set_pubkey(x, key) && X509_sign(x, key, EVP_sha256());
    if (ok)
        return x;
    X509_free(x);
    return NULL;
}

// Complete under a name of its own, then linked to its place: link(2) never replaces, so all who make it at once read
// the same one afterwards.
static bool put_in_place(struct arena *a, const char *dir, const char *path, struct str pem, struct err *e)
{
    const char *mine = str_zf(a, "%s/.log-tls.%d", dir, (int)getpid());
    if (!dir_make(dir, 0700, e) || !file_write(mine, pem, 0600, e))
        return false;
    bool linked = !fault_hit(FAULT_FILE) && link(mine, path) == 0;
    bool ok = linked || errno == EEXIST || err_set(e, ERR_IO, "make %s: %m", path);
    unlink(mine);
    return ok && dir_sync(dir, e);
}

static bool make_key(struct arena *a, const char *dir, const char *path, struct err *e)
{
    OWN(own_pkey_free) EVP_PKEY *key = EVP_EC_gen("P-256");
    OWN(own_x509_free) X509 *x = key ? certificate(key) : NULL;
    OWN(own_bio_free) BIO *bio = BIO_new(BIO_s_secmem());
    char *p = NULL;
    if (!x || !bio || !PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL)
        || !PEM_write_bio_X509(bio, x))
        return openssl_err(e, "make the log server's key");
    long n = BIO_get_mem_data(bio, &p);
    return put_in_place(a, dir, path, (struct str){p, (size_t)n}, e);
}

static bool check_mode(const char *path, struct err *e)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "open %s: %m", path);
    if ((st.st_mode & 077) == 0)
        return true;
    err_set(e, ERR_STATE, "%s can be read by others (mode %03o)", path, (unsigned)st.st_mode & 0777);
    return err_hint(e, "chmod 600 %s", path);
}

static const char *key_path(struct arena *a, const char *data_dir, struct err *e)
{
    const char *dir = str_zf(a, "%s/keys", data_dir), *path = str_zf(a, "%s/log-tls.pem", dir);
    if (check_mode(path, e))
        return path;
    return e->kind == ERR_NOT_FOUND && make_key(a, dir, path, e) && check_mode(path, e) ? path : NULL;
}

static bool hash_of_key(X509 *x, unsigned char pin[TLS_PIN])
{
    unsigned char *der = NULL;
    int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
    bool ok = n > 0 && EVP_Digest(der, (size_t)n, pin, NULL, EVP_sha256(), NULL);
    OPENSSL_free(der);
    return ok;
}

bool tls_pin(const char *data_dir, unsigned char pin[TLS_PIN], struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    const char *path = key_path(&a, data_dir, e);
    if (!path)
        return false;
    OWN(own_bio_free) BIO *bio = BIO_new_file(path, "r");
    OWN(own_x509_free) X509 *x = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    if (x && hash_of_key(x, pin))
        return true;
    openssl_err(e, path);
    return err_hint(e, "if it is damaged: remove it, restart the log server, enroll every host again");
}

static SSL_CTX *context(const SSL_METHOD *method, struct err *e)
{
    SSL_CTX *x = SSL_CTX_new(method);
    if (!x || !SSL_CTX_set_min_proto_version(x, TLS1_3_VERSION) || !SSL_CTX_set_num_tickets(x, 0)) {
        openssl_err(e, "prepare TLS");
        SSL_CTX_free(x);
        return NULL;
    }
    SSL_CTX_set_session_cache_mode(x, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(x, SSL_MODE_RELEASE_BUFFERS);      // 34 KiB a connection that is quiet
    return x;
}

SSL_CTX *tls_server(const char *data_dir, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    const char *path = key_path(&a, data_dir, e);
    SSL_CTX *x = path ? context(TLS_server_method(), e) : NULL;
    if (!x)
        return NULL;
    if (SSL_CTX_use_certificate_file(x, path, SSL_FILETYPE_PEM) == 1
        && SSL_CTX_use_PrivateKey_file(x, path, SSL_FILETYPE_PEM) == 1 && SSL_CTX_check_private_key(x) == 1)
        return x;
    openssl_err(e, path);
    err_hint(e, "if it is damaged: remove it, restart the log server, enroll every host again");
    SSL_CTX_free(x);
    return NULL;
}

// The pin takes the place of names, dates and authorities. That the peer has the key to it the handshake proves later.
static int is_pinned(X509_STORE_CTX *store, void *arg)
{
    (void)arg;
    const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    const unsigned char *pin = SSL_get_app_data(ssl);
    unsigned char shown[TLS_PIN];
    X509 *x = X509_STORE_CTX_get0_cert(store);
    if (x && pin && hash_of_key(x, shown) && CRYPTO_memcmp(shown, pin, TLS_PIN) == 0)
        return 1;
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
}

SSL_CTX *tls_client(struct err *e)
{
    SSL_CTX *x = context(TLS_client_method(), e);
    if (!x)
        return NULL;
    SSL_CTX_set_verify(x, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(x, is_pinned, NULL);
    return x;
}

static struct bufferevent *wrap(struct event_base *base, SSL *ssl, int fd, enum bufferevent_ssl_state state,
                                struct err *e)
{
    struct bufferevent *b = ssl ? bufferevent_openssl_socket_new(base, fd, ssl, state, BEV_OPT_CLOSE_ON_FREE) : NULL;
    if (b) {
        // Frames say where they end; a cut between them is an end of file.
        bufferevent_openssl_set_allow_dirty_shutdown(b, 1);
        return b;
    }
    openssl_err(e, "prepare TLS");      // no memory: libevent has freed ssl, or it is lost
    return NULL;
}

struct bufferevent *tls_accept(struct event_base *base, SSL_CTX *x, int fd, struct err *e)
{
    return wrap(base, SSL_new(x), fd, BUFFEREVENT_SSL_ACCEPTING, e);
}

struct bufferevent *tls_connect(struct event_base *base, SSL_CTX *x, const unsigned char *pin, struct err *e)
{
    SSL *ssl = SSL_new(x);
    if (ssl)
        SSL_set_app_data(ssl, (void *)(uintptr_t)pin);
    return wrap(base, ssl, -1, BUFFEREVENT_SSL_CONNECTING, e);
}

// What OpenSSL says when the first bytes are no TLS at all.
static bool is_none(int reason)
{
    return reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST
           || reason == SSL_R_PACKET_LENGTH_TOO_LONG || reason == SSL_R_BAD_RECORD_TYPE;
}

bool tls_why(struct bufferevent *b, struct err *e)
{
    const SSL *ssl = bufferevent_openssl_get_ssl(b);
    unsigned long code = ssl ? bufferevent_get_openssl_error(b) : 0;
    if (!code || ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)     // a cut is no matter of TLS
        return true;
    if (SSL_get_verify_result(ssl) == X509_V_ERR_APPLICATION_VERIFICATION) {
        err_set(e, ERR_PEER, "the server shows another key than the one in the token");
        return err_hint(e, "if the log server was set up anew, enroll this host again: rusuban log enroll HOST");
    }
    if (is_none(ERR_GET_REASON(code)))
        return err_set(e, ERR_PEER, "TLS: the other side speaks none");
    const char *reason = ERR_reason_error_string(code);
    return err_set(e, ERR_PEER, "TLS: %s", reason ? reason : "the other side speaks something else");
}

void tls_free(SSL_CTX *x)
{
    SSL_CTX_free(x);
}
