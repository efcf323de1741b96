// ledger.h: what was committed, line by line, so that anybody can add up that every byte became a row, a bad row or blank.
//
// LAKE/NAME/ledger/2018-02-15T11.jsonl (hour of the commit, UTC, never below that of the line before), one JSON object a line:
//   {"from":LSN,"to":LSN,"at_us":..,"streams":[{"id":7,"host":"app1","path":"/var/log/nginx/access.log","from":0,"to":1048576,
//    "lines":2300,"rows":2299,"bad":1,"blank":0,"imported":0}],"done":[{"id":7,"size":1048576,"why":1,"host":..,"path":..}],
//    "files":[{"path":"live/dt=../m-1.parquet","rows":2299}],"bad_files":[..]}      a commit
//   {"seal":{"from":[{"path":..,"rows":..}],"to":[..]},"at_us":..}                  files were replaced by sealed ones
//   {"dropped":[{"path":..,"rows":..}],"at_us":..}                                  files became too old
// A commit's line is flushed before the catalog that says the same; one beyond the catalog's `done` is cut off at the start.
#pragma once
#include "base/base.h"

// Appends the line (which has its line break) and flushes it.
bool ledger_add(const char *table_dir, int64_t at_us, struct str line, struct err *e) MUST_USE;
// Cuts commits with "to" above done off the newest files.
bool ledger_cut(const char *table_dir, uint64_t done, struct err *e) MUST_USE;
