// session.c: beginning and knowing sessions.
#include "web/session.h"
#include "base/clock.h"
#include "base/say.h"
#include "web/rights.h"
#include <sodium.h>

enum { BYTES = 32, SEEN_EVERY_MS = 60 * 1000, STEPPED_UP_MS = 10 * 60 * 1000 };
static const int64_t idle_ms = 12 * 3600 * 1000, most_ms = 7 * 24 * 3600 * 1000;

#define COOKIE  "__Host-rusuban"

struct secret { unsigned char at[BYTES]; };
struct hash { unsigned char at[crypto_generichash_BYTES]; };

static struct val hash_val(const struct hash *h)
{
    return V_BLOB(((struct str){(const char *)h->at, sizeof h->at}));
}

static struct hash hash_of(const struct secret *s)
{
    struct hash h;
    crypto_generichash(h.at, sizeof h.at, s->at, sizeof s->at, NULL, 0);
    return h;
}

static bool drop_old(struct ask *q, int64_t account, struct err *e)
{
    return sql_do(q->db, e, "delete from session where seen < ? or created < ?",
                  VALS(V(now_ms() - idle_ms), V(now_ms() - most_ms)))
        && sql_do(q->db, e, "delete from session where account = ?1 and id not in"
                  " (select id from session where account = ?1 order by seen desc limit ?2)",
                  VALS(V(account), V(SESSIONS_MAX - 1)));
}

bool session_begin(struct ask *q, int64_t account, struct err *e)
{
    struct secret secret;
    char text[SESSION_TEXT + 1];
    int64_t now = now_ms();
    randombytes_buf(secret.at, sizeof secret.at);
    struct hash h = hash_of(&secret);
    if (!drop_old(q, account, e)
        || !sql_do(q->db, e, "insert into session (hash, account, created, seen, addr, agent, stepped_up)"
                   " values (?, ?, ?, ?, ?, ?, ?)",
                   VALS(hash_val(&h), V(account), V(now), V(now), V(q->from),
                        V(str_head(ask_header(q, "user-agent"), 200)), V(now))))
        return false;
    sodium_bin2base64(text, sizeof text, secret.at, sizeof secret.at, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    q->cookie = str_f(q->arena, COOKIE "=%s; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=%lld", text,
                      (long long)(most_ms / 1000));
    sodium_memzero(&secret, sizeof secret);
    sodium_memzero(text, sizeof text);
    return true;
}

void session_forget(struct ask *q)
{
    q->cookie = S(COOKIE "=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
}

struct str session_cookie(struct str header)
{
    while (header.n) {
        struct str value = str_trim(str_cut(&header, ';')), name = str_cut(&value, '=');
        if (str_eq(name, S(COOKIE)))
            return value.n == SESSION_TEXT && str_plain(value, "-_") ? value : (struct str){"", 0};
    }
    return (struct str){"", 0};
}

static bool over(struct ask *q, struct err *e)
{
    session_forget(q);
    err_set(e, ERR_SIGNED_OUT, "your session is over");
    return err_hint(e, "sign in again");
}

static bool decode(struct str cookie, struct secret *out)
{
    size_t n = 0;
    return cookie.n == SESSION_TEXT
        && sodium_base642bin(out->at, sizeof out->at, cookie.p, cookie.n, NULL, &n, NULL,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0
        && n == sizeof out->at;
}

static void note_seen(const struct ask *q, int64_t id, int64_t seen)
{
    struct err e;
    if (now_ms() - seen >= SEEN_EVERY_MS
        && !sql_do(q->db, &e, "update session set seen = ?, addr = ? where id = ?",
                   VALS(V(now_ms()), V(q->from), V(id))))
        say_err("session.seen", &e);    // a busy store is no reason to refuse
}

static bool fill(struct arena *a, const struct rows *r, struct who *out)
{
    int64_t stepped_up = row_int(r, 5), now = now_ms();
    *out = (struct who){.name = row_str(a, r, 2), .way = WAY_SESSION, .account = row_int(r, 1),
                        .session = row_int(r, 0), .services = services_parse(a, row_str(a, r, 4)),
                        .stepped_up = stepped_up <= now && now - stepped_up < STEPPED_UP_MS};
    return standing_parse(row_str(a, r, 3), &out->role);
}

bool session_who(struct ask *q, struct str cookie, struct who *out, struct err *e)
{
    struct secret secret;
    if (!decode(cookie, &secret))
        return over(q, e);
    struct hash h = hash_of(&secret);
    struct rows *r = sql_ask(q->db, e, "select s.id, a.id, a.name, a.role, a.services, s.stepped_up, s.seen"
                             " from session s join account a on a.id = s.account"
                             " where s.hash = ? and s.seen > ? and s.created > ?",
                             VALS(hash_val(&h), V(now_ms() - idle_ms), V(now_ms() - most_ms)));
    if (!r)
        return false;
    bool found = rows_next(r, e), failed = rows_failed(r);
    int64_t seen = found ? row_int(r, 6) : 0;
    bool known = found && fill(q->arena, r, out);
    rows_drop(r);
    if (failed)
        return false;
    if (!known)
        return over(q, e);
    note_seen(q, out->session, seen);
    return true;
}

bool session_standing(struct arena *a, struct db *db, int64_t id, enum standing *out, struct err *e)
{
    OWN_ROWS struct rows *r = sql_ask(db, e, "select a.role from session s join account a on a.id = s.account"
                                      " where s.id = ? and s.created > ?", VALS(V(id), V(now_ms() - most_ms)));
    return r && rows_next(r, e) && standing_parse(row_str(a, r, 0), out);
}

bool session_is_from(struct ask *q, struct str from, struct str name)
{
    int64_t n;
    struct err e;
    return from.n && sql_int(q->db, &e, &n, "select count(*) from (select 1 from session s join account a"
                             " on a.id = s.account where s.addr = ?1 and s.seen > ?2 and (?3 = '' or a.name = ?3)"
                             " limit 1)", VALS(V(from), V(now_ms() - idle_ms), V(name))) && n > 0;
}

bool session_step_up(struct ask *q, struct err *e)
{
    return sql_do(q->db, e, "update session set stepped_up = ? where id = ?", VALS(V(now_ms()), V(q->who.session)));
}
