// stream.h: the rows of a result, as frames, a few at a time; never all of them in memory.
#pragma once
#include "sql/engine.h"

// Every column is a VARCHAR. limit: rows at most (0: no limit); *more: there were others. false: *why is what DuckDB
// said, or *e is set.
bool stream_rows(int socket, duckdb_result r, size_t columns, uint64_t limit, uint64_t *rows, bool *more,
                 const char **why, struct err *e) MUST_USE;
