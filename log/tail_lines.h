// tail_lines.h: what a page is sent of a tail: lines with numbers, so many a second, and how many were left out.
//
//     struct tail_lines t = tail_lines_make(tell, arg);
//     tail_lines_take(&t, text, tick_ms());       // whole lines; "skipped:N" counts what the log server left out
//     tail_lines_flush(&t);                       // what is not told yet
//     tail_lines_drop(&t);
//
// Told are JSON objects {"line": number of the first, "skipped": left out just before it, "lines": [...]}. Lines that
// are left out have numbers too, so whoever misses a message sees how much it held. What unmet.h says is an object
// of its own.
#pragma once
#include "base/base.h"

enum {
    TAIL_A_SECOND = 200,        // more than that nobody reads
    TAIL_LINE_MAX = 8000,       // of a longer line the beginning is told, and an ellipsis
};

struct tail_lines {
    void (*tell)(void *arg, struct str json);
    void *arg;
    uint64_t next;              // number of the next line; the first is 1
    uint64_t skipped;           // since what was told last
    int64_t second;
    unsigned told;              // in that second
    struct buf json;            // a message that is not told yet, or empty
    size_t bytes;               // of lines in it
};

struct tail_lines tail_lines_make(void (*tell)(void *arg, struct str json), void *arg);
void tail_lines_take(struct tail_lines *t, struct str text, int64_t tick_ms);
void tail_lines_flush(struct tail_lines *t);
void tail_lines_drop(struct tail_lines *t);
