// token.h: what lets a host ship its logs: `rsl1.` and base64url of its name, 32 random bytes, and the pin of the
// server's key.
//
// Made by `rusuban log enroll HOST` on the log server; the host keeps the text in a file, the store only a hash of the
// secret. Enrolling again makes a new one and ends the old one.
//
//     OWN_BUF struct buf text = buf_make(TOKEN_TEXT_MAX);
//     if (!token_make(db, S("app1"), pin, &text, e)) ...
//     struct token t;
//     if (!token_read(buf_str(&text), &t, e)) ...
//     if (!token_check(db, hello.host, hello.secret, e)) ...              // ERR_DENIED
#pragma once
#include "log/tls.h"
#include "store/store.h"

enum { TOKEN_SECRET = 32, TOKEN_HOST_MAX = 64, TOKEN_TEXT_MAX = 256 };

struct token {
    char host[TOKEN_HOST_MAX + 1];
    unsigned char secret[TOKEN_SECRET], pin[TLS_PIN];
};

// The host must be one of the site: that is the caller's to look at.
bool token_make(struct db *db, struct str host, const unsigned char pin[TLS_PIN], struct buf *out,
                struct err *e) MUST_USE;
bool token_read(struct str text, struct token *out, struct err *e) MUST_USE;
// From a file that nobody else may read.
bool token_file(const char *path, struct token *out, struct err *e) MUST_USE;
void token_forget(struct token *t);

// Same time and same sentence for an unknown host, a wrong secret and a revoked one.
bool token_check(struct db *db, struct str host, struct str secret, struct err *e) MUST_USE;
// For a connection that was let in at since_ms: ERR_DENIED once its token was revoked or a newer one made.
bool token_alive(struct db *db, struct str host, int64_t since_ms, struct err *e) MUST_USE;
// ERR_NOT_FOUND when that host has none.
bool token_revoke(struct db *db, struct str host, struct err *e) MUST_USE;
