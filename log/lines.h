// lines.h: an answer of the API, line by line, back as the frames that rusuban-sql said it in (log/ask.h): whoever
// shows answers of this machine shows those of another one too. Numbers keep their digits as they were written.
//
//     struct lines l = {.arena = a};
//     if (!lines_take(&l, line, &frames, e)) ...       // ERR_PEER: this is no such line
//     l.over                                            // the answer is whole
#pragma once
#include "log/ask.h"

struct lines {
    struct arena *arena;
    enum ask_kind *kinds;
    size_t n;                           // columns; 0: the head has not come
    bool over;
};

bool lines_take(struct lines *l, struct str line, struct buf *frames, struct err *e) MUST_USE;
// The object of POST /log/estimate as a head whose estimate waits for an answer.
bool lines_take_estimate(struct lines *l, struct str object, struct buf *frames, struct err *e) MUST_USE;
