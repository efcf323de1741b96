// record.c: one column list, one reader; every question is a whole statement beside the function that asks it.
#include "release/record.h"
#include "base/clock.h"
#include <sodium.h>

// Undone: what came after it went back from it. The next one that was done, whatever came of others between them.
#define UNDONE_BY \
    "iif(state = 'done' and kind = 'release', (select iif(n.kind = 'rollback' and n.target <> release.target," \
    " n.number, 0) from release n where n.service = release.service and n.number > release.number" \
    " and n.state = 'done' order by n.number limit 1), 0)"
#define COLUMNS \
    "id, number, target, base, commits, files, changed, bytes, created_at, started_at, state_at, ended_at, " \
    UNDONE_BY ", " \
    "service, kind, wanted, rev, tree, branch, subject, author, asked_by, via, override, why, aborting, site, " \
    "warnings, stopped, stopped_by, reason, verdict, state"

static void read_row(struct arena *a, const struct rows *r, struct record *x)
{
    int64_t *const numbers[] = {&x->id,      &x->number, &x->target,     &x->base,       &x->commits,  &x->files,
                                &x->changed, &x->bytes,  &x->created_at, &x->started_at, &x->state_at, &x->ended_at,
                                &x->undone_by};
    struct str *const texts[] = {&x->service, &x->kind, &x->wanted, &x->rev, &x->tree, &x->branch, &x->subject,
                                 &x->author, &x->asked_by, &x->via, &x->override, &x->why, &x->aborting, &x->site,
                                 &x->warnings, &x->stopped, &x->stopped_by, &x->reason, &x->verdict};
    int col = 0;
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        *numbers[i] = row_int(r, col++);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        *texts[i] = row_str(a, r, col++);
    if (!state_parse(row_str(a, r, col), &x->state))
        x->state = FAILED;      // a state of a newer program: an end for us
    x->rollback = str_eq(x->kind, S("rollback"));
}

static bool read_all(struct arena *a, struct rows *r, struct records *out, struct err *e)
{
    while (r && rows_next(r, e)) {
        struct record x = {0};
        read_row(a, r, &x);
        vec_push(a, out, x);
    }
    return r && !rows_failed(r);
}

static bool read_one(struct arena *a, struct rows *r, struct record *out, struct err *e)
{
    struct records all = {0};
    if (!read_all(a, r, &all, e))
        return false;
    if (all.n == 0)
        return err_set(e, ERR_NOT_FOUND, "no such release");
    *out = all.at[0];
    return true;
}

bool record_find(struct arena *a, struct db *db, struct str service, int64_t number, struct record *out, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(db, e, "select " COLUMNS " from release where service = ? and number = ?",
                                      VALS(V(service), V(number)));
    if (read_one(a, r, out, e))
        return true;
    if (e->kind == ERR_NOT_FOUND) {
        err_set(e, ERR_NOT_FOUND, STR_F " has no release %lld", STR_A(service), (long long)number);
        err_hint(e, "rusuban release history " STR_F, STR_A(service));
    }
    return false;
}

bool record_by_id(struct arena *a, struct db *db, int64_t id, struct record *out, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(db, e, "select " COLUMNS " from release where id = ?", VALS(V(id)));
    return read_one(a, r, out, e);
}

bool record_open(struct arena *a, struct db *db, struct str service, struct record *out, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(db, e, "select " COLUMNS " from release where service = ? and ended_at is null "
                                      "order by state = 'queued', id limit 1", VALS(V(service)));
    if (read_one(a, r, out, e))
        return true;
    if (e->kind == ERR_NOT_FOUND)
        err_set(e, ERR_NOT_FOUND, "no release of " STR_F " is running", STR_A(service));
    return false;
}

static bool is_held(struct db *db, const struct record *r)
{
    struct err ignored = {0};
    int64_t n = 0;
    return sql_int(db, &ignored, &n, "select count(*) from lock where release = ? and lifted_at is null",
                   VALS(V(r->id))) && n > 0;
}

const char *record_person_must(struct db *db, const struct record *r)
{
    if (r->state == NEEDS_HUMAN || is_held(db, r))
        return "continue";
    return r->state == ASKING ? "approve" : NULL;
}

bool record_list(struct arena *a, struct db *db, struct str service, int64_t before_id, int limit, struct records *out,
                 struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(db, e, "select " COLUMNS " from release where (?1 = '' or service = ?1) "
                                      "and (?2 = 0 or id < ?2) order by id desc limit ?3",
                                      VALS(V(service), V(before_id), V(limit)));
    return read_all(a, r, out, e);
}

bool record_unfinished(struct arena *a, struct db *db, struct records *out, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(db, e, "select " COLUMNS " from release where ended_at is null "
                                      "order by state = 'queued', id", NO_VALS);
    return read_all(a, r, out, e);
}

bool record_end_marks(struct db *db, int64_t id, struct err *e)
{
    return sql_do(db, e, "update traffic_want set until = ? where release = ? and until is null", VALS(V(now_ms()), V(id)));
}

bool record_live(struct db *db, struct str service, int64_t *out, struct err *e)
{
    if (sql_int(db, e, out,
                "select target from release where service = ? and state = 'done' order by number desc limit 1",
                VALS(V(service))))
        return true;
    *out = 0;
    return e->kind == ERR_NOT_FOUND;
}

bool record_live_by(struct arena *a, struct db *db, struct str service, struct record *out, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(db, e, "select " COLUMNS " from release where service = ? and state = 'done' "
                                      "order by number desc limit 1", VALS(V(service)));
    return read_one(a, r, out, e);
}

bool record_good(struct arena *a, struct db *db, struct str service, int keep, struct records *out, struct err *e)
{
    // What was live and may be live again: done releases up to the live one, less those that a rollback left since they
    // last came live. Going back once more must not end on the bad release that the live one replaced.
    OWN_ROWS struct rows *r = sql_ask(db, e, "select " COLUMNS " from release where service = ?1 and kind = 'release' "
        "and state = 'done' and number <= coalesce((select target from release where service = ?1 and state = 'done' "
        "order by number desc limit 1), 0) and not exists (select 1 from release b where b.service = ?1 "
        "and b.kind = 'rollback' and b.state = 'done' and b.base = release.number and b.target < b.base "
        "and b.number > (select max(c.number) from release c where c.service = ?1 and c.state = 'done' "
        "and c.target = release.number)) order by number desc limit ?2", VALS(V(service), V(keep)));
    return read_all(a, r, out, e);
}

bool record_done(struct arena *a, struct db *db, struct str service, int most, struct records *out, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(db, e, "select " COLUMNS " from release where service = ? and kind = 'release' "
                                      "and state = 'done' order by number desc limit ?", VALS(V(service), V(most)));
    return read_all(a, r, out, e);
}

bool record_add(struct db *db, struct record *r, struct err *e)
{
    int64_t now = now_ms();
    if (!sql_int(db, e, &r->number, "select max(coalesce((select max(number) from release where service = ?1), 0), "
                 "coalesce((select above from fence where service = ?1), 0)) + 1",
                 VALS(V(r->service))))
        return false;
    if (!r->rollback)
        r->target = r->number;
    r->state = QUEUED;
    r->created_at = r->state_at = now;
    if (!sql_do(db, e,
                "insert into release (service, number, kind, wanted, target, branch, asked_by, via, override, site, "
                "reason, state, state_at, created_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?)",
                VALS(V(r->service), V(r->number), V(r->rollback ? "rollback" : "release"), V(r->wanted), V(r->target),
                     V(r->branch), V(r->asked_by), V(r->via), V(r->override), V(r->site), V(r->reason), V(now), V(now))))
        return false;
    r->id = sql_last_id(db);
    return true;
}

bool record_site(struct arena *a, struct db *db, struct str text, struct str *hash, struct err *e)
{
    unsigned char h[32];
    char hex[64];
    crypto_generichash(h, sizeof h, (const unsigned char *)text.p, text.n, NULL, 0);
    hex_encode(h, sizeof h, hex);
    *hash = str_dup(a, (struct str){hex, sizeof hex});
    return sql_do(db, e, "insert or ignore into site_text (hash, text, at) values (?, ?, ?)",
                  VALS(V(*hash), V(text), V(now_ms())));
}
