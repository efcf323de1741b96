// run_begin.c: takes up a release: its own copy of the site, the turn of its service, a new fence.
#include "release/run_inner.h"
#include "base/clock.h"
#include "base/say.h"
#include "release/work.h"
#include <assert.h>
#include <stdlib.h>

enum { RUN_ARENA = 64 << 20 };

static bool load_site(struct run *r, struct err *e)
{
    struct str text;
    struct mistakes m = {0};
    if (!sql_str(&r->arena, r->worker->db, e, &text, "select text from site_text where hash = ?", VALS(V(r->rec.site))))
        return err_in(e, "the site file of release %lld", (long long)r->rec.number);
    if (!site_parse(&r->arena, text, &r->site, &m, e))
        return false;
    if (m.n)
        return err_set(e, ERR_STATE, "the site file it began with is not understood by this program");
    return site_need_service(r->site, r->rec.service, &r->svc, e);
}

static bool read_fence(struct run *r, struct err *e)
{
    OWN_ROWS struct rows *f = sql_ask(r->worker->db, e, "select number, over, server from fence where service = ?",
                                      VALS(V(r->rec.service)));
    if (!f || !rows_next(f, e))
        return false;
    r->fence = row_int(f, 0);
    r->over = row_int(f, 1);
    r->owner = str_f(&r->arena, STR_F "-%s", STR_A(row_str(&r->arena, f, 2)), r->worker->owner);
    return true;
}

static bool take_turn(struct run *r, struct err *e)
{
    struct db *db = r->worker->db;
    bool first = r->rec.state == QUEUED;
    int64_t live;
    if (!sql_do(
            db, e,
            "insert into fence (service, number, server) values (?, 1, lower(hex(randomblob(8)))) "
            "on conflict (service) do update set number = number + 1",
            VALS(V(r->rec.service))))
        return false;
    if (!read_fence(r, e))
        return false;
    const char *turn = first ? "insert into turn (service, release, owner, since) values (?1, ?2, ?3, ?4)"
                             : "insert or replace into turn (service, release, owner, since) values (?1, ?2, ?3, ?4)";
    if (!sql_do(db, e, turn, VALS(V(r->rec.service), V(r->rec.id), V(r->worker->owner), V(now_ms()))))
        return false;
    if (!first)
        return true;
    if (!record_live(db, r->rec.service, &live, e) ||
        !sql_do(db, e, "update release set started_at = ?, base = ? where id = ?",
                VALS(V(now_ms()), V(live), V(r->rec.id))))
        return false;
    r->rec.base = live;
    return run_write_state(r, r->rec.rollback ? STAGING : BUILDING, "", e);
}

// What cannot even be read: before anything was switched it ends here, plainly, and does not stand in the way of the
// next. After that a person must look: it keeps the turn until somebody says `leave` (requests.c).
static bool give_up(struct worker *w, int64_t id, const struct err *why, struct err *e)
{
    int64_t switched;
    if (!sql_int(w->db, e, &switched, "select count(*) from release_step where release = ? and step = 'switch'",
                 VALS(V(id))))
        return false;
    if (switched)
        return record_end_marks(w->db, id, e) && sql_do(w->db, e,
                      "update release set state = 'needs_human', why = ?1 where id = ?2 and (state <> 'needs_human' "
                      "or why <> ?1)", VALS(V(why->text), V(id)));
    return sql_do(w->db, e, "update release set state = 'failed', why = ?, ended_at = ?, state_at = ?2 where id = ?",
                  VALS(V(why->text), V(now_ms()), V(id))) && record_end_marks(w->db, id, e) &&
        sql_do(w->db, e, "delete from turn where release = ?", VALS(V(id)));
}

static struct run *run_new(struct worker *w, int64_t id, struct err *e)
{
    struct run *r = calloc(1, sizeof *r);
    assert(r);
    r->worker = w;
    r->arena = arena_make(RUN_ARENA);
    LIST_INSERT_HEAD(&w->runs, r, next);
    if (record_by_id(&r->arena, w->db, id, &r->rec, e) && load_site(r, e) && work_find_hosts(r, e))
        return r;
    struct err why = *e, ignored = {0};
    if (why.kind != ERR_IO && !give_up(w, id, &why, &ignored))
        say_err("release.store", &ignored);
    run_free(r);
    *e = why;
    return NULL;
}

bool run_begin(struct worker *w, const struct record *rec, struct err *e)
{
    struct run *r = run_new(w, rec->id, e);
    if (!r)
        return false;
    if (!sql_begin(w->db, e) || !take_turn(r, e) || !sql_commit(w->db, e)) {
        sql_undo(w->db);
        run_free(r);
        return false;
    }
    if (r->rec.state == QUEUED)
        r->rec.state = r->rec.rollback ? STAGING : BUILDING;
    say("release.begin", KV("service", r->rec.service), KV("release", r->rec.number),
        KV("state", state_row(r->rec.state)->name), KV("fence", r->fence));
    run_enter(r);
    return true;
}
