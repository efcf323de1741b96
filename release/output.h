// output.h: what a step printed, in one bounded file: the first 1 MiB and the last 7 MiB; what fell out is counted.
//
// Lines are cut at 8 KiB; bytes of secrets are replaced by ***. The file can be read while it grows. After
// output_close the file is whole: head, one line "... N bytes left out ...", tail.
#pragma once
#include "base/base.h"

struct output;
struct output *output_open(const char *path, const struct strs *secrets, struct err *e) MUST_USE;    // NULL: *e
void output_add(struct output *o, struct str piece);
void output_line(struct output *o, const char *format, ...) PRINTF(2, 3);   // a line of ours
uint64_t output_dropped(const struct output *o);
void output_close(struct output *o);                                        // NULL is fine
