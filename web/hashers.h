// hashers.h: argon2id on two threads, so that the loop never waits for it (64 MiB and 0.1 s a password). Who asks while both
// are at work waits for a turn of their network (turns.h).
//
//     struct hashers *h = hashers_start(base, e);
//     struct turn_key key = turn_key(address, stranger);
//     if (!hashers_have_room(h, &key)) ...        // try later
//     job->done = on_done;                        // called from the loop
//     hashers_take(h, &key, job);
#pragma once
#include "web/crew.h"
#include "web/turns.h"
#include <sodium.h>

enum { PASSWORD_MAX = 256, HASHERS = 2 };

struct hashers;
struct hash_job {
    struct crew_job job;                        // first
    struct turn turn;
    struct hashers *hashers;
    void (*done)(struct hash_job *job);
    bool compare;                               // is `typed` what `against` was made of?
    char typed[PASSWORD_MAX + 1];
    char against[crypto_pwhash_STRBYTES];       // "": nobody's; takes as long and fits nothing
    char fresh[PASSWORD_MAX + 1];               // "": no new password
    bool fits, failed;                          // afterwards; failed: there was no memory
    char hash[crypto_pwhash_STRBYTES];          // of fresh
};

struct hashers *hashers_start(struct event_base *base, struct err *e) MUST_USE;
bool hashers_have_room(const struct hashers *h, const struct turn_key *key);
void hashers_take(struct hashers *h, const struct turn_key *key, struct hash_job *job);    // there is room
// What is being worked on is finished, what waits is not begun; done() is called no more.
void hashers_stop(struct hashers *h);
