// secret.c: seals secrets into rows and opens them again.
//
// What is sealed is role, NUL, name, NUL, value: somebody who can write to the store but has no key cannot pass one
// secret off as another by moving its box to another row.
#include "store/secret.h"
#include "base/clock.h"
#include "store/rolekey.h"
#include <string.h>

enum { NAME_MAX_BYTES = 64, VALUE_MAX_BYTES = 64 << 10 };

static bool check_name(struct str name, struct err *e)
{
    if (name.n <= NAME_MAX_BYTES && str_plain(name, "._-"))
        return true;
    return err_set(e, ERR_INPUT, "a secret's name is 1 to %d of A-Z a-z 0-9 . _ -", NAME_MAX_BYTES);
}

// What stands in front of the value.
static struct str label(struct arena *a, const char *role, struct str name)
{
    return str_f(a, "%s%c" STR_F "%c", role, 0, STR_A(name), 0);
}

static void zero(struct str s)
{
    sodium_memzero((void *)(uintptr_t)s.p, s.n);
}

static struct str seal(struct arena *a, const struct rolekey *key, const unsigned char *nonce, struct str head,
                       struct str value)
{
    size_t n = head.n + value.n;
    unsigned char *box = arena_take(a, n + crypto_secretbox_MACBYTES, 1);
    memcpy(box, head.p, head.n);
    memcpy(box + head.n, value.p, value.n);
    crypto_secretbox_easy(box, box, n, nonce, key->bytes);      // in place: no plain copy is left behind
    return (struct str){(char *)box, n + crypto_secretbox_MACBYTES};
}

bool secret_set(struct db *db, const char *data_dir, const char *role, struct str name, struct str value, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_ROLEKEY struct rolekey key;
    unsigned char nonce[crypto_secretbox_NONCEBYTES];
    if (!check_name(name, e))
        return false;
    if (!value.n || value.n > VALUE_MAX_BYTES)
        return err_set(e, ERR_INPUT, "a secret's value has 1 byte to 64 KiB, not %zu bytes", value.n);
    if (!rolekey_read(data_dir, role, true, &key, e))
        return err_in(e, "secret " STR_F, STR_A(name));
    randombytes_buf(nonce, sizeof nonce);
    struct str box = seal(&a, &key, nonce, label(&a, role, name), value);
    return sql_do(db, e,
                  "insert into secret (name, role, nonce, box, at) values (?, ?, ?, ?, ?) on conflict (role, name)"
                  " do update set nonce = excluded.nonce, box = excluded.box, at = excluded.at",
                  VALS(V(name), V(role), V_BLOB(((struct str){(char *)nonce, sizeof nonce})), V_BLOB(box),
                       V(now_ms())));
}

static bool not_there(const char *role, struct str name, struct err *e)
{
    err_set(e, ERR_NOT_FOUND, "there is no secret \"" STR_F "\" for the role %s", STR_A(name), role);
    return err_hint(e, "rusuban secret set " STR_F " --role %s", STR_A(name), role);
}

static bool ask(struct arena *a, struct db *db, const char *role, struct str name, struct str *nonce, struct str *box,
                struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(db, e, "select nonce, box from secret where role = ? and name = ?",
                                      VALS(V(role), V(name)));
    if (!r)
        return false;
    if (!rows_next(r, e))
        return rows_failed(r) ? false : not_there(role, name, e);
    *nonce = row_str(a, r, 0);
    *box = row_str(a, r, 1);
    return true;
}

// Opens the box in place: the plain text lives where the box was.
static bool open_box(const struct rolekey *key, struct str nonce, struct str box, struct str head, struct str *value)
{
    unsigned char *p = (unsigned char *)(uintptr_t)box.p;
    if (nonce.n != crypto_secretbox_NONCEBYTES || box.n < crypto_secretbox_MACBYTES ||
        crypto_secretbox_open_easy(p, p, box.n, (const unsigned char *)nonce.p, key->bytes) != 0)
        return false;
    struct str plain = {box.p, box.n - crypto_secretbox_MACBYTES};
    if (!str_starts(plain, head)) {
        zero(plain);
        return false;
    }
    *value = str_from(plain, head.n);
    return true;
}

bool secret_get(struct arena *a, struct db *db, const char *data_dir, const char *role, struct str name,
                struct str *value, struct err *e)
{
    OWN_ROLEKEY struct rolekey key;
    struct str nonce, box;
    if (!check_name(name, e) || !ask(a, db, role, name, &nonce, &box, e))
        return false;
    if (!rolekey_read(data_dir, role, false, &key, e))
        return err_in(e, "secret " STR_F, STR_A(name));
    if (open_box(&key, nonce, box, label(a, role, name), value))
        return true;
    err_set(e, ERR_STATE, "secret " STR_F " does not open with %s/keys/%s.key", STR_A(name), data_dir, role);
    return err_hint(e, "rusuban secret set " STR_F " --role %s", STR_A(name), role);
}

void secret_forget(struct str *value)
{
    zero(*value);
    *value = S("");
}

bool secret_drop(struct db *db, const char *role, struct str name, struct err *e)
{
    if (!sql_do(db, e, "delete from secret where role = ? and name = ?", VALS(V(role), V(name))))
        return false;
    if (sql_changes(db))
        return true;
    err_set(e, ERR_NOT_FOUND, "there is no secret \"" STR_F "\" for the role %s", STR_A(name), role);
    return err_hint(e, "rusuban secret list");
}

bool secret_list(struct arena *a, struct db *db, struct secret_names *out, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(db, e, "select name, role, at from secret order by role, name", NO_VALS);
    if (!r)
        return false;
    while (rows_next(r, e))
        vec_push(a, out, ((struct secret_name){row_str(a, r, 0), row_str(a, r, 1), row_int(r, 2)}));
    return !rows_failed(r);
}
