// answer.h: the head of an HTTP answer, as the client reads it from its own server: status and length, nothing else.
//
//     struct answer_head h;
//     if (!answer_head(head, &h, e)) ...      // head: from "HTTP/1.1" to the empty line, which is included
#pragma once
#include "base/base.h"

enum { ANSWER_HEAD_MAX = 64 << 10 };

struct answer_head {
    int status;
    int64_t length;         // -1: until the connection ends
};

bool answer_head(struct str head, struct answer_head *out, struct err *e) MUST_USE;
// Where the head ends (behind its empty line), or 0 when it is not all there.
size_t answer_head_end(struct str text);
