// str.h: a borrowed piece of text: pointer and length, passed by value, never owned, not NUL-ended.
//
//     struct str rest = S("time:12:30\tstatus:200");
//     struct str first = str_cut(&rest, '\t');        // "time:12:30"; rest is "status:200"
//
// Functions that look at bytes treat them as bytes; nothing here depends on the locale.
#pragma once
#include "base/def.h"

struct str {
    const char *p;
    size_t n;
};

#define S(lit)      ((struct str){"" lit, sizeof(lit) - 1})
#define STR_F       "%.*s"                      // printf("... " STR_F, STR_A(s))
#define STR_A(s)    (int)(s).n, (s).p

struct str str_z(const char *z);                // of a NUL-ended string; NULL gives an empty one
bool str_eq(struct str a, struct str b);
int  str_cmp(struct str a, struct str b);       // by bytes, shorter first
bool str_starts(struct str s, struct str head);
bool str_ends(struct str s, struct str tail);
bool str_has(struct str s, char c);
ptrdiff_t str_find(struct str s, struct str what);  // offset of the first, or -1
struct str str_from(struct str s, size_t at);   // s without its first `at` bytes (all gone when shorter)
struct str str_head(struct str s, size_t n);    // at most n bytes
struct str str_trim(struct str s);              // without blanks, tabs, CR and LF at both ends

// Cuts at the first c: returns what stands before it and leaves what stands behind it in *rest.
// Without a c everything is returned and *rest becomes empty.
struct str str_cut(struct str *rest, char c);
// The same at any run of blanks and tabs, leading ones skipped.
struct str str_word(struct str *rest);
// The last line that is not empty, trimmed: where programs say what was wrong.
struct str str_last_line(struct str text);

// Every byte of s is one of [A-Za-z0-9] or stands in `more`. Empty s: false.
bool str_plain(struct str s, const char *more);
// Well-formed UTF-8 without NUL (RFC 3629).
bool str_utf8(struct str s);
// The first character that nobody sees, or that shows a text otherwise than it is: controls (C0, C1), marks of direction,
// line and paragraph separators, blanks without a width. 0 = none; ill-formed UTF-8 is 0xFFFD. *number: which one, from
// 1. lines: line feeds are welcome.
uint32_t str_unseen(struct str s, bool lines, size_t *number);

// Whole decimal numbers, nothing else in s. false when s is not one or does not fit.
bool str_u64(struct str s, uint64_t *out) MUST_USE;
bool str_i64(struct str s, int64_t *out) MUST_USE;

// Lower-case hex. out has room for 2 * n bytes, no NUL is written.
void hex_encode(const void *bytes, size_t n, char *out);
// Both cases accepted; hex.n must be 2 * n.
bool hex_decode(struct str hex, void *out, size_t n) MUST_USE;

// Damerau-Levenshtein distance for suggestions; names longer than 64 bytes count as far away.
unsigned str_distance(struct str a, struct str b);
// The nearest of `count` names, read with name(list, i), or an empty str when none is near enough to be a typo.
struct str str_nearest(struct str word, size_t count, struct str (*name)(const void *list, size_t i),
                       const void *list);
