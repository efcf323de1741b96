// fault.h: "fail the Nth call", so that a test can make the third write, statement or child fail.
//
// Wrappers in base/ and store/ ask fault_hit() before the real call. In shipped builds it is a constant false.
// In test builds (RUSUBAN_FAULTS defined) a test sets a counter, or the environment does:
// RUSUBAN_FAULT=file#3 fails the third file call of the process with EIO.
#pragma once
#include "base/def.h"

enum fault { FAULT_FILE, FAULT_SQL, FAULT_CHILD, FAULT_KINDS };

#ifdef RUSUBAN_FAULTS
bool fault_hit(enum fault kind);                // counts the call; true: pretend that it failed (errno is set)
void fault_set(enum fault kind, unsigned nth);  // 1 = the next call; 0 = none
unsigned fault_count(enum fault kind);          // calls since the last fault_set
// For crash tests: RUSUBAN_DIE=WORD[#N] kills this process (SIGKILL) at the Nth passing of the point named WORD.
// RUSUBAN_DIE_ONCE=DIR kills it at a point whose name is a file in DIR, and takes the file away, so that the process
// started after it passes. Each byte in the file lets one passing go by before. Children inherit this variable.
void fault_die_at(const char *point);
#else
static inline bool fault_hit(enum fault kind)       { (void)kind; return false; }
static inline void fault_die_at(const char *point)  { (void)point; }
#endif
