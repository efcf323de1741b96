// buf.h: text being built. It has a ceiling and remembers when it was hit: add freely, check once at the end.
//
//     OWN_BUF struct buf b = buf_make(64 << 10);
//     buf_addf(&b, "%d hosts", n);
//     if (!buf_ok(&b, e))
//         return false;
//     use(buf_str(&b));
#pragma once
#include "base/def.h"
#include "base/err.h"
#include "base/str.h"

struct buf {
    char *p;            // NUL-ended once anything was added
    size_t n, cap, max;
    bool failed;        // something did not fit; what fitted before is still there
};

struct buf buf_make(size_t max_bytes);
void buf_add(struct buf *b, struct str s);
void buf_addz(struct buf *b, const char *z);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *format, ...) PRINTF(2, 3);
void buf_addn(struct buf *b, char c, size_t times);
void buf_clear(struct buf *b);              // keeps the memory
void buf_cut(struct buf *b, size_t n);      // forget everything behind the first n bytes
struct str buf_str(const struct buf *b);    // borrowed until the next change
const char *buf_z(const struct buf *b);     // never NULL
bool buf_ok(const struct buf *b, struct err *e) MUST_USE;
void buf_drop(struct buf *b);
#define OWN_BUF     OWN(buf_drop)
