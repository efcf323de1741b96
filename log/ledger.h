// ledger.h: what was committed, line by line, so that anybody can add up that every byte became a row, a bad row or
// blank.
//
// LAKE/NAME/ledger/2018-02-15T11.jsonl (hour of the commit, UTC, never below that of the line before), one JSON object
// a line:
//   {"from":LSN,"to":LSN,"at_us":..,"streams":[{"id":7,"host":"app1","path":"/var/log/nginx/access.log","from":0,
//    "to":1048576,"lines":2300,"rows":2299,"bad":1,"blank":0,"imported":0}],
//    "done":[{"id":7,"size":1048576,"why":1,"host":..,"path":..}],
//    "files":[{"path":"live/dt=../m-1.parquet","rows":2299}],"bad_files":[..]}      a commit
//   {"seal":{"from":[{"path":..,"rows":..}],"to":[..]},"generation":G,"at_us":..}   files were replaced by sealed ones
//   {"dropped":[{"path":..,"rows":..}],"generation":G,"at_us":..}                   files became too old
// A line is flushed before the catalog that says the same. What came of a crash or a full disk between the two, a
// commit beyond the catalog's `done` and a change beyond its generation, is cut off before another line is added.
#pragma once
#include "base/base.h"

// Names of its files, oldest first; none when there is no ledger.
bool ledger_files(struct arena *a, const char *table_dir, struct strs *out, struct err *e) MUST_USE;
// Appends the line (which has its line break) and flushes it.
bool ledger_add(const char *table_dir, int64_t at_us, struct str line, struct err *e) MUST_USE;
// Cuts what is behind a flushed catalog of that `done` and generation off the newest files. More than a crash leaves
// there is kept in LAKE/NAME/aside.
bool ledger_cut(const char *table_dir, uint64_t done, uint64_t generation, struct err *e) MUST_USE;
