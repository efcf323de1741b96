// answer.h: an HTTP answer, as the client reads it: status, length, and chunks; nothing else of the head matters.
//
//     struct answer_head h;
//     if (!answer_head(head, &h, e)) ...      // head: from "HTTP/1.1" to the empty line, which is included
#pragma once
#include "base/base.h"

enum { ANSWER_HEAD_MAX = 64 << 10 };

struct answer {
    int status;
    struct str body;        // in the arena
};

struct answer_head {
    int status;
    int64_t length;         // -1: until the connection ends
    bool chunked;           // the body comes in pieces (RFC 9112, section 7.1); our own server never does that
};

bool answer_head(struct str head, struct answer_head *out, struct err *e) MUST_USE;
// Where the head ends (behind its empty line), or 0 when it is not all there.
size_t answer_head_end(struct str text);
// Puts the pieces of a chunked body together. *whole stays false while the last piece has not come.
bool answer_unchunk(struct str text, struct buf *out, bool *whole, struct err *e) MUST_USE;

// The same for an answer that is read as it comes: what is behind *used has to be there again the next time, with more
// behind it. at: PIECES_END once nothing more belongs to the answer.
enum pieces_at { PIECES_LENGTH, PIECES_BODY, PIECES_LINE, PIECES_TRAILER, PIECES_END };
struct pieces { enum pieces_at at; size_t left; };      // zeroed at first
bool answer_pieces(struct pieces *p, struct str text, size_t *used, struct buf *out, struct err *e) MUST_USE;
