// flow.h: an answer of the API that is read as it comes, line by line, in the memory of one line: rows of a question,
// events of a stream. From the house's socket or, like everything of client.h, from another machine.
//
//     OWN_FLOW struct flow f;
//     struct str line;
//     int got;
//     if (!flow_open(a, &(struct flow_wish){.data = c->data, .method = "POST", .path = path, .body = body,
//                                           .quiet_ms = 60000}, &f, e))
//         return false;                               // refused: the API's own error; f.refused is its object
//     while ((got = flow_line(&f, &line, e)) > 0)
//         ...
//     if (got < 0)
//         return false;                               // broken off, silent, or the error that ends lines
#pragma once
#include "web/answer.h"
#include "web/far.h"

struct flow_wish {
    const char *data, *method, *path;
    struct str body;
    int64_t quiet_ms;               // ERR_LATE when nothing comes for so long
    int64_t slow_ms;                // slow(arg), once, when nothing came for so long; 0: never
    void (*slow)(void *arg);
    void *arg;
};

enum { FLOW_LINE_MAX = 24 << 20 };  // longer lines are ERR_LIMIT

struct flow {
    struct flow_wish wish;
    struct far far;
    struct buf in, body;            // octets that are not read yet; lines that are not taken yet
    size_t taken;                   // of body
    struct answer_head head;
    struct pieces pieces;
    int64_t left;                   // of a body with a length
    struct str refused;             // what the API said instead, as JSON; in the arena
    struct arena *arena;
    bool slow_said;
};

bool flow_open(struct arena *a, const struct flow_wish *w, struct flow *out, struct err *e) MUST_USE;
// 1: a line, without its end, until the next call; 0: the answer is over; -1: failed.
int flow_line(struct flow *f, struct str *line, struct err *e);
void flow_close(struct flow *f);
#define OWN_FLOW OWN(flow_close)
