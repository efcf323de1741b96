// minute_row.c: see minute_inner.h.
#include "base/clock.h"
#include "base/say.h"
#include "log/minute_inner.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { VERSION_OF_ROWS = 1, LEVEL = 3 };

static const struct span_row { const char *read, *write, *forget; int32_t minutes, kept; } spans[SPANS] = {
    {"select minute, pages, hosts from log_minute where dataset = ? and minute >= ? and minute < ? order by minute",
     "insert or replace into log_minute (dataset, minute, pages, hosts) values (?, ?, ?, ?)",
     "delete from log_minute where dataset = ? and minute < ?", 1, MINUTES_KEPT},
    {"select minute, pages, hosts from log_hour where dataset = ? and minute >= ? and minute < ? order by minute",
     "insert or replace into log_hour (dataset, minute, pages, hosts) values (?, ?, ?, ?)",
     "delete from log_hour where dataset = ? and minute < ?", 60, 35 * 24 * 60},
    {"select minute, pages, hosts from log_day where dataset = ? and minute >= ? and minute < ? order by minute",
     "insert or replace into log_day (dataset, minute, pages, hosts) values (?, ?, ?, ?)",
     "delete from log_day where dataset = ? and minute < ?", 24 * 60, 400 * 24 * 60},
};

int32_t span_minutes(enum span s)
{
    return spans[s].minutes;
}

static void pack(struct buf *out, struct str clear)
{
    size_t bound = ZSTD_compressBound(clear.n + 1);
    OWN_MEM char *with_version = malloc(clear.n + 1), *packed = malloc(bound);
    assert(with_version && packed);
    with_version[0] = VERSION_OF_ROWS;
    memcpy(with_version + 1, clear.p, clear.n);
    size_t n = ZSTD_compress(packed, bound, with_version, clear.n + 1, LEVEL);
    assert(!ZSTD_isError(n));
    buf_add(out, (struct str){packed, n});
}

bool minute_row_unpack(struct buf *out, struct str packed, struct err *e)
{
    unsigned long long n = ZSTD_getFrameContentSize(packed.p, packed.n);
    if (n == ZSTD_CONTENTSIZE_UNKNOWN || n == ZSTD_CONTENTSIZE_ERROR || n < 1 || n > MINUTE_ROW_BYTES)
        return err_set(e, ERR_CHECK, "figures in the store are damaged");
    OWN_MEM char *clear = malloc(n);
    assert(clear);
    if (ZSTD_decompress(clear, n, packed.p, packed.n) != n || clear[0] != VERSION_OF_ROWS)
        return err_set(e, ERR_CHECK, "figures in the store are damaged, or of another version");
    buf_add(out, (struct str){clear + 1, (size_t)n - 1});
    return buf_ok(out, e);
}

struct both both_make(void)
{
    return (struct both){buf_make(MINUTE_ROW_BYTES), buf_make(MINUTE_ROW_BYTES)};
}

void both_drop(struct both *b)
{
    buf_drop(&b->pages);
    buf_drop(&b->hosts);
}

void both_clear(struct both *b)
{
    buf_clear(&b->pages);
    buf_clear(&b->hosts);
}

bool both_add(struct both *to, const struct both *more, struct err *e)
{
    OWN_BOTH struct both sum = both_make();
    if (!minute_merge(buf_str(&to->pages), buf_str(&more->pages), &sum.pages)
        || !minute_merge(buf_str(&to->hosts), buf_str(&more->hosts), &sum.hosts))
        return err_set(e, ERR_CHECK, "figures in the store are damaged");
    struct both old = *to;
    *to = sum;
    sum = old;
    return true;
}

struct rows *minute_row_ask(struct db *db, struct str dataset, enum span s, int32_t from, int32_t to, struct err *e)
{
    return sql_ask(db, e, spans[s].read, VALS(V(dataset), V(from), V(to)));
}

static bool row_load(struct db *db, struct str dataset, enum span s, int32_t minute, struct both *out, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(2 * MINUTE_ROW_BYTES);
    OWN_ROWS struct rows *r = minute_row_ask(db, dataset, s, minute, minute + 1, e);
    if (!r)
        return false;
    if (rows_next(r, e))
        return minute_row_unpack(&out->pages, row_str(&a, r, 1), e)
            && minute_row_unpack(&out->hosts, row_str(&a, r, 2), e);
    return !rows_failed(r);
}

void minute_row_say_damaged(struct str dataset, enum span s, int32_t minute)
{
    char at[TIME_TEXT_MAX];
    say("log.figures.damaged", KV("dataset", dataset), KV("from", time_text((int64_t)minute * 60000, at)),
        KV("minutes", span_minutes(s)));
}

bool minute_row_add(struct db *db, struct str dataset, enum span s, int32_t minute, const struct both *more,
                    struct err *e)
{
    OWN_BOTH struct both sum = both_make();
    OWN_BUF struct buf pages = buf_make(MINUTE_ROW_BYTES), hosts = buf_make(MINUTE_ROW_BYTES);
    struct err why;
    if (!row_load(db, dataset, s, minute, &sum, &why) || !both_add(&sum, more, &why)) {
        if (why.kind != ERR_CHECK) {
            *e = why;
            return false;
        }
        minute_row_say_damaged(dataset, s, minute);
        both_clear(&sum);
        if (!both_add(&sum, more, e))
            return false;
    }
    pack(&pages, buf_str(&sum.pages));
    pack(&hosts, buf_str(&sum.hosts));
    return sql_do(db, e, spans[s].write,
                  VALS(V(dataset), V(minute), V_BLOB(buf_str(&pages)), V_BLOB(buf_str(&hosts))));
}

bool minute_row_forget(struct db *db, struct str dataset, int32_t now, struct err *e)
{
    for (int s = 0; s < SPANS; s++)
        if (!sql_do(db, e, spans[s].forget, VALS(V(dataset), V(now - spans[s].kept))))
            return false;
    return true;
}
