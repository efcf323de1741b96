// known.h: what the pool, which may look everywhere, tells the processes that may not: which datasets there are, and
// what the store knows of releases and pages.
#pragma once
#include "base/base.h"

// Directories of the lake that have a manifest, by name; the same as one text, to be compared.
const char *known_datasets(struct arena *a, const char *lake, struct strs *out);
// {"releases": [["web", 12, "done", ms, "rollback", 10]...], "pages": ["/works/{n}"...]}; empty lists where there is no store.
void known_store(const char *data, struct buf *out);
