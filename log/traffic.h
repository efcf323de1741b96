// traffic.h: the lines of a service, counted for a release that looks at its canary (store tables traffic,
// traffic_client, traffic_mark; a row of traffic_want asks for them).
//
// While a want is open, each line of a host of that service is counted by route, kind of answer and time. A route is
// one of the pages that the want lists, or "other"; a release fixes them before it switches.
//
// With `sticky` clients are counted too, those of one mark (half a second) apart from those of the next: traffic_client
// says how many there were at most, and a client who comes back in the same minute counts again. What share of them had
// a bad answer is right as long as good and bad ones come back equally often; how many people they were it does not
// say.
//
//     struct wants *w;
//     if (!traffic_wants(db, site, now_ms(), &w, e))          // NULL: nobody wants anything
//     figures_want(f, wants_share(w));                        // for each thread
#pragma once
#include "log/figures.h"
#include "site/site.h"
#include "store/store.h"

enum { WANTS_MAX = 8, ROUTES_MAX = 64, TRAFFIC_CLIENTS = 65536, LAT_MAX = 136 };

// What is left of an answer: the first digit of its status; 0, the client gave up (499); 6, a 200 with under a tenth
// of the page's usual body.
enum traffic_class { CLASS_GONE = 0, CLASS_SHORT = 6 };

struct want {
    struct str service;
    struct strs hosts, routes;          // routes.at[i] is route i; ROUTES_MAX at most; what is none of them is routes.n
    double usual_bytes[ROUTES_MAX + 1]; // mean body of the day before; 0 = not known
    bool sticky;                        // clients are counted too
    int64_t since_us, until_us;         // of the lines' own time
};

struct wants { int refs; size_t n; struct want at[WANTS_MAX]; struct arena arena; };

bool traffic_wants(struct db *db, const struct site *s, struct str dataset, int64_t now_ms, struct wants **out,
                   struct err *e) MUST_USE;
struct wants *wants_share(struct wants *w);
void wants_drop(struct wants *w);       // the last one frees it
bool wants_same(const struct wants *a, const struct wants *b);

int traffic_lat(int64_t ms);            // 0 under 1 ms, else 1 + floor(8 log2 ms), at most LAT_MAX

// Inside a transaction: adds what the parts counted.
bool traffic_store(struct db *db, struct figures_part *const *parts, size_t n, struct err *e) MUST_USE;
// Lines of that host are counted and complete from since_ms until upto_ms: a minute that is not wholly between them
// must not be judged. upto_ms is what its agent says of itself; lines that wait in nginx's buffer (access_log ...
// flush=) for longer than PACE_FLUSH are not known of. `begins`: counting has begun anew. Otherwise since_ms stays and
// upto_ms only grows.
struct complete { struct str service, host; int64_t since_ms, upto_ms; bool begins; };
bool traffic_complete(struct db *db, const struct complete *c, struct err *e) MUST_USE;
// Rows that nobody looks at any more.
bool traffic_forget(struct db *db, int64_t now_ms, struct err *e) MUST_USE;
