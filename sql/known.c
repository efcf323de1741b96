// known.c: see known.h.
#include "sql/known.h"
#include "base/file.h"
#include "base/json.h"
#include "base/say.h"
#include "store/store.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

enum { RELEASES_MAX = 10000, PATTERNS_MAX = 10000 };

static bool is_dataset(struct str name)
{
    return str_plain(name, "_-") && !str_eq(name, S("wal")) && !str_eq(name, S("spill"));
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

const char *known_datasets(struct arena *a, const char *lake, struct strs *out)
{
    OWN_BUF struct buf b = buf_make(1 << 20);
    DIR *d = opendir(lake);
    for (struct dirent *x; d && (x = readdir(d)) != NULL;)
        if (is_dataset(str_z(x->d_name)) && x->d_type == DT_DIR
            && path_exists(str_zf(a, "%s/%s/manifest", lake, x->d_name)))
            vec_push(a, out, str_dup(a, str_z(x->d_name)));
    if (d)
        closedir(d);
    if (out->n)
        qsort(out->at, out->n, sizeof *out->at, by_name);
    for (size_t i = 0; i < out->n; i++)
        buf_addf(&b, STR_F "\n", STR_A(out->at[i]));
    return str_zdup(a, buf_str(&b));
}

static bool put_releases(struct arena *a, struct db *db, struct buf *out, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(db, e,
                                      "select service, number, state, state_at, kind, target from release"
                                      " order by id desc limit ?", VALS(V(RELEASES_MAX)));
    while (r && rows_next(r, e)) {
        json_open(out, '[');
        json_val(out, V(row_str(a, r, 0)));
        json_val(out, V(row_int(r, 1)));
        json_val(out, V(row_str(a, r, 2)));
        json_val(out, V(row_int(r, 3)));
        json_val(out, V(row_str(a, r, 4)));
        json_val(out, V(row_int(r, 5)));
        json_close(out, ']');
    }
    return r && !rows_failed(r);
}

static bool put_pages(struct arena *a, struct db *db, struct buf *out, struct err *e)
{
    int64_t there;
    if (!sql_int(db, e, &there, "select count(*) from sqlite_master where name = 'log_page'", NO_VALS) || !there)
        return true;
    OWN_ROWS struct rows *r = sql_ask(db, e,
                                      "select pattern from log_page where merged_into is null"
                                      " order by length(pattern), pattern limit ?", VALS(V(PATTERNS_MAX)));
    while (r && rows_next(r, e))
        json_val(out, V(row_str(a, r, 0)));
    return r && !rows_failed(r);
}

// A question about the log is answered also when the store cannot be read; it is said in our log, and
// to who asks for releases.
void known_store(const char *data, struct buf *out)
{
    OWN_ARENA struct arena a = arena_make(32 << 20);
    OWN_DB struct db *db = NULL;
    struct err e = {0};
    bool there = path_exists(str_zf(&a, "%s/store.db", data)) && store_open(data, &db, &e);
    json_open(out, '{');
    json_key(out, "releases");
    json_open(out, '[');
    bool ok = !there || put_releases(&a, db, out, &e);
    json_close(out, ']');
    json_key(out, "pages");
    json_open(out, '[');
    ok = (!there || put_pages(&a, db, out, &e)) && ok;
    json_close(out, ']');
    if (!ok || e.kind)
        json_kvs(out, KVS(KV("trouble", e.text)));
    json_close(out, '}');
    if (!ok || e.kind)
        say_err("sql.store", &e);
}
