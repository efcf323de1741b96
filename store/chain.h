// chain.h: the audit log: one line for every deed, each bound to the line before it by a hash.
//
//     struct deed d = {.who = S("kato"), .via = S("session"), .from = S("192.0.2.7"), .verb = S("lock set"),
//                      .subject = S("/locks"), .after = body, .ok = true};
//     if (!chain_add(db, &d, e))              // in the transaction of the deed: no line, no deed
//         return sql_undo(db);
//
// A line that was changed, taken away, put in or moved makes the chain wrong from there on. What the chain alone cannot
// show is that its end was cut off: whoever noted the head (its hash) some time ago can, with
// `rusuban audit verify --head`. Never give it a secret.
#pragma once
#include "store/store.h"

enum { DEED_TEXT_MAX = 8192, HEAD_HEX = 64 };   // bytes of `before` and of `after` that are kept; hex digits of a hash

struct deed {
    struct str who, via, from, verb, subject;       // at most 300 bytes of each are kept
    struct str before, after;
    bool ok;
};

struct chain_head {
    int64_t seq;                // 0: there is no line yet
    char hash[HEAD_HEX + 1];
};

// Call it inside a transaction.
bool chain_add(struct db *db, const struct deed *d, struct err *e) MUST_USE;
bool chain_head(struct db *db, struct chain_head *out, struct err *e) MUST_USE;
// Walks over all of it. ERR_CHECK names the first wrong line, or says that no line has the hash `head` ("": not asked).
bool chain_verify(struct db *db, struct str head, struct chain_head *out, struct err *e) MUST_USE;
