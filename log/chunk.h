// chunk.h: a text that is read once from front to back, plain or compressed, cut into blocks of whole lines.
//
//     struct chunks *c = chunks_new(chunk_source, e);
//     struct cut cut;
//     while (chunks_next(c, &cut, e) && cut.raw_n) ...
#pragma once
#include "log/clear.h"
#include "log/cut.h"

enum { CHUNK_BYTES = 512 << 10 };       // of a block, so that lines which grow still fit into one or two

struct chunks;
// Takes `in`, also when it fails. From its present place on.
struct chunks *chunks_new(struct clear *in, struct err *e);
void chunks_free(struct chunks *c);
// What comes next, without taking it: at most CHUNK_BYTES, for a look at the first lines.
struct str chunks_peek(const struct chunks *c);
uint64_t chunks_eaten(const struct chunks *c);          // bytes of the file so far, for progress
// Goes to an offset ahead, and gives the hash of the 256 bytes before it. ERR_INPUT: the text ends before.
bool chunks_go(struct chunks *c, uint64_t offset, unsigned char tail[TAIL_HASH], struct err *e) MUST_USE;
// Whole lines; or one line above LINE_MAX_BYTES (its beginning, BLOCK_LONG); or at the end what has no line break
// (BLOCK_TORN; a line break may be written behind it). raw_n 0: the end. LTSV_SLACK bytes around the text are
// readable, and the 256 bytes before it are those of the file.
bool chunks_next(struct chunks *c, struct cut *out, struct err *e) MUST_USE;
