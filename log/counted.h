// counted.h: figures on their way from the readers to the store, in the lake's thread.
//
// At every mark readers hand over what they counted (only at commits while no release looks at its canary); at a
// commit it is stored with the commit's LSN before the commit becomes durable, so that after a crash records are
// counted once: those below log_mark are skipped when the write-ahead log is read again. What cannot be stored waits
// for the next time.
//
//     struct counted *c = counted_open(data, site_path, tables, e);       // before readers start
//     counted_take(c, parts, n);                  // every mark
//     if (!counted_commit(c, lsn, e))             // before a commit is durable
#pragma once
#include "log/reader.h"

struct counted;
struct counted *counted_open(const char *data, const char *site_path, struct tables *t, struct err *e) MUST_USE;
void counted_close(struct counted *c);
void counted_take(struct counted *c, struct part *const *parts, size_t n);
bool counted_commit(struct counted *c, uint64_t lsn, struct err *e) MUST_USE;
