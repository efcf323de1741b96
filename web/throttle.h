// throttle.h: how soon may somebody try a password again? Five tries are free; behind them each has to wait, 1 s and
// then twice as long each time, to 5 min; ten minutes without a try forgive one. Counted per account (known or not) and
// per address, in the store, so that a restart forgets nothing.
//
//     struct strs keys = ...;                                     // "name:kato", "addr:192.0.2.7"
//     if (!throttle_charge(q, &keys, e)) return false;            // before the password is looked at
//     ... right: throttle_clear(q, keys.at[0]), throttle_give_back(q, keys.at[1])
//
// A try is charged before its outcome is known: sixteen at once do not slip through.
#pragma once
#include "web/web.h"

enum { THROTTLE_FREE = 5, THROTTLE_MAX_S = 300, THROTTLE_KEYS = 10000, THROTTLE_FORGIVE_MS = 600000 };

// Opens a transaction of its own. ERR_LIMIT with q->retry_after_s when one of them has to wait; then none is charged.
bool throttle_charge(struct ask *q, const struct strs *keys, struct err *e) MUST_USE;
// Inside the transaction of the sign-in.
bool throttle_clear(struct ask *q, struct str key, struct err *e) MUST_USE;
bool throttle_give_back(struct ask *q, struct str key, struct err *e) MUST_USE;
// Seconds until the next try after so many, the last of which was at `at`.
int throttle_wait_s(int64_t tries, int64_t at, int64_t now);
