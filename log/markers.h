// markers.h: releases on a time line: when each first went live on a host.
#pragma once
#include "store/store.h"

enum { MARKERS_MAX = 500 };     // the newest ones, when there are more

// Into an open JSON array, in order of time: those of [from_ms, to_ms).
bool markers_put(struct arena *a, struct db *db, int64_t from_ms, int64_t to_ms, struct buf *out,
                 struct err *e) MUST_USE;
