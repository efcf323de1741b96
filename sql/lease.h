// lease.h: a session's directory LAKE/spill/PID-N, and the file `lease` in it that keeps the log server from removing
// files which the session may still read.
//
// A lease is a file under flock: "0" while catalogs are being read, then the smallest generation that was read. The
// server keeps every replaced file while a lease of its generation or an older one is held. The kernel lets go of it
// with the process. The directory itself is under flock of the pool as long as the pool lives, so what a dead pool left
// is told from what is in use.
#pragma once
#include "base/base.h"

// In the pool. Removes what dead ones left.
bool spill_sweep(const char *lake, struct err *e) MUST_USE;
// Makes LAKE/spill/PID-N; *fd holds it.
bool spill_make(struct arena *a, const char *lake, unsigned n, const char **path, int *fd, struct err *e) MUST_USE;

// In the session. -1 and *e when it cannot be taken.
int lease_begin(const char *spill, struct err *e);
bool lease_holds(int fd, uint64_t generation, struct err *e) MUST_USE;
