// stale.h: files that were replaced and may still be read. They go when they have stayed a while and no reader holds a
// lease of a time before.
//
// A lease is LAKE/spill/SESSION/lease, locked (flock) as long as its session lives. It holds the generation of the
// catalog that was read, or 0 while one is being read.
#pragma once
#include "base/base.h"
#include <sys/queue.h>

struct stale_file;
struct stale { char lake[4000]; STAILQ_HEAD(, stale_file) files; };

void stale_make(struct stale *s, const char *lake);
void stale_drop(struct stale *s);
// path is not in any catalog from `generation` on.
void stale_add(struct stale *s, const char *path, uint64_t generation);
// Removes what may go; returns how many were removed. shown: a catalog of that generation is what readers find, so what
// left later stays.
size_t stale_sweep(struct stale *s, uint64_t shown);
