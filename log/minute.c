// minute.c: reading the figures: see minute.h.
#include "log/minute_inner.h"
#include "log/page.h"
#include <endian.h>
#include <string.h>

enum { NAMES_BYTES = 32 << 20 };

bool figures_pages(struct arena *a, struct db *db, struct str dataset, struct strs *out, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(db, e,
        "select pattern from log_page where dataset = ? and merged_into is null order by id limit ?",
        VALS(V(dataset), V((int)PAGES_MAX)));
    if (!r)
        return false;
    while (rows_next(r, e))
        vec_push(a, out, row_str(a, r, 0));
    return !rows_failed(r);
}

struct names { struct arena a; VEC(struct str) pattern; VEC(int64_t) merged; };

static bool names_read(struct db *db, struct str dataset, struct names *n, struct err *e)
{
    n->a = arena_make(NAMES_BYTES);
    OWN_ROWS struct rows *r = sql_ask(db, e,
        "select id, pattern, coalesce(merged_into, 0) from log_page where dataset = ?", VALS(V(dataset)));
    if (!r)
        return false;
    while (rows_next(r, e)) {
        while (n->pattern.n <= (size_t)row_int(r, 0)) {
            vec_push(&n->a, &n->pattern, S("(other)"));
            vec_push(&n->a, &n->merged, 0);
        }
        n->pattern.at[row_int(r, 0)] = row_str(&n->a, r, 1);
        n->merged.at[row_int(r, 0)] = row_int(r, 2);
    }
    return !rows_failed(r);
}

static int64_t now_of(const struct names *n, int64_t id)
{
    for (int steps = 0; id > 0 && (size_t)id < n->merged.n && n->merged.at[id] && steps < 100; steps++)
        id = n->merged.at[id];
    return id;
}

// Whom to tell what. only: no page but this one; the bodies of others are not even read. 0: all.
struct telling { const struct names *names; minute_fn *on_page, *on_host; void *arg; int64_t only; };

static bool tell(struct str clear, int32_t minute, const struct telling *t, bool pages, struct err *e)
{
    static _Thread_local struct page_minute m;
    const struct names *names = pages ? t->names : NULL;
    while (clear.n) {
        struct str key, body;
        int64_t page = -1;
        bool ok = minute_cut_text(&clear, &key) && minute_cut_text(&clear, &body)
            && (!names || key.n == sizeof(uint32_t));
        if (ok && names) {
            uint32_t id;
            memcpy(&id, key.p, sizeof id);
            page = now_of(names, be32toh(id));
        }
        if (ok && t->only && page != t->only)
            continue;
        if (!ok || !minute_read_body(body, &m))
            return err_set(e, ERR_CHECK, "figures in the store are damaged");
        m.minute = minute;
        m.page = page;
        m.name = !names ? key : page > 0 && (size_t)page < names->pattern.n ? names->pattern.at[page] : S("(other)");
        (pages ? t->on_page : t->on_host)(t->arg, &m);
    }
    return true;
}

static bool tell_row(struct rows *r, const struct telling *t, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(2 * MINUTE_ROW_BYTES);
    OWN_BOTH struct both row = both_make();
    int32_t minute = (int32_t)row_int(r, 0);
    bool ok = true;
    if (t->on_page)
        ok = minute_row_unpack(&row.pages, row_str(&a, r, 1), e) && tell(buf_str(&row.pages), minute, t, true, e);
    if (ok && t->on_host)
        ok = minute_row_unpack(&row.hosts, row_str(&a, r, 2), e) && tell(buf_str(&row.hosts), minute, t, false, e);
    return ok;
}

static bool tell_sound(struct rows *r, struct str dataset, enum span s, const struct telling *t, struct err *e)
{
    struct err why;
    if (tell_row(r, t, &why))
        return true;
    if (why.kind == ERR_CHECK)
        minute_row_say_damaged(dataset, s, (int32_t)row_int(r, 0));
    else
        *e = why;
    return why.kind == ERR_CHECK;
}

static bool read_rows(struct db *db, struct str dataset, enum span s, int32_t from, int32_t to, struct telling t,
                      struct err *e)
{
    struct names names = {0};
    bool ok = !t.on_page || names_read(db, dataset, &names, e);
    t.names = &names;
    OWN_ROWS struct rows *r = ok ? minute_row_ask(db, dataset, s, from, to, e) : NULL;
    ok = r != NULL;
    while (ok && rows_next(r, e))
        ok = tell_sound(r, dataset, s, &t, e);
    ok = ok && !rows_failed(r);
    arena_drop(&names.a);
    return ok;
}

bool minute_read(struct db *db, struct str dataset, enum span s, int32_t from, int32_t to, minute_fn *on_page,
                 minute_fn *on_host, void *arg, struct err *e)
{
    return read_rows(db, dataset, s, from, to, (struct telling){.on_page = on_page, .on_host = on_host, .arg = arg}, e);
}

bool minute_read_page(struct db *db, struct str dataset, enum span s, int32_t from, int32_t to, int64_t page,
                      minute_fn *fn, void *arg, struct err *e)
{
    return read_rows(db, dataset, s, from, to, (struct telling){.on_page = fn, .arg = arg, .only = page}, e);
}
