// hashers.h: argon2id on two threads, so that the loop never waits for it (64 MiB and 0.1 s a password).
//
//     struct hashers *h = hashers_start(base, e);
//     job->done = on_done;                        // called from the loop
//     if (!hashers_take(h, job)) ...              // 16 wait already: try later
//
// A job belongs to its owner, who keeps it where it is until done() was called or hashers_stop() returned.
#pragma once
#include "base/base.h"
#include <event2/event.h>
#include <sodium.h>
#include <sys/queue.h>

enum { PASSWORD_MAX = 256, HASHERS = 2, HASHERS_QUEUE = 16 };

struct hash_job {
    bool compare;                               // is `typed` what `against` was made of?
    char typed[PASSWORD_MAX + 1];
    char against[crypto_pwhash_STRBYTES];       // "": nobody's; takes as long and fits nothing
    char fresh[PASSWORD_MAX + 1];               // "": no new password
    bool fits, failed;                          // afterwards; failed: there was no memory
    char hash[crypto_pwhash_STRBYTES];          // of fresh
    void (*done)(struct hash_job *job);
    STAILQ_ENTRY(hash_job) next;
};

struct hashers;
struct hashers *hashers_start(struct event_base *base, struct err *e) MUST_USE;
bool hashers_take(struct hashers *h, struct hash_job *job) MUST_USE;
// What is being worked on is finished; done() is called no more.
void hashers_stop(struct hashers *h);
