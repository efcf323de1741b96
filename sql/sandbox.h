// sandbox.h: what a process that runs somebody's SQL may still do, and the kernel sees to it.
//
// Three fences, in this order, none of which can be taken down again: limits (memory, time, size of files), Landlock
// (which directories exist), seccomp (which calls of the kernel). They bind the calling thread and what it starts: the
// process has one thread. DuckDB's own settings come on top of them and are not counted on.
//
//     sandbox_limits(&limits, e) && sandbox_paths(read, n, spill, e) && sandbox_calls(e)
#pragma once
#include "base/base.h"
#include <sys/types.h>

struct sandbox_limits { int64_t memory, cpu_ms, file_bytes; };

// Before everything else: own process group, ends with its parent, gains no rights by exec, all descriptors closed but
// `keep`, which must stand in rising order.
bool sandbox_begin(pid_t parent, const int *keep, size_t n, struct err *e) MUST_USE;
bool sandbox_limits(const struct sandbox_limits *l, struct err *e) MUST_USE;
// Directories that may be read, and one that may be written (NULL: none). Called again it only takes away. ERR_STATE
// with the kernel option when this kernel has no Landlock.
bool sandbox_paths(const struct strs *read, const char *write, struct err *e) MUST_USE;
bool sandbox_calls(struct err *e) MUST_USE;
// The version of Landlock here; 0: none.
int sandbox_landlock(void);
