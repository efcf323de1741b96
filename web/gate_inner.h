// gate_inner.h: a connection's state, shared by gate.c (its octets) and guard.c (all connections together). Users
// include gate.h.
#pragma once
#include "web/gate.h"
#include "web/head.h"
#include <sys/queue.h>

enum { IDLE_MS = 30000, HEAD_MS = 10000, BODY_MS = 30000, OUTPUT_MS = 30000, LINGER_MS = 1000 };

enum state { HEAD, BODY, BUSY, REFUSED };

struct gate {
    TAILQ_ENTRY(gate) next;
    struct door *door;
    struct bufferevent *bev;
    int fd;                     // -1 until the first octet: evhttp sets it after gate_admit
    enum state state;
    int64_t deadline_ms;
    struct head head;
    size_t body;                // octets since the head ended
    struct address address;
    unsigned uid;               // of who connected, as the kernel knew then
    bool uid_known;
    bool reading, waiting;      // this body is one of the door's bodies_max, or waits to become one
    bool wrote;                 // evhttp has answered something since the head began
    bool last;                  // close after this answer
    size_t unsent;              // octets of answers that its client has not taken; 0 when they are not counted
    bool uncounted;
    bool left;                  // evhttp let go of it, and its place is somebody else's
};

struct guard {
    TAILQ_HEAD(, gate) gates;
    struct gate **by_fd;
    size_t by_fd_n, inside, body_octets, unsent, sweep_early_at;
    int64_t swept_at;           // 0: never
    struct event *room;         // looks who left, while a door is full
    bool closing;
};

void gate_enter(struct gate *g, enum state state, int64_t ms);
void gate_watch(struct gate *g);                // puts the observers on its buffers
void gate_refuse(struct gate *g, int status);   // says so, unless evhttp has begun to say something, and lingers
void gate_uncount(struct gate *g);              // what it leaves unread counts no longer
void gate_body_over(struct gate *g);            // what it received counts no longer; the next body has its turn
bool gate_let_go(const struct gate *g);         // evhttp has freed the connection

void guard_learn(struct guard *w, struct gate *g);      // its descriptor is known now
unsigned guard_beside(const struct gate *g);            // connections from its address to its door, itself included
void guard_next_body(struct door *d);
void guard_relieve(struct guard *w);            // too much waits to be read: hangs up on who left most unread
