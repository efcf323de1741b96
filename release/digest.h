// digest.h: gives every file that was found its SHA-256: from the stat cache when it is the same file as then, else by
// reading it. A file that changes while it is read is an error that names it.
#pragma once
#include "release/found.h"

// cache: path of the stat cache, which is rewritten when it learned something; that failing is only a warning.
bool digest_fill(struct arena *a, int tree, struct founds *f, const char *cache, struct buf *warnings,
                 struct err *e) MUST_USE;
