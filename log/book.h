// book.h: the pages of a dataset by name, and which of log_page's rows each is.
//
// Threads learn pages each for itself; here their names become one set, which folds as page.h does and is kept in the
// store.
//
//     OWN_BOOK struct book k = {0};
//     if (!book_read(db, S("access"), &k, e) || !book_id(db, S("access"), &k, S("/works/{n}"), &id, e) || ...
//         || !book_write(db, S("access"), &k, e))     // once, inside the same transaction
#pragma once
#include "log/page.h"
#include "store/store.h"

struct known { int64_t id; struct str pattern; };
struct book { struct pages *pages; struct arena a; struct { struct known *at; size_t n, cap; } known; };

bool book_read(struct db *db, struct str dataset, struct book *k, struct err *e) MUST_USE;
// A name that is new gets a row; (other) is 0.
bool book_id(struct db *db, struct str dataset, struct book *k, struct str name, int64_t *id, struct err *e) MUST_USE;
// After folds: pages that are part of another one say so, the others have their new name.
bool book_write(struct db *db, struct str dataset, struct book *k, struct err *e) MUST_USE;
void book_drop(struct book *k);
#define OWN_BOOK OWN(book_drop)
