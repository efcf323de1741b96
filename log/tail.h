// tail.h: durable lines as they come, to persons who watch. What they cannot take in is skipped and counted: nobody who
// ships logs ever waits for them.
//
// Readers offer lines; the loop sends what was collected each time its bell rings.
#pragma once
#include "base/base.h"

struct peer;
struct log_server;

// "DATASET\nFILTER"; FILTER as in where.h, or empty.
bool tail_begin(struct peer *p, struct str what, struct err *e) MUST_USE;
void tail_end(struct peer *p);          // also for a peer that never began
void tail_flush(struct log_server *s);
bool tail_wanted(void);                 // by anybody; cheap
// Whole lines of that dataset from that host. From any thread.
void tail_offer(uint16_t dataset, struct str host, struct str lines, int bell);
