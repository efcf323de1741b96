// token.c: see token.h.
#include "log/token.h"
#include "base/clock.h"
#include "base/file.h"
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HASH = 32, RAW_MAX = TOKEN_HOST_MAX + TOKEN_SECRET + TLS_PIN };

static const struct str magic = {"rsl1.", 5};

static void hash_of(struct str secret, unsigned char out[HASH])
{
    static const unsigned char purpose[] = "rusuban log agent";
    crypto_generichash(out, HASH, (const unsigned char *)secret.p, secret.n, purpose, sizeof purpose - 1);
}

static bool host_fits(struct str host, struct err *e)
{
    return (host.n <= TOKEN_HOST_MAX && str_plain(host, ".-_"))
           || err_set(e, ERR_INPUT, "\"" STR_F "\" is no name of a host", STR_A(str_head(host, TOKEN_HOST_MAX)));
}

bool token_make(struct db *db, struct str host, const unsigned char pin[TLS_PIN], struct buf *out, struct err *e)
{
    unsigned char raw[RAW_MAX], hash[HASH];
    char text[sodium_base64_ENCODED_LEN(RAW_MAX, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
    if (!host_fits(host, e))
        return false;
    if (sodium_init() < 0)
        return err_set(e, ERR_IO, "no source of random numbers");
    memcpy(raw, host.p, host.n);
    randombytes_buf(raw + host.n, TOKEN_SECRET);
    memcpy(raw + host.n + TOKEN_SECRET, pin, TLS_PIN);
    hash_of((struct str){(char *)raw + host.n, TOKEN_SECRET}, hash);
    sodium_bin2base64(text, sizeof text, raw, host.n + TOKEN_SECRET + TLS_PIN,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    bool ok = sql_do(db, e, "insert into log_agent (host, secret_hash, enrolled_at) values (?, ?, ?) "
                            "on conflict (host) do update set secret_hash = excluded.secret_hash, "
                            "enrolled_at = excluded.enrolled_at, revoked_at = null",
                     VALS(V(host), V_BLOB(((struct str){(char *)hash, HASH})), V(now_ms())));
    if (ok) {
        buf_add(out, magic);
        buf_addz(out, text);
        ok = buf_ok(out, e);
    }
    sodium_memzero(raw, sizeof raw);
    sodium_memzero(text, sizeof text);
    return ok;
}

static bool no_token(struct err *e)
{
    err_set(e, ERR_INPUT, "this is no token of a log server");
    return err_hint(e, "make one on the log server: rusuban log enroll HOST");
}

bool token_read(struct str text, struct token *out, struct err *e)
{
    unsigned char raw[RAW_MAX];
    size_t n = 0;
    struct str t = str_trim(text), host;
    if (!str_starts(t, magic))
        return no_token(e);
    t = str_from(t, magic.n);
    if (sodium_base642bin(raw, sizeof raw, t.p, t.n, NULL, &n, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0
        || n <= TOKEN_SECRET + TLS_PIN)
        return no_token(e);
    host = (struct str){(char *)raw, n - TOKEN_SECRET - TLS_PIN};
    if (!str_plain(host, ".-_"))
        return no_token(e);
    *out = (struct token){0};
    memcpy(out->host, raw, host.n);
    memcpy(out->secret, raw + host.n, TOKEN_SECRET);
    memcpy(out->pin, raw + host.n + TOKEN_SECRET, TLS_PIN);
    sodium_memzero(raw, sizeof raw);
    return true;
}

bool token_file(const char *path, struct token *out, struct err *e)
{
    OWN_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    char text[TOKEN_TEXT_MAX];
    if (fd < 0 || fstat(fd, &st) < 0)
        return err_set(e, ERR_INPUT, "open %s: %m", path);
    if (st.st_mode & 07) {
        err_set(e, ERR_STATE, "%s can be read by everybody (mode %03o)", path, (unsigned)st.st_mode & 0777);
        return err_hint(e, "chmod 600 %s", path);
    }
    ssize_t n = read(fd, text, sizeof text);
    if (n < 0)
        return err_set(e, ERR_IO, "read %s: %m", path);
    bool ok = token_read((struct str){text, (size_t)n}, out, e) || err_in(e, "%s", path);
    sodium_memzero(text, sizeof text);
    return ok;
}

void token_forget(struct token *t)
{
    sodium_memzero(t, sizeof *t);
}

bool token_check(struct db *db, struct str host, struct str secret, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    unsigned char given[HASH], kept[HASH] = {0};
    bool known = false;
    OWN_ROWS struct rows *r = sql_ask(db, e, "select secret_hash from log_agent where host = ? and revoked_at is null",
                                      VALS(V(host)));
    if (!r)
        return false;
    if (rows_next(r, e)) {
        struct str hash = row_str(&a, r, 0);
        known = hash.n == HASH;
        memcpy(kept, hash.p, known ? HASH : 0);
    }
    if (rows_failed(r))
        return false;
    hash_of(secret, given);
    bool same = sodium_memcmp(given, kept, HASH) == 0;
    if (same && known && secret.n == TOKEN_SECRET)
        return true;
    err_set(e, ERR_DENIED, "host \"" STR_F "\" has no valid token: none was made, a newer one was, or it was revoked",
            STR_A(str_head(host, TOKEN_HOST_MAX)));
    return err_hint(e, "make a new one on the log server: rusuban log enroll HOST");
}

bool token_alive(struct db *db, struct str host, int64_t since_ms, struct err *e)
{
    int64_t n;
    if (!sql_int(db, e, &n, "select count(*) from log_agent where host = ? and revoked_at is null and enrolled_at <= ?",
                 VALS(V(host), V(since_ms))))
        return false;
    return n || err_set(e, ERR_DENIED, "the token of \"" STR_F "\" was revoked, or a newer one was made", STR_A(host));
}

bool token_revoke(struct db *db, struct str host, struct err *e)
{
    if (!sql_do(db, e, "update log_agent set revoked_at = ? where host = ? and revoked_at is null",
                VALS(V(now_ms()), V(host))))
        return false;
    host = str_head(host, TOKEN_HOST_MAX);
    return sql_changes(db) > 0 || err_set(e, ERR_NOT_FOUND, "host \"" STR_F "\" has no token", STR_A(host));
}
