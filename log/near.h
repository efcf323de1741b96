// near.h: pages that somebody may have meant who named one that is not there.
#pragma once
#include "base/base.h"

// The nearest of the known ones, "/works/{n}, /works"; NULL when none is near.
const char *near_pages(struct arena *a, const struct strs *known, struct str page);
