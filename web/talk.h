// talk.h: one question and its answer on a connection, within a deadline and a ceiling.
//
//     struct talk t = {.fd = f.fd, .tls = f.tls, .until_ms = until, .max = 64 << 10};
//     if (!talk_ask(a, &t, text, &answer, e)) ...
#pragma once
#include "base/base.h"
#include "web/answer.h"

struct ssl_st;
struct talk {
    int fd;
    struct ssl_st *tls;     // NULL: plain
    int64_t until_ms;       // tick_ms
    size_t max;             // bytes of the answer's body
    bool chunks;            // a chunked answer is taken
    bool broke;             // afterwards: the connection ended before the answer was complete: worth another try
};
bool talk_send(struct talk *t, struct str text, struct err *e) MUST_USE;
// What came, behind what is in b. 1: some; 0: the end; -1: failed.
int talk_receive(struct talk *t, struct buf *b, struct err *e);
bool talk_ask(struct arena *a, struct talk *t, struct str text, struct answer *out, struct err *e) MUST_USE;
