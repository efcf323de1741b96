// gate.h: what stands between a socket and evhttp: clean octets, deadlines, and how many may be inside.
//
// evhttp never closes a client that sends one octet every half second, since its timeout starts again at each read
// (measured). So every connection gets a gate: it watches the octets on their way into evhttp (and never parses
// them), gives each state a deadline, and is walked once a second. No timer per connection.
//
//     HEAD     counting the head         10 s from its first octet, 30 s when none came
//     BODY     evhttp collects the body  30 s
//     BUSY     we answer                 30 s without progress of the output
//     REFUSED  we said no                1 s, octets are thrown away
//
//     struct guard *guard = guard_new();
//     struct door door = {.guard = guard, .max = 4000, .body_max = 64 << 10};
//     evhttp_set_bevcb(http, gate_admit, &door);
//     ... in the request callback:  struct gate *g = gate_busy(&door, req);
//     ... once a second:            guard_sweep(guard);
#pragma once
#include "base/base.h"
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/listener.h>

struct guard;               // all connections of the process
struct address { uint8_t at[16]; };     // IPv6, or IPv4 mapped into it

struct door {               // one listener: its limits, and who is inside
    struct guard *guard;
    struct evconnlistener *listener;    // paused while `max` are inside; NULL is fine
    bool is_unix;                       // peers have a uid and no address
    unsigned max, per_address;          // connections; 0 = not limited. per_address: of one network
    bool (*is_proxy)(void *arg, struct address from);       // whose connections are those of many; NULL: nobody's
    void *arg;
    unsigned bodies_max;                // bodies being received at once; others wait; 0 = not limited
    size_t body_max;                    // octets of one body, as evhttp knows it too
    unsigned inside, bodies;            // the gate's own counts; inside: connections that evhttp still has
    bool full;                          // the listener is paused until one of them ends
};

struct guard *guard_new(void);
// After evhttp_free; the loop must turn once more behind it (libevent closes sockets from there).
void guard_free(struct guard *w);
// Called once a second. When it comes later the process had no turn, and no client is late for that.
void guard_sweep(struct guard *w);
// After a sweep: listens again, where descriptors ran out, when there is room.
void door_open_again(struct door *d);
// No new request on any connection: idle ones end now, the others after their answer.
void guard_close(struct guard *w);
size_t guard_inside(const struct guard *w);
size_t guard_unsent(const struct guard *w);     // octets of answers in our memory; UNSENT_ALL_MAX and one answer at most
enum { UNSENT_ALL_MAX = 128 << 20 };

// For evhttp_set_bevcb; arg is the struct door.
struct bufferevent *gate_admit(struct event_base *base, void *arg);

struct gate;
// The connection of a request that evhttp has read completely; from now on it is being answered.
struct gate *gate_busy(struct door *d, struct evhttp_request *req);
// The answer may wait this long for what it is made from, or for its client.
void gate_expect(struct gate *g, int64_t ms);
// Nothing is said yet, and will not be for a while: notice when the client leaves (evhttp tells by its closecb).
void gate_mind(struct gate *g);
// Its octets lie in memory only once however many are sent them: they do not count as unsent.
void gate_share(struct gate *g);
// Close the connection behind this answer.
void gate_make_last(struct gate *g);
// Ends the connection now, whatever is still to be sent; evhttp sees the end of the stream and frees it.
void gate_hang_up(struct gate *g);
// true: so it was told, or octets came behind the request (pipelining), or we are closing: this answer is the last one.
bool gate_last(const struct gate *g);

// What one subscriber has: of IPv6 a whole /64, in which addresses cost nothing.
struct address address_network(struct address a);
struct address gate_address(const struct gate *g);
bool gate_uid(const struct gate *g, unsigned *uid) MUST_USE;    // by the kernel, of who connected; Unix socket only
