// book.c: see book.h.
#include "log/book.h"
#include "base/clock.h"

enum { PAGES_BYTES = 32 << 20 };

void book_drop(struct book *k)
{
    pages_free(k->pages);
    arena_drop(&k->a);
}
static void book_put(struct book *k, int page, int64_t id, struct str pattern)
{
    while (k->known.n <= (size_t)page)
        vec_push(&k->a, &k->known, ((struct known){-1, {0}}));
    k->known.at[page] = (struct known){id, pattern};
}

bool book_read(struct db *db, struct str dataset, struct book *k, struct err *e)
{
    k->pages = pages_new();
    k->a = arena_make(PAGES_BYTES);
    book_put(k, PAGE_OTHER, 0, S("(other)"));
    OWN_ROWS struct rows *r = sql_ask(db, e,
        "select id, pattern from log_page where dataset = ? and merged_into is null order by id", VALS(V(dataset)));
    if (!r)
        return false;
    while (rows_next(r, e)) {
        struct str pattern = row_str(&k->a, r, 1);
        int page = pages_learn(k->pages, pattern);
        if (page != PAGE_OTHER)
            book_put(k, page, row_int(r, 0), pattern);
    }
    return !rows_failed(r);
}

static bool book_add(struct db *db, struct str dataset, struct book *k, int page, struct err *e)
{
    struct str pattern = str_dup(&k->a, pages_name(k->pages, page));
    if (!sql_do(db, e,
                "insert into log_page (dataset, pattern, first_seen) values (?, ?, ?)"
                " on conflict do update set merged_into = null",
                VALS(V(dataset), V(pattern), V(now_ms()))))
        return false;
    int64_t id;
    if (!sql_int(db, e, &id, "select id from log_page where dataset = ? and pattern = ?", VALS(V(dataset), V(pattern))))
        return false;
    book_put(k, page, id, pattern);
    return true;
}

static bool known_page(const struct book *k, int page)
{
    return (size_t)page < k->known.n && k->known.at[page].id >= 0;
}

bool book_id(struct db *db, struct str dataset, struct book *k, struct str name, int64_t *id, struct err *e)
{
    int page = str_eq(name, S("(other)")) ? PAGE_OTHER : pages_learn(k->pages, name);
    if (!known_page(k, page) && !book_add(db, dataset, k, page, e))
        return false;
    *id = k->known.at[page].id;
    return true;
}

// Merged ones first, since a page may take the name of one that leaves.
bool book_write(struct db *db, struct str dataset, struct book *k, struct err *e)
{
    for (int i = 1; (size_t)i < k->known.n; i++) {
        int now = pages_now(k->pages, i);
        if (!known_page(k, i) || now == i)
            continue;
        if (!known_page(k, now) && !book_add(db, dataset, k, now, e))
            return false;
        if (k->known.at[i].id != k->known.at[now].id
            && !sql_do(db, e, "update log_page set merged_into = ? where id = ?",
                       VALS(V(k->known.at[now].id), V(k->known.at[i].id))))
            return false;
        k->known.at[i].id = -1;
    }
    for (int i = 1; (size_t)i < k->known.n; i++) {
        struct str name = pages_name(k->pages, i);
        if (!known_page(k, i) || str_eq(name, k->known.at[i].pattern))
            continue;
        // Somebody may have had the name and be merged: the row with the name then leads here, or takes over.
        if (!sql_do(db, e, "update or ignore log_page set pattern = ? where id = ?",
                    VALS(V(name), V(k->known.at[i].id))))
            return false;
        if (sql_changes(db) == 0
            && !sql_do(db, e,
                       "update log_page set merged_into = case when pattern = ?2 then null else"
                       " (select id from log_page where dataset = ?1 and pattern = ?2) end"
                       " where id = ?3 or (dataset = ?1 and pattern = ?2)",
                       VALS(V(dataset), V(name), V(k->known.at[i].id))))
            return false;
    }
    return true;
}
