// place.h: where something stands in a JSON text, which a parser's tree no longer knows.
#pragma once
#include "base/base.h"

enum { BODY_DEPTH_MAX = 8 };

// The deepest nesting of brackets outside of strings; for any bytes.
size_t place_depth(struct str json);
// Line and column (from 1) of a key of the outermost object; both 0 when it is not there, or written with escapes.
void place_of_key(struct str json, struct str key, int *line, int *col);
