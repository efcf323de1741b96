// where.h: the filter of `rusuban log tail --where`: compiled once, asked of every raw line.
//
//     status >= 500 and not (uri ~ /health or ua ~ 'kube-probe*')
//     reqtime > 800ms and user_id != -
//
//     struct where *w = where_new(S("status >= 500"), e);
//     if (where_match(w, line)) ...
//     where_free(w);
//
// A comparison is LABEL OPERATOR VALUE, joined by and, or, not and parentheses; and binds closer than or. A value with
// blanks or parentheses stands in '...' or "...". = and != compare text. < > <= >= compare numbers, and text where
// the value is none (time >= 2018-02-15T11; not with labels that hold numbers, such as status); 800ms and 1.5s are
// seconds, as web servers write them. ~ finds the value anywhere in the text, whatever the case of a-z, where *
// stands for anything. A label that a line does not have counts as "-", which is how web servers write nothing.
#pragma once
#include "base/base.h"

enum { WHERE_BYTES = 4096, WHERE_LABELS = 32, WHERE_PARTS = 128, WHERE_DEEP = 64 };

struct where;
// NULL: ERR_INPUT with the place, and what was probably meant.
struct where *where_new(struct str text, struct err *e);
void where_free(struct where *w);
// line: LTSV without its line break. NULL matches every line.
bool where_match(const struct where *w, struct str line);
// The n-th label that is compared; empty behind the last.
struct str where_label(const struct where *w, size_t n);
// Does it name labels of lines only? Columns that SQL adds to a row are in no line, and a tail would wait for ever:
// ERR_INPUT says which, and what to write instead.
bool where_of_lines(const struct where *w, struct err *e) MUST_USE;
