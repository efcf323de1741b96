// bearer.c: making and knowing tokens.
#include "web/bearer.h"
#include "base/clock.h"
#include "base/say.h"
#include "web/rights.h"
#include <sodium.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

enum { HEAD = 4, DIGITS = 40, SUM = 6, SEEN_EVERY_MS = 5 * 60 * 1000 };

static const char base62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static void put_sum(const char *text, char *out)
{
    unsigned long sum = crc32(0, (const unsigned char *)text, HEAD + DIGITS);
    for (int i = SUM; i-- > 0; sum /= 62)
        out[i] = base62[sum % 62];
}

static void hash_token(const char *text, struct bearer_hash *hash)
{
    crypto_generichash(hash->at, sizeof hash->at, (const unsigned char *)text, BEARER_TEXT, NULL, 0);
}

void bearer_make(char *out, struct bearer_hash *hash)
{
    memcpy(out, "rsb_", HEAD);
    for (int i = HEAD; i < HEAD + DIGITS; i++)
        out[i] = base62[randombytes_uniform(62)];
    put_sum(out, out + HEAD + DIGITS);
    out[BEARER_TEXT] = 0;
    hash_token(out, hash);
}

bool bearer_parse(struct str text, struct bearer_hash *hash)
{
    char sum[SUM];
    if (text.n != BEARER_TEXT || !str_starts(text, S("rsb_")) || !str_plain(str_from(text, HEAD), ""))
        return false;
    put_sum(text.p, sum);
    if (memcmp(sum, text.p + HEAD + DIGITS, SUM) != 0)
        return false;
    hash_token(text.p, hash);
    return true;
}

struct str bearer_of_header(struct str h)
{
    if (h.n < 7 || strncasecmp(h.p, "Bearer ", 7) != 0)
        return (struct str){"", 0};
    return str_trim(str_from(h, 7));
}

static bool unknown(struct err *e)
{
    err_set(e, ERR_SIGNED_OUT, "this token is not known, or its time is over");
    return err_hint(e, "make a new one: rusuban token make NAME");
}

// What both the token and its owner may act on; *none: nothing, since the two have nothing in common.
static struct strs both(struct arena *a, struct strs token, struct strs owner, bool *none)
{
    struct strs out = {0};
    if (!token.n || !owner.n)
        return token.n ? token : owner;
    for (size_t i = 0; i < token.n; i++)
        if (strs_have(&owner, token.at[i]))
            vec_push(a, &out, token.at[i]);
    *none = !out.n;
    return out;
}

static void note_seen(const struct ask *q, int64_t id, int64_t seen)
{
    struct err e;
    if (now_ms() - seen >= SEEN_EVERY_MS
        && !sql_do(q->db, &e, "update token set seen = ?, seen_from = ? where id = ?",
                   VALS(V(now_ms()), V(q->from), V(id))))
        say_err("token.seen", &e);      // a busy store is no reason to refuse
}

#define TOKENS  "select t.id, t.name, t.owner, t.role, t.services, a.role, coalesce(a.services, '')," \
                " coalesce(t.account, 0), t.seen from token t left join account a on a.id = t.account"

static bool fill(struct arena *a, const struct rows *r, struct who *out)
{
    enum standing role = STRANGER, owner = ADMINISTRATOR;
    bool none = false;
    struct strs of_owner = services_parse(a, row_str(a, r, 6));
    *out = (struct who){.name = row_str(a, r, 2), .token = row_str(a, r, 1), .way = WAY_TOKEN,
                        .token_id = row_int(r, 0), .account = row_int(r, 7)};
    if (!standing_parse(row_str(a, r, 3), &role) || (out->account && !standing_parse(row_str(a, r, 5), &owner)))
        return false;
    out->role = role < owner ? role : owner;
    out->services = both(a, services_parse(a, row_str(a, r, 4)), of_owner, &none);
    if (none && out->role > VIEWER)
        out->role = VIEWER;
    return true;
}

bool bearer_who(struct ask *q, struct str text, struct who *out, struct err *e)
{
    struct bearer_hash hash;
    if (!bearer_parse(text, &hash))
        return unknown(e);
    struct rows *r = sql_ask(q->db, e, TOKENS " where t.hash = ? and t.expires > ?",
                             VALS(V_BLOB(((struct str){(const char *)hash.at, sizeof hash.at})), V(now_ms())));
    if (!r)
        return false;
    bool found = rows_next(r, e), failed = rows_failed(r);
    int64_t id = found ? row_int(r, 0) : 0, seen = found ? row_int(r, 8) : 0;
    bool known = found && fill(q->arena, r, out);
    rows_drop(r);
    if (failed)
        return false;
    if (!known)
        return unknown(e);
    note_seen(q, id, seen);
    return true;
}

bool bearer_standing(struct arena *a, struct db *db, int64_t id, enum standing *out, struct err *e)
{
    struct who who;
    OWN_ROWS struct rows *r = sql_ask(db, e, TOKENS " where t.id = ? and t.expires > ?", VALS(V(id), V(now_ms())));
    bool known = r && rows_next(r, e) && fill(a, r, &who);
    if (known)
        *out = who.role;
    return known;
}
