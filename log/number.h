// number.h: texts of a typed column become numbers, a batch at a time.
#pragma once
#include "log/ltsv.h"

// is[i]: v[i] is a number. misfit[i]: the text says something that v[i] does not hold: it is no number, or several
// upstreams' times were added. 8 bytes before and 16 behind every cell are readable. Returns whether there is any
// misfit.
bool number_read(enum column_type type, const char *text, const struct cell *cells, size_t n, int64_t *v, bool *is,
                 bool *misfit);
