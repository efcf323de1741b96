// turns.h: who works on a password next: a bounded queue in which networks take turns, so that a flood from one of them
// does not keep the others out. Only the loop touches it.
//
//     struct turn_key key = turn_key(address, stranger);
//     if (!turns_have_room(t, &key)) ...          // too many of that network, or of all, wait already
//     turns_add(t, &key, &job->turn);
//     struct turn *next = turns_next(t);          // the first of the network whose turn it is; NULL: nobody waits
//
// A network may wait with as many as there are places left: one that is alone has half of the queue, the second a quarter,
// and whoever comes anew finds a place while there is one. It waits for one turn of each other network at most.
#pragma once
#include "web/gate.h"
#include <sys/queue.h>

enum { TURNS_MAX = 32, TURNS_KEPT = 8 };        // places; those of them that no stranger gets

// /24 or /48 for strangers; who is signed in at an address has turns of their own there.
struct turn_key { struct address net; bool stranger; };
struct turn { STAILQ_ENTRY(turn) next; };

struct lane {                                   // those of one network
    struct turn_key key;
    unsigned n;                                 // 0: the lane is free
    STAILQ_HEAD(, turn) waiting;
    TAILQ_ENTRY(lane) next;
};

struct turns {
    struct lane lanes[TURNS_MAX];
    TAILQ_HEAD(, lane) ring;                    // lanes that wait, the next one first
    unsigned n;
};

void turns_init(struct turns *t);
struct turn_key turn_key(struct address from, bool stranger);
bool turns_have_room(const struct turns *t, const struct turn_key *key);
void turns_add(struct turns *t, const struct turn_key *key, struct turn *x);        // there is room
struct turn *turns_next(struct turns *t);
