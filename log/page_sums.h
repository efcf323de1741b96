// page_sums.h: every page of a dataset over some time: requests, times, errors; the slowest first. For `rusuban log
// pages` and the pages.
//
//     OWN(page_sums_drop) struct page_sums s = {0};
//     if (!page_sums_read(&s, db, S("access"), 24 * HOUR, e)) ...
#pragma once
#include "log/minute.h"

struct page_sums { struct page_minute **at; size_t n; };

// since_ms back from now: from minutes, hours or days, as they are kept.
bool page_sums_read(struct page_sums *s, struct db *db, struct str dataset, int64_t since_ms, struct err *e) MUST_USE;
void page_sums_drop(struct page_sums *s);

// One of them as it is told; times are -1 where lines have no reqtime.
struct page_sum { int64_t id, p50_ms, p95_ms; struct str page; uint64_t requests, e4xx, e5xx, bytes; };
struct page_sum page_sum_of(const struct page_minute *m);
void page_sum_json(struct buf *b, const struct page_sum *s);
// "7d", at most what is kept; an empty one is 1d. what: who is blamed, as in "--since".
bool page_sums_since(struct str text, const char *what, int64_t *ms, struct err *e) MUST_USE;
