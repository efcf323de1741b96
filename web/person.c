// person.c: rows of accounts and invitations.
#include "web/person.h"
#include "base/clock.h"
#include "web/hashers.h"
#include "web/rights.h"
#include <sodium.h>
#include <string.h>

bool person_name_ok(struct str s, struct err *e)
{
    bool ok = s.n && s.n <= PERSON_NAME_MAX && s.p[0] >= 'a' && s.p[0] <= 'z' && str_plain(s, "-_.");
    for (size_t i = 0; ok && i < s.n; i++)
        ok = !(s.p[i] >= 'A' && s.p[i] <= 'Z');
    if (ok && !str_eq(s, S("root")))
        return true;
    err_set(e, ERR_INPUT, "\"" STR_F "\" is not the name of an account", STR_A(str_head(s, 40)));
    return err_hint(e, "a small letter, then small letters, digits, - _ and . ; 32 at most, and not root");
}

bool password_ok(struct str name, struct str password, struct err *e)
{
    if (password.n < PASSWORD_MIN || password.n > PASSWORD_MAX) {
        err_set(e, ERR_INPUT, "a password has %d to %d bytes", PASSWORD_MIN, PASSWORD_MAX);
        return err_hint(e, "a few words that belong together for nobody but you");
    }
    bool same = true;
    for (size_t i = 1; i < password.n; i++)
        same &= password.p[i] == password.p[0];
    if (!same && (!name.n || str_find(password, name) < 0 || password.n >= name.n + PASSWORD_MIN))
        return true;
    err_set(e, ERR_INPUT, "this password is guessed first");
    return err_hint(e, "a few words that belong together for nobody but you, without your name");
}

static bool fill(struct arena *a, const struct rows *r, struct person *out)
{
    *out = (struct person){.id = row_int(r, 0), .name = row_str(a, r, 1), .hash = row_str(a, r, 2),
                            .services = services_parse(a, row_str(a, r, 4)), .language = row_str(a, r, 5),
                            .theme = row_str(a, r, 6), .single_keys = row_int(r, 7), .created = row_int(r, 8),
                            .seen = row_int(r, 9), .rev = row_int(r, 10)};
    return standing_parse(row_str(a, r, 3), &out->role);
}

static struct str name_at(const void *list, size_t i)
{
    return ((const struct strs *)list)->at[i];
}

static bool nobody(struct arena *a, struct db *db, struct str name, struct err *e)
{
    struct strs names = {0};
    OWN_ROWS struct rows *r = sql_ask(db, e, "select name from account order by name limit 1000", NO_VALS);
    while (r && rows_next(r, e))
        vec_push(a, &names, row_str(a, r, 0));
    if (!r || rows_failed(r))
        return false;
    struct str near = str_nearest(name, names.n, name_at, &names);
    err_set(e, ERR_NOT_FOUND, "there is no account \"" STR_F "\"", STR_A(str_head(name, 40)));
    return near.n ? err_hint(e, "did you mean " STR_F "?", STR_A(near)) : err_hint(e, "rusuban people lists them");
}

bool person_find(struct arena *a, struct db *db, struct str name, struct person *out, struct err *e)
{
    struct rows *r = sql_ask(db, e, "select id, name, hash, role, services, language, theme, single_keys, created,"
                             " seen, rev from account where name = ?", VALS(V(name)));
    if (!r)
        return false;
    bool found = rows_next(r, e), failed = rows_failed(r);
    bool known = found && fill(a, r, out);
    rows_drop(r);
    if (failed)
        return false;
    return known || nobody(a, db, name, e);
}

bool person_with(struct arena *a, struct db *db, enum right right, struct str service, struct strs *out, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(db, e, "select name, role, services from account order by name limit 1000",
                                      NO_VALS);
    while (r && rows_next(r, e)) {
        enum standing role;
        struct strs services = services_parse(a, row_str(a, r, 2));
        bool kept_from = right_is_of_a_service(right) && services.n && !strs_have(&services, service);
        if (standing_parse(row_str(a, r, 1), &role) && standing_has(role, right) && !kept_from)
            vec_push(a, out, row_str(a, r, 0));
    }
    return r && !rows_failed(r);
}

bool person_any(struct db *db, bool *any, struct err *e)
{
    int64_t n;
    if (!sql_int(db, e, &n, "select count(*) from (select 1 from account limit 1)", NO_VALS))
        return false;
    *any = n > 0;
    return true;
}

// Invitations.

struct hash { unsigned char at[crypto_generichash_BYTES]; };

static struct val hash_of(struct str text, struct hash *h)
{
    crypto_generichash(h->at, sizeof h->at, (const unsigned char *)text.p, text.n, NULL, 0);
    return V_BLOB(((struct str){(const char *)h->at, sizeof h->at}));
}

bool invite_make(struct db *db, const struct invite *i, char *text, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    unsigned char secret[32];
    struct hash h;
    randombytes_buf(secret, sizeof secret);
    sodium_bin2base64(text, INVITE_TEXT + 1, secret, sizeof secret, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(secret, sizeof secret);
    return sql_do(db, e, "delete from invite where expires < ? or (name = ? and name <> '')",
                  VALS(V(now_ms()), V(i->name)))
        && sql_do(db, e, "insert into invite (hash, name, role, services, here, author, created, expires)"
                  " values (?, ?, ?, ?, ?, ?, ?, ?)",
                  VALS(hash_of(str_z(text), &h), V(i->name), V(standing_name(i->role)),
                       V(services_text(&a, &i->services)), V(i->here), V(i->author), V(now_ms()), V(i->expires)));
}

bool invite_find(struct arena *a, struct db *db, struct str text, struct invite *out, struct err *e)
{
    struct hash h;
    OWN_ROWS struct rows *r = sql_ask(db, e, "select name, role, services, here, author, expires from invite"
                                      " where hash = ? and expires > ?", VALS(hash_of(text, &h), V(now_ms())));
    if (!r)
        return false;
    if (rows_next(r, e)) {
        *out = (struct invite){.name = row_str(a, r, 0), .services = services_parse(a, row_str(a, r, 2)),
                               .here = row_int(r, 3), .author = row_str(a, r, 4), .expires = row_int(r, 5)};
        if (standing_parse(row_str(a, r, 1), &out->role))
            return true;
    }
    if (rows_failed(r))
        return false;
    err_set(e, ERR_NOT_FOUND, "this invitation was used already, or its time is over");
    return err_hint(e, "ask for a new one; on the server: rusuban admin invite");
}

bool invite_drop(struct db *db, struct str text, struct err *e)
{
    struct hash h;
    return sql_do(db, e, "delete from invite where hash = ?", VALS(hash_of(text, &h)));
}
