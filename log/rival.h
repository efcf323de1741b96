// rival.h: who was turned away, and two agents that speak for one host: what `log status` tells of those who are not
// connected.
//
// A host's newest connection is its agent, for the one before may be a cut network's that nobody has heard of yet. Two
// agents with one token would take each other's place for ever. So who would take the place of a living connection for
// the fourth time within a minute is no agent that came back: the one that is there stays, until it falls silent or
// the other one gave up for a minute.
//
//     if (!rivals_turn(&r, host, tick_ms())) ...                   // refuse the newcomer
//     rivals_refused(&r, &(struct rival){.host = .., .from = .., .why = .., .at_ms = now_ms()});
//     rivals_welcome(&r, host, from);                              // what was told of it is over
#pragma once
#include "base/base.h"

enum { RIVALS_MAX = 32, RIVAL_TURNS = 3, RIVAL_MS = 60000, RIVAL_TOLD_MS = 600000 };

// host: as it says itself, "" when it did not come so far. from: "10.0.1.7", "this machine, process 71".
struct rival {
    char host[64], from[80], why[400], hint[300];
    bool twin;                          // another agent of that host is there, so its own welcome ends nothing
    int64_t at_ms, times;
};

struct turns { char host[64]; int64_t at[RIVAL_TURNS], refused; };      // ticks; at: the newest first

struct rivals {
    struct rival at[RIVALS_MAX];        // the one that came last is the first
    size_t n;
    struct turns turns[RIVALS_MAX];
    size_t turns_n;
};

// Somebody is about to take the place of a living connection of that host. false: not once more.
bool rivals_turn(struct rivals *r, const char *host, int64_t tick);
// The same host from the same place again counts as one. Strangers make room first.
void rivals_refused(struct rivals *r, const struct rival *new);
void rivals_welcome(struct rivals *r, const char *host, const char *from);
void rivals_forget(struct rivals *r, int64_t now_ms);       // what is older than RIVAL_TOLD_MS
