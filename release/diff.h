// diff.h: what two releases differ in, line by line, as the JSON of a Diff (release_shapes.c). Runs in a process of its
// own, since git may take long.
#pragma once
#include "base/base.h"
#include "site/site.h"
#include "store/store.h"

bool diff_make(struct arena *a, struct db *db, const char *data, const struct service *svc, int64_t number,
               int64_t against, struct buf *out, struct err *e) MUST_USE;
