// hashers.h: argon2id on two threads, so that the loop never waits for it (64 MiB and 0.1 s a password).
//
//     struct crew *crew = hashers_start(base, e);
//     job->job.done = on_done;                    // called from the loop
//     if (!hashers_take(crew, job)) ...           // 16 wait already: try later
#pragma once
#include "web/crew.h"
#include <sodium.h>

enum { PASSWORD_MAX = 256, HASHERS = 2, HASHERS_QUEUE = 16, HASHERS_KEPT = 8 };

struct hash_job {
    struct crew_job job;                        // first
    bool compare;                               // is `typed` what `against` was made of?
    char typed[PASSWORD_MAX + 1];
    char against[crypto_pwhash_STRBYTES];       // "": nobody's; takes as long and fits nothing
    char fresh[PASSWORD_MAX + 1];               // "": no new password
    bool fits, failed;                          // afterwards; failed: there was no memory
    char hash[crypto_pwhash_STRBYTES];          // of fresh
};

struct crew *hashers_start(struct event_base *base, struct err *e) MUST_USE;
bool hashers_take(struct crew *c, struct hash_job *job) MUST_USE;
// stranger: from where nobody is signed in. A flood of them leaves HASHERS_KEPT places to everybody else.
bool hashers_have_room(struct crew *c, bool stranger);
