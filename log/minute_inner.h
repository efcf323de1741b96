// minute_inner.h: the inside of the figures: minute_body.c has what one page did, as bytes; minute_row.c a row of the
// store; minute_store.c adds to them; minute.c reads them.
#pragma once
#include "log/minute.h"

enum { MINUTE_ROW_BYTES = 256 << 20 };      // a row, clear

// Texts with their length before them (LEB128).
bool minute_cut_text(struct str *in, struct str *out);
bool minute_read_body(struct str in, struct page_minute *m);
void minute_add(struct page_minute *to, const struct page_minute *from);

struct both { struct buf pages, hosts; };       // a row, clear

struct both both_make(void);
void both_drop(struct both *b);
#define OWN_BOTH OWN(both_drop)
void both_clear(struct both *b);
bool both_add(struct both *to, const struct both *more, struct err *e) MUST_USE;

bool minute_row_unpack(struct buf *out, struct str packed, struct err *e) MUST_USE;
void minute_row_say_damaged(struct str dataset, enum span s, int32_t minute);
// What is in the row and `more` of it. A damaged row is replaced, and said: its past is gone either way, and the log
// server must not wait for ever to add to it.
bool minute_row_add(struct db *db, struct str dataset, enum span s, int32_t minute, const struct both *more,
                    struct err *e) MUST_USE;
// minute, pages, hosts (both packed) of [from, to) in order of time.
struct rows *minute_row_ask(struct db *db, struct str dataset, enum span s, int32_t from, int32_t to, struct err *e);
bool minute_row_forget(struct db *db, struct str dataset, int32_t now, struct err *e) MUST_USE;
