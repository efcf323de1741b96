// act_test.c: a handler's rows and its key are one transaction, whichever statement fails.
#include "base/fault.h"
#include "base/test.h"
#include "web/act.h"

static bool insert(struct ask *q, struct err *e)
{
    json_object(q->out, KV("done", (bool)true));
    return sql_do(q->db, e, "insert into role (name, pid, state, since) values ('x', 0, 'up', 0)", NO_VALS)
        && sql_do(q->db, e, "update role set pid = 1", NO_VALS);
}

static const struct route route = {POST, "/x", ADMIN, .flags = R_KEYED, .run = insert, .help = "x"};

static bool press(struct arena *a, struct db *db, struct str key, struct err *e)
{
    OWN_BUF struct buf out = buf_make(1 << 20);
    struct pair header = {S("idempotency-key"), key};
    struct web web = {0};
    struct request r = {.web = &web, .path = S("/api/v1/x"),
                        .ask = {.arena = a, .db = db, .data = test_dir(), .route = &route,
                        .out = &out, .status = 200, .headers = {&header, key.n > 0, 1}, .who.name = S("kato")}};
    return act(&r, S("{}"), e);
}

static int64_t rows(struct db *db)
{
    struct err e;
    int64_t roles = -1, keys = -1;
    CHECK(sql_int(db, &e, &roles, "select count(*) from role", NO_VALS));
    CHECK(sql_int(db, &e, &keys, "select count(*) from idempotency", NO_VALS));
    CHECK_INT(roles, keys);
    return roles;
}

TEST(whichever_statement_of_a_request_fails_nothing_of_it_stays)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_DB struct db *db = NULL;
    struct err e = {0};
    struct str key = S("0123456789abcdef");
    CHECK(store_open(test_dir(), &db, &e));
    unsigned nth = 1;
    for (;; nth++) {
        fault_set(FAULT_SQL, nth);
        bool ok = press(&a, db, key, &e);
        fault_set(FAULT_SQL, 0);
        if (ok)
            break;
        CHECK_INT(rows(db), 0);
        if (nth > 20) {
            test_failed(__FILE__, __LINE__, "it never worked: %s", e.text);
            return;
        }
    }
    CHECK(nth > 5);         // begin, recall, two of the handler, two of the key, commit
    CHECK_INT(rows(db), 1);
    CHECK(press(&a, db, key, &e));
    CHECK_INT(rows(db), 1);
}

TEST(a_keyed_request_without_a_key_is_told_what_to_send)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_DB struct db *db = NULL;
    struct err e = {0};
    CHECK(store_open(test_dir(), &db, &e));
    CHECK(!press(&a, db, S(""), &e));
    CHECK_INT(e.kind, ERR_INPUT);
    CHECK(e.hint[0]);
    CHECK_INT(rows(db), 0);
}
