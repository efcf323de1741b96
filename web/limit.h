// limit.h: how often may an address come? So many times a minute, counted per minute for the addresses seen last.
#pragma once
#include "web/gate.h"

enum { LIMIT_ADDRESSES = 256 };

struct limit {
    unsigned per_minute;
    struct visitor { struct address address; int64_t since_ms; unsigned visits; } visitors[LIMIT_ADDRESSES];
};

// Counts a visit. False: too many; *wait_s is when the minute is over.
bool limit_visit(struct limit *l, struct address from, int64_t tick, int *wait_s);
