// minute.h: the figures of all pages and hosts, minute by minute, hour by hour, day by day, in the store.
//
// One row holds everything of a minute: 1,500 rows a minute would make the store the largest database of the house.
// Lines that come late are merged into the row that is there. Minutes stay 48 hours, hours 35 days, days (UTC) 400
// days.
//
//     uint64_t lsn;
//     if (!figures_mark(db, S("access"), &lsn, e))            // records below it were counted before we were killed
//     ...
//     if (!figures_store(db, S("access"), lsn, parts, n, e))
//     ...
//     minute_read(db, S("access"), SPAN_MINUTE, from, to, on_page, on_host, self, e);
//
// A row, clear: 1 byte 1, then for each page or host by key, each with its length before it (LEB128): key (page: u32
// id, big-endian; host: its name), body: n, 4xx, 5xx, bytes, clients and their hashes, two histograms (hist_put).
// Packed by zstd.
#pragma once
#include "log/figures.h"
#include "store/store.h"

enum span { SPAN_MINUTE, SPAN_HOUR, SPAN_DAY, SPANS };
int32_t span_minutes(enum span s);                      // 1, 60, 1440

// What one page or host did in one minute, hour or day.
struct page_minute {
    int32_t minute;
    int64_t page;                       // its id in log_page; 0 = (other); hosts: -1
    struct str name;                    // of the page, or the host
    uint64_t n, c4, c5, bytes;
    uint32_t clients, client[CLIENTS_MAX];
    struct hist reqtime, apptime;
};
typedef void minute_fn(void *arg, const struct page_minute *m);

// One transaction: merges what the parts counted (each with its earlier ones), and remembers lsn. Merging nothing is
// fine.
bool figures_store(struct db *db, struct str dataset, uint64_t lsn, struct figures_part *const *parts, size_t n,
                   struct err *e) MUST_USE;
// 0: nothing was counted.
bool figures_mark(struct db *db, struct str dataset, uint64_t *lsn, struct err *e) MUST_USE;
// Names of the pages that are known, for figures_new.
bool figures_pages(struct arena *a, struct db *db, struct str dataset, struct strs *out, struct err *e) MUST_USE;

// Rows of [from, to) in order of time; within one, pages by id, then hosts. Either function may be NULL. A page into
// which others were folded may come more than once in a row: whoever reads adds. A row that rot has damaged is said and
// passed over, from the damage on: the others still tell a past.
bool minute_read(struct db *db, struct str dataset, enum span s, int32_t from, int32_t to, minute_fn *on_page,
                 minute_fn *on_host, void *arg, struct err *e) MUST_USE;

// The same of one page (an id that was not folded into another one): a tenth of the time.
bool minute_read_page(struct db *db, struct str dataset, enum span s, int32_t from, int32_t to, int64_t page,
                      minute_fn *fn, void *arg, struct err *e) MUST_USE;

// The inside, for tests: bodies by key.
void minute_put(struct buf *b, struct str key, const struct page_minute *m);
// Takes one from the front of *in. false: it is damaged.
bool minute_cut(struct str *in, struct str *key, struct page_minute *m);
// Both sorted by key; adds up what has the same.
bool minute_merge(struct str a, struct str b, struct buf *out);
