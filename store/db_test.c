#include "base/fault.h"
#include "base/file.h"
#include "base/test.h"
#include "store/db.h"
#include "store/schema.h"
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct db *opened(void)
{
    struct db *db;
    struct err e;
    CHECK(store_open(test_dir(), &db, &e));
    CHECK(sql_do(db, &e, "create table cup (id integer primary key, name text unique, size real, wet int)", NO_VALS));
    return db;
}

static int64_t cups(struct db *db)
{
    struct err e;
    int64_t n = -1;
    CHECK(sql_int(db, &e, &n, "select count(*) from cup", NO_VALS));
    return n;
}

TEST(a_store_is_its_owners_alone)
{
    OWN_ARENA struct arena a = arena_make(4096);
    OWN_DB struct db *db = opened();
    struct stat st;
    CHECK(db);
    CHECK(stat(str_zf(&a, "%s/store.db", test_dir()), &st) == 0 && (st.st_mode & 0777) == 0600);
    CHECK(stat(str_zf(&a, "%s/store.db-wal", test_dir()), &st) == 0 && (st.st_mode & 0777) == 0600);
    CHECK(stat(str_zf(&a, "%s/run", test_dir()), &st) == 0 && (st.st_mode & 0777) == 0700);
}

TEST(who_only_reads_makes_no_house)
{
    OWN_ARENA struct arena a = arena_make(4096);
    struct err e;
    struct db *db = NULL;
    const char *no_house = str_zf(&a, "%s/mistyped", test_dir());
    CHECK(!store_find(no_house, &db, &e) && !db && !path_exists(no_house));
    CHECK_INT(e.kind, ERR_NOT_FOUND);
    CHECK(strstr(e.text, no_house) && strstr(e.hint, "--data"));
    CHECK(!store_find(test_dir(), &db, &e) && !path_exists(str_zf(&a, "%s/run", test_dir())));
    store_close(opened());
    CHECK(store_find(test_dir(), &db, &e));
    store_close(db);
    CHECK(!store_find(str_zf(&a, "%s/store.db", test_dir()), &db, &e));     // a file, no directory
    CHECK_INT(e.kind, ERR_NOT_FOUND);
}

TEST(values_come_back_as_they_went_in)
{
    OWN_ARENA struct arena a = arena_make(4096);
    OWN_DB struct db *db = opened();
    struct err e;
    CHECK(sql_do(db, &e, "insert into cup values (?, ?, ?, ?)", VALS(V(INT64_MAX), V("blue"), V(0.5), V_NULL)));
    CHECK_INT(sql_last_id(db), INT64_MAX);
    OWN_ROWS struct rows *r = sql_ask(db, &e, "select id, name, size, wet from cup", NO_VALS);
    CHECK(rows_next(r, &e));
    CHECK_INT(row_int(r, 0), INT64_MAX);
    CHECK_STR(row_str(&a, r, 1), S("blue"));
    CHECK(row_real(r, 2) > 0.4 && row_real(r, 2) < 0.6);
    CHECK(row_null(r, 3) && row_int(r, 3) == 0 && row_str(&a, r, 3).n == 0);
    CHECK(row_val(&a, r, 0).type == VAL_INT && row_val(&a, r, 1).type == VAL_TEXT);
    CHECK(row_val(&a, r, 2).type == VAL_REAL && row_val(&a, r, 3).type == VAL_NULL);
    CHECK(!rows_next(r, &e) && !rows_failed(r));
}

TEST(a_question_inside_the_walk_of_the_same_question)
{
    OWN_DB struct db *db = opened();
    struct err e;
    CHECK(sql_do(db, &e, "insert into cup (id) values (1), (2)", NO_VALS));
    int seen = 0;
    const char *all = "select id from cup order by id";
    OWN_ROWS struct rows *outer = sql_ask(db, &e, all, NO_VALS);
    while (rows_next(outer, &e)) {
        OWN_ROWS struct rows *inner = sql_ask(db, &e, all, NO_VALS);
        while (rows_next(inner, &e))
            seen++;
    }
    CHECK_INT(seen, 4);
}

TEST(statements_are_kept_up_to_a_ceiling)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_DB struct db *db = opened();
    struct err e;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < KEPT_MAX + 50; i++)
            CHECK(sql_do(db, &e, str_zf(&a, "select %d", i), NO_VALS));
    CHECK_INT(db->kept_n, KEPT_MAX);
}

TEST(undo_takes_everything_back)
{
    OWN_DB struct db *db = opened();
    struct err e;
    CHECK(sql_begin(db, &e));
    CHECK(sql_do(db, &e, "insert into cup (name) values ('red')", NO_VALS));
    CHECK_INT(sql_changes(db), 1);
    CHECK(!sql_undo(db));
    CHECK(!sql_undo(db));       // nothing open is fine
    CHECK_INT(cups(db), 0);
}

TEST(a_constraint_that_says_no_is_a_conflict)
{
    OWN_DB struct db *db = opened();
    struct err e;
    CHECK(sql_do(db, &e, "insert into cup (name) values ('red')", NO_VALS));
    CHECK(!sql_do(db, &e, "insert into cup (name) values ('red')", NO_VALS));
    CHECK_INT(e.kind, ERR_CONFLICT);
    CHECK(!sql_do(db, &e, "insert into saucer values (1)", NO_VALS));
    CHECK_INT(e.kind, ERR_BUG);
}

TEST(a_full_disk_a_lock_and_a_late_question_each_have_their_kind)
{
    OWN_DB struct db *db = opened();
    OWN_DB struct db *other = NULL;
    struct err e;
    CHECK(sql_do(db, &e, "pragma max_page_count = 60", NO_VALS));
    CHECK(!sql_do(db, &e, "insert into cup (name) values (hex(zeroblob(1000000)))", NO_VALS));
    CHECK(e.kind == ERR_IO && strstr(e.text, "no space left") && strstr(e.hint, "free some space"));
    CHECK_INT(cups(db), 0);
    CHECK(store_open(test_dir(), &other, &e) && sql_begin(other, &e));
    sqlite3_busy_timeout(db->s, 20);
    CHECK(!sql_begin(db, &e));
    CHECK(e.kind == ERR_LATE && strstr(e.text, "locked"));
    sql_undo(other);
    sqlite3_interrupt(db->s);       // no question runs: it must not hit the next one
    CHECK_INT(cups(db), 0);
}

TEST(a_change_inside_a_walk_over_older_rows_is_told_as_our_bug)
{
    OWN_DB struct db *db = opened();
    OWN_DB struct db *other = NULL;
    struct err e;
    CHECK(store_open(test_dir(), &other, &e));
    CHECK(sql_do(db, &e, "insert into cup (id) values (1), (2)", NO_VALS));
    OWN_ROWS struct rows *walk = sql_ask(db, &e, "select id from cup", NO_VALS);
    CHECK(rows_next(walk, &e));
    CHECK(sql_do(other, &e, "insert into cup (id) values (3)", NO_VALS));
    CHECK(!sql_do(db, &e, "insert into cup (id) values (4)", NO_VALS));
    CHECK(e.kind == ERR_BUG && strstr(e.text, "inside a walk"));
}

TEST(no_row_is_not_found)
{
    OWN_ARENA struct arena a = arena_make(4096);
    OWN_DB struct db *db = opened();
    struct err e;
    int64_t n;
    struct str s;
    CHECK(!sql_int(db, &e, &n, "select id from cup", NO_VALS));
    CHECK_INT(e.kind, ERR_NOT_FOUND);
    CHECK(!sql_str(&a, db, &e, &s, "select name from cup", NO_VALS));
    CHECK_INT(e.kind, ERR_NOT_FOUND);
}

// The other process is made first: SQLite's connections do not survive a fork.
static pid_t other_writer(int go)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    char byte;
    struct db *db;
    struct err e;
    bool ok = read(go, &byte, 1) == 1 && store_open(test_dir(), &db, &e)
              && sql_do(db, &e, "insert into cup (name) values ('b')", NO_VALS);
    _exit(ok ? 0 : 1);
}

TEST(a_writer_waits_for_another)
{
    int go[2], status = -1;
    struct err e;
    CHECK(test_dir() && pipe(go) == 0);
    pid_t pid = other_writer(go[0]);
    OWN_DB struct db *db = opened();
    CHECK(sql_begin(db, &e));
    CHECK(write(go[1], "", 1) == 1);
    usleep(200000);
    CHECK(sql_do(db, &e, "insert into cup (name) values ('a')", NO_VALS));
    CHECK(sql_commit(db, &e));
    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
    CHECK_INT(cups(db), 2);
    close(go[0]);
    close(go[1]);
}

TEST(several_openers_make_the_schema_once)
{
    enum { OPENERS = 8 };
    struct err e;
    pid_t pid[OPENERS];
    for (int i = 0; i < OPENERS; i++) {
        pid[i] = fork();
        if (pid[i] == 0) {
            struct db *db;
            bool ok = store_open(test_dir(), &db, &e);
            if (!ok)
                fprintf(stderr, "%s\n", e.text);
            _exit(ok ? 0 : 1);
        }
    }
    for (int i = 0; i < OPENERS; i++) {
        int status = -1;
        CHECK(waitpid(pid[i], &status, 0) == pid[i] && status == 0);
    }
}

TEST(a_newer_store_is_refused)
{
    struct err e;
    struct db *db = opened();
    CHECK(sql_do(db, &e, "pragma user_version = 900", NO_VALS));
    store_close(db);
    CHECK(!store_open(test_dir(), &db, &e));
    CHECK_INT(e.kind, ERR_STATE);
    CHECK(strstr(e.text, "schema 900") && e.hint[0]);
}

TEST(a_damaged_store_says_so)
{
    OWN_ARENA struct arena a = arena_make(1 << 16);
    OWN_BUF struct buf junk = buf_make(1 << 16);
    struct err e;
    struct db *db;
    buf_addn(&junk, 'x', 8192);
    CHECK(file_write(str_zf(&a, "%s/store.db", test_dir()), buf_str(&junk), 0600, &e));
    CHECK(!store_open(test_dir(), &db, &e));
    CHECK(e.kind == ERR_IO && strstr(e.text, "is damaged") && strstr(e.hint, "backup"));
}

#ifdef RUSUBAN_FAULTS
// Two rows in one transaction: whichever statement fails, there are two rows or none.
static bool pour(struct db *db, struct err *e)
{
    if (!sql_begin(db, e) || !sql_do(db, e, "insert into cup (name) values ('x')", NO_VALS)
        || !sql_do(db, e, "insert into cup (name) values ('y')", NO_VALS) || !sql_commit(db, e))
        return sql_undo(db);
    return true;
}

TEST(whichever_statement_fails_it_is_all_or_nothing)
{
    OWN_DB struct db *db = opened();
    struct err e;
    for (unsigned nth = 1; nth <= 4; nth++) {
        fault_set(FAULT_SQL, nth);
        CHECK(!pour(db, &e));
        CHECK(e.kind == ERR_IO && strstr(e.text, "store.db"));
        fault_set(FAULT_SQL, 0);
        CHECK_INT(cups(db), 0);
    }
    CHECK(pour(db, &e));
    CHECK_INT(cups(db), 2);
}

TEST(a_walk_that_fails_is_not_an_empty_one)
{
    OWN_DB struct db *db = opened();
    struct err e;
    OWN_ROWS struct rows *r = sql_ask(db, &e, "select 1", NO_VALS);
    fault_set(FAULT_SQL, 1);
    CHECK(!rows_next(r, &e) && rows_failed(r));
    fault_set(FAULT_SQL, 0);
}

TEST(a_store_that_could_not_be_made_is_made_next_time)
{
    struct err e;
    struct db *db;
    bool ok = false;
    for (unsigned nth = 1; nth < 40 && !ok; nth++) {
        fault_set(FAULT_SQL, nth);
        ok = store_open(test_dir(), &db, &e);
        CHECK(ok || e.kind == ERR_IO);
    }
    fault_set(FAULT_SQL, 0);
    CHECK(ok);
    store_close(db);
}
#endif
