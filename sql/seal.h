// seal.h: the files of an hour become one sorted file (more when there are many rows), for the log server.
//
//     rusuban-sql seal LAKE/NAME
//     in   {"files": ["live/dt=../hour=../m-1.parquet", ...], "out": "dt=../hour=../log-0001.parquet",
//           "columns": [{"name": "time", "type": 0, "id": 1}, ...], "max_rows": 4000000}
//     out  {"files": [{"path", "rows", "bytes", "low_us", "high_us", "columns": [bytes, ...], "crc"}]}
//
// Sorted by user_id, client, time: a person's trail then is a few pages of a file instead of all of them, and the file
// is a seventh smaller. Every file is flushed before it is named. What a seal that died left behind, the next one
// overwrites.
#pragma once
#include "base/base.h"

bool seal_run(const char *dir, struct str input, struct buf *output, struct err *e) MUST_USE;
