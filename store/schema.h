// schema.h: brings an opened store forward to the schema that this program knows. Used by db.c and tests only.
#pragma once
#include "base/err.h"
#include <sqlite3.h>

// Applies the numbered files that the store has not seen, each in a transaction of its own. Several processes may
// do this at once: each file is applied by exactly one of them. A store newer than the program is ERR_STATE.
bool schema_forward(sqlite3 *s, const char *path, struct err *e) MUST_USE;
