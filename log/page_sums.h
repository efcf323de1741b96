// page_sums.h: every page of a dataset over some time: requests, times, errors; the slowest first. For `rusuban log
// pages` and the pages.
//
//     OWN(page_sums_drop) struct page_sums s = {0};
//     if (!page_sums_read(a, &s, db, S("access"), &times, zone, e)) ...
#pragma once
#include "log/minute.h"
#include "log/times.h"

// from .. to: what they are about, in whole minutes, hours or days, as they are kept. note: what the person should know
// of that, or of which days there are figures when there are none; or NULL; in the arena.
struct page_sums { struct page_minute **at; size_t n; int64_t from_ms, to_ms; const char *note; };

// Checked times; where nothing is given the last day.
bool page_sums_read(struct arena *a, struct page_sums *s, struct db *db, struct str dataset, const struct times *t,
                    const char *zone, struct err *e) MUST_USE;
void page_sums_drop(struct page_sums *s);

// One of them as it is told; times are -1 where lines have no reqtime.
struct page_sum { int64_t id, p50_ms, p95_ms; struct str page; uint64_t requests, e4xx, e5xx, bytes; };
struct page_sum page_sum_of(const struct page_minute *m);
void page_sum_json(struct buf *b, const struct page_sum *s);
