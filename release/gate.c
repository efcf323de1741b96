// gate.c: a lock row without release and not lifted, then the window of the site file.
#include "release/gate.h"
#include "base/clock.h"

static struct str until_text(struct arena *a, int64_t until, const char *zone)
{
    char t[TIME_TEXT_MAX];
    return until ? str_f(a, " until %s", time_local(until, zone, false, t)) : S("");
}

static bool no_lock(struct arena *a, struct db *db, struct str service, const char *zone, struct closed *c)
{
    struct err e = {0};
    OWN_ROWS struct rows *r = sql_ask(db, &e,
                                      "select author, reason, until from lock where service = ? and release is null "
                                      "and lifted_at is null and (until is null or until > ?) order by id limit 1",
                                      VALS(V(service), V(now_ms())));
    *c = (struct closed){.locked = true};
    if (!r || (!rows_next(r, &e) && rows_failed(r))) {
        c->why = str_f(a, "the store cannot be asked for locks: %s", e.text);
        return false;
    }
    struct str author = row_str(a, r, 0);
    if (author.n == 0)
        return true;
    c->until_ms = row_int(r, 2);
    c->why = str_f(a, STR_F " is locked by " STR_F ": \"" STR_F "\"" STR_F, STR_A(service), STR_A(author),
                   STR_A(row_str(a, r, 1)), STR_A(until_text(a, c->until_ms, zone)));
    return false;
}

bool gate_open(struct arena *a, struct db *db, const struct site *site, const struct service *svc, struct closed *c)
{
    if (!no_lock(a, db, svc->name, str_zdup(a, site->timezone), c))
        return false;
    *c = (struct closed){0};
    return window_open(a, site, svc, now_ms(), &c->until_ms, &c->why);
}
