// chain.c: adding lines to the audit log and walking over them.
//
// What is hashed is each field with its length before it, so that no two different lines have the same bytes, whatever
// they hold. (JSON would not do: bytes that are not UTF-8 all become the same mark there.)
#include "store/chain.h"
#include "base/clock.h"
#include <sodium.h>
#include <string.h>

enum { TEXT_MAX = 300, AUDIT_LINE_MAX = 32 << 10 };

struct link { unsigned char at[crypto_generichash_BYTES]; };

struct line {
    int64_t seq, at;
    struct deed d;
    struct link prev, hash;
};

static void add_text(struct buf *b, struct str s)
{
    buf_addf(b, "%zu:", s.n);
    buf_add(b, s);
}

static bool link_of(const struct line *l, struct link *out, struct err *e)
{
    OWN_BUF struct buf b = buf_make(AUDIT_LINE_MAX);
    const struct deed *d = &l->d;
    const struct str texts[] = {d->who, d->via, d->from, d->verb, d->subject, d->before, d->after};
    buf_add(&b, (struct str){(const char *)l->prev.at, sizeof l->prev.at});
    buf_addf(&b, "%lld,%lld,%d,", (long long)l->seq, (long long)l->at, d->ok);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        add_text(&b, texts[i]);
    if (!buf_ok(&b, e))
        return err_in(e, "line %lld of the audit log", (long long)l->seq);
    crypto_generichash(out->at, sizeof out->at, (const unsigned char *)b.p, b.n, NULL, 0);
    return true;
}

static struct str bytes(const struct link *l)
{
    return (struct str){(const char *)l->at, sizeof l->at};
}

static bool last_line(struct db *db, struct line *out, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    OWN_ROWS struct rows *r = sql_ask(db, e, "select seq, hash from audit order by seq desc limit 1", NO_VALS);
    *out = (struct line){0};
    if (!r)
        return false;
    if (!rows_next(r, e))
        return !rows_failed(r);
    struct str hash = row_str(&a, r, 1);
    out->seq = row_int(r, 0);
    memcpy(out->hash.at, hash.p, hash.n < sizeof out->hash.at ? hash.n : sizeof out->hash.at);
    return true;
}

bool chain_add(struct db *db, const struct deed *d, struct err *e)
{
    struct line last, l = {.at = now_ms()};
    if (!last_line(db, &last, e))
        return err_in(e, "audit");
    l.seq = last.seq + 1;
    l.prev = last.hash;
    l.d = (struct deed){.who = str_head(d->who, TEXT_MAX), .via = str_head(d->via, TEXT_MAX),
                        .from = str_head(d->from, TEXT_MAX), .verb = str_head(d->verb, TEXT_MAX),
                        .subject = str_head(d->subject, TEXT_MAX), .before = str_head(d->before, DEED_TEXT_MAX),
                        .after = str_head(d->after, DEED_TEXT_MAX), .ok = d->ok};
    return (link_of(&l, &l.hash, e)
            && sql_do(db, e, "insert into audit (seq, at, who, via, origin, verb, subject, before, after, ok, prev,"
                      " hash) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                      VALS(V(l.seq), V(l.at), V(l.d.who), V(l.d.via), V(l.d.from), V(l.d.verb), V(l.d.subject),
                           V(l.d.before), V(l.d.after), V(l.d.ok), V_BLOB(bytes(&l.prev)), V_BLOB(bytes(&l.hash)))))
        || err_in(e, "audit");
}

static void tell_head(const struct line *l, struct chain_head *out)
{
    *out = (struct chain_head){.seq = l->seq};
    hex_encode(l->hash.at, sizeof l->hash.at, out->hash);
}

bool chain_head(struct db *db, struct chain_head *out, struct err *e)
{
    struct line last;
    if (!last_line(db, &last, e))
        return false;
    tell_head(&last, out);
    return true;
}

static void read_line(struct arena *a, const struct rows *r, struct line *l, struct str *prev, struct str *hash)
{
    *l = (struct line){.seq = row_int(r, 0), .at = row_int(r, 1)};
    l->d = (struct deed){row_str(a, r, 2), row_str(a, r, 3), row_str(a, r, 4), row_str(a, r, 5), row_str(a, r, 6),
                         row_str(a, r, 7), row_str(a, r, 8), row_int(r, 9) == 1};
    *prev = row_str(a, r, 10);
    *hash = row_str(a, r, 11);
}

// Is l the line that follows `before`? Leaves its hash in l.
static bool follows(const struct line *before, struct line *l, struct str prev, struct str hash, struct err *e)
{
    if (l->seq != before->seq + 1) {
        err_set(e, ERR_CHECK, "the audit log is broken at line %lld: line %lld is missing", (long long)l->seq,
                (long long)before->seq + 1);
        return err_hint(e, "somebody took lines out of the store; compare with a backup");
    }
    l->prev = before->hash;
    if (!link_of(l, &l->hash, e))
        return false;
    if (str_eq(prev, bytes(&l->prev)) && str_eq(hash, bytes(&l->hash)))
        return true;
    err_set(e, ERR_CHECK, "the audit log is broken at line %lld: it is not what was written", (long long)l->seq);
    return err_hint(e, "somebody changed lines in the store; compare with a backup");
}

static bool walk(struct rows *r, struct str head, struct line *last, bool *met, struct err *e)
{
    while (rows_next(r, e)) {
        OWN_ARENA struct arena a = arena_make(1 << 20);
        struct line l;
        struct str prev, hash;
        struct chain_head here;
        read_line(&a, r, &l, &prev, &hash);
        if (row_int(r, 9) != l.d.ok)
            return err_set(e, ERR_CHECK, "the audit log is broken at line %lld: it is not what was written",
                           (long long)l.seq);
        if (!follows(last, &l, prev, hash, e))
            return false;
        *last = (struct line){.seq = l.seq, .hash = l.hash};    // its texts go with the arena
        tell_head(last, &here);
        *met |= str_eq(head, str_z(here.hash));
    }
    return !rows_failed(r);
}

bool chain_verify(struct db *db, struct str head, struct chain_head *out, struct err *e)
{
    struct line last = {0};
    bool met = !head.n;
    OWN_ROWS struct rows *r = sql_ask(db, e, "select seq, at, who, via, origin, verb, subject, before, after, ok, prev,"
                                      " hash from audit order by seq", NO_VALS);
    if (!r || !walk(r, head, &last, &met, e))
        return false;
    tell_head(&last, out);
    if (met)
        return true;
    err_set(e, ERR_CHECK, "the audit log has %lld lines, and none of them has the hash that you noted",
            (long long)last.seq);
    return err_hint(e, "its end was cut off, or it was written anew; compare with a backup");
}
