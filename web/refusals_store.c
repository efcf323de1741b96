// refusals_store.c: numbers of refusals on their way into the audit log. Until their minute is over they are rows of
// the table `refused`, written anew each second in which one changed: 80 at most.
#include "base/say.h"
#include "store/chain.h"
#include "web/request.h"
#include <stdio.h>

static bool add_line(struct db *db, struct str who, struct str from, int64_t more, struct err *e)
{
    char after[40];
    snprintf(after, sizeof after, "{\"more\":%lld}", (long long)more);
    return chain_add(db, &(struct deed){.who = who, .from = from, .verb = S("refused"), .after = str_z(after)}, e);
}

static bool any_due(const struct refusals *r, int64_t tick_ms)
{
    size_t at = 0;
    return refusals_due(r, &at, tick_ms) != NULL;
}

// Those that are due become lines, the others rows.
static bool put(struct db *db, const struct refusals *r, int64_t tick_ms, struct err *e)
{
    size_t at = 0, next = 0;
    const struct refused *due = refusals_due(r, &next, tick_ms);
    for (; at < ARRAY_LEN(r->at); at++) {
        const struct refused *x = &r->at[at];
        if (x == due && !add_line(db, str_z(x->name), str_z(x->from), x->more, e))
            return false;
        if (x != due && x->more
            && !sql_do(db, e, "insert into refused (who, origin, more) values (?, ?, ?) on conflict (who, origin)"
                       " do update set more = more + excluded.more", VALS(V(x->name), V(x->from), V(x->more))))
            return false;
        if (x == due)
            due = refusals_due(r, &next, tick_ms);
    }
    return true;
}

// What fails is tried again a second later: until then nothing is forgotten.
void refusals_sweep(struct web *w, int64_t tick_ms)
{
    struct refusals *people = &w->refusals, *strangers = &w->strangers;
    struct err e;
    if (!people->changed && !strangers->changed && !any_due(people, tick_ms) && !any_due(strangers, tick_ms))
        return;
    if (sql_begin(w->db, &e) && sql_do(w->db, &e, "delete from refused", NO_VALS) && put(w->db, people, tick_ms, &e)
        && put(w->db, strangers, tick_ms, &e) && sql_commit(w->db, &e)) {
        refusals_told(people, tick_ms);
        refusals_told(strangers, tick_ms);
        return;
    }
    sql_undo(w->db);
    say_err("audit.refused", &e);
}

static bool recall(struct arena *a, struct db *db, struct err *e)
{
    struct { struct left { struct str who, from; int64_t more; } *at; size_t n, cap; } all = {0};
    struct rows *r = sql_ask(db, e, "select who, origin, more from refused", NO_VALS);
    while (r && rows_next(r, e))
        vec_push(a, &all, ((struct left){row_str(a, r, 0), row_str(a, r, 1), row_int(r, 2)}));
    bool ok = r && !rows_failed(r);
    rows_drop(r);
    for (size_t i = 0; ok && i < all.n; i++)
        ok = add_line(db, all.at[i].who, all.at[i].from, all.at[i].more, e);
    return ok && (!all.n || sql_do(db, e, "delete from refused", NO_VALS));
}

void refusals_recall(struct db *db)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct err e;
    if (sql_begin(db, &e) && recall(&a, db, &e) && sql_commit(db, &e))
        return;
    sql_undo(db);
    say_err("audit.refused", &e);
}
