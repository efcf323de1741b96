// event_test.c: every change that a page shows leaves one event behind, with the change or not at all.
#include "base/test.h"
#include "store/event.h"
#include <poll.h>
#include <unistd.h>

static struct db *store(void)
{
    struct db *db = NULL;
    struct err e;
    CHECK(store_open(test_dir(), &db, &e));
    CHECK(sql_do(db, &e, "insert into site_text (hash, text, at) values ('h', '', 1)", NO_VALS));
    return db;
}

static void do_it(struct db *db, const char *sql)
{
    struct err e = {0};
    bool ok = sql_do(db, &e, sql, NO_VALS);
    CHECK(ok);
    if (!ok)
        CHECK_STR(str_z(e.text), S(""));
}

static const char release[] =
    "insert into release (service, number, kind, target, asked_by, via, state, state_at, site, created_at)"
    " values ('web', 7, 'release', 7, 'mei', 'cli', 'queued', 1, 'h', 1)";

// The events behind `after`, as "kind subject" lines.
static struct str told(struct arena *a, struct db *db, int64_t after)
{
    struct events all = {0};
    struct err e;
    OWN_BUF struct buf b = buf_make(64 << 10);
    CHECK(event_after(a, db, after, 100, &all, &e));
    for (size_t i = 0; i < all.n; i++)
        buf_addf(&b, "%s" STR_F " " STR_F, i ? "; " : "", STR_A(all.at[i].kind), STR_A(all.at[i].subject));
    return str_dup(a, buf_str(&b));
}

static int64_t newest(struct db *db)
{
    int64_t first, last = -1;
    struct err e;
    CHECK(event_ends(db, &first, &last, &e));
    return last;
}

TEST(each_change_that_a_page_shows_is_told_once_and_what_stays_the_same_is_not)
{
    static const struct { const char *sql, *told; } rows[] = {
        {release, "release.queued web/7"},
        {"update release set state = 'building', started_at = 2 where number = 7", "release.state web/7"},
        {"update release set state = 'building', state_at = 3 where number = 7", ""},
        {"insert into release_step (release, state, host, step, attempt, fence, intent_at)"
         " values (1, 'building', '', 'fetch', 1, 1, 5)", "release.step web/7"},
        {"update release_step set done_at = 9, result = 'ok' where release = 1", "release.step web/7"},
        {"insert into approval (release, who, answer, at) values (1, 'kato', 'approve', 5)", "release.answer web/7"},
        {"insert into release_host (service, host, current, seen_at) values ('web', 'app1', 6, 1)",
         "host.state web/app1"},
        {"update release_host set seen_at = 2 where host = 'app1'", ""},
        {"insert into release_host (service, host, current) values ('web', 'app1', 7)"
         " on conflict (service, host) do update set current = excluded.current", "host.state web/app1"},
        {"insert into lock (service, reason, author, since) values ('web', 'migration', 'kato', 5)", "lock.set web"},
        {"update lock set lifted_by = 'kato', lifted_at = 9 where service = 'web'", "lock.lifted web"},
        {"update lock set lifted_by = 'kato', lifted_at = 10 where service = 'web'", ""},
        {"insert into log_alarm (dataset, page, rule, began_at, raised_at, last_at, now_p95, past_p95, requests,"
         " errors, past_errors, hosts) values ('access', '/', 'slower', 1, 2, 3, 900, -1, 5, 0, 0, '[]')",
         "alarm.raised access"},
        {"update log_alarm set last_at = 4", ""},
        {"update log_alarm set closed_at = 5", "alarm.closed access"},
        {"insert into role (name, pid, state, since) values ('web', 9, 'up', 5)", "role.state web"},
        {"insert into account (name, role, created) values ('mei', 'viewer', 1)", "person.joined mei"},
        {"update account set role = 'analyst', rev = 2 where name = 'mei'", "person.changed mei"},
        {"update account set seen = 5 where name = 'mei'", "person.changed mei"},
        {"update account set hash = 'x', language = 'ja', role = 'analyst' where name = 'mei'", ""},
        {"delete from account where name = 'mei'", "person.removed mei"},
        {"insert into invite (hash, name, role, services, here, author, created, expires)"
         " values (x'01', 'ono', 'viewer', '', 0, 'mei', 1, 2)", "person.invited ono"},
        {"delete from invite", "person.uninvited ono"},
        {"insert into invite (hash, name, role, services, here, author, created, expires)"
         " values (x'02', '', 'viewer', '', 0, 'mei', 1, 2)", ""},
    };
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_DB struct db *db = store();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t before = newest(db);
        do_it(db, rows[i].sql);
        CHECK_STR(told(&a, db, before), str_z(rows[i].told));
    }
    int64_t before = newest(db);
    do_it(db, "update release set state = 'done', ended_at = 12 where number = 7");
    CHECK(str_find(told(&a, db, before), S("release.state web/7")) >= 0);
    CHECK(str_find(told(&a, db, before), S("release.done web/7")) >= 0);
    int64_t clash;
    struct err e;
    CHECK(sql_int(db, &e, &clash, "select count(*) from event, json_each(event.body) as f"
                  " where f.key in ('topic', 'subject', 'at')", NO_VALS));
    CHECK_INT(clash, 0);        // they would stand twice in one object
}

TEST(the_row_that_was_written_last_stays_the_last_one)
{
    OWN_DB struct db *db = store();
    do_it(db, "insert into lock (service, reason, author, since) values ('x', 'y', 'z', 5)");
    do_it(db, "insert into lock (service, reason, author, since) values ('x', 'y', 'z', 5)");
    do_it(db, release);
    CHECK_INT(sql_last_id(db), 1);      // of the release: the event behind it has another number
    do_it(db, "update release set state = 'building' where number = 7");
    CHECK_INT(sql_changes(db), 1);
}

TEST(an_event_is_undone_with_its_change_and_its_number_given_again)
{
    OWN_DB struct db *db = store();
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct err e;
    int64_t before = newest(db);
    CHECK(sql_begin(db, &e));
    do_it(db, release);
    CHECK(!sql_undo(db));
    CHECK_INT(newest(db), before);
    do_it(db, release);
    CHECK_INT(newest(db), before + 1);
    CHECK_STR(told(&a, db, before), S("release.queued web/7"));
}

TEST(the_ring_forgets_the_oldest_and_says_where_it_begins)
{
    OWN_DB struct db *db = store();
    int64_t first, last;
    struct err e;
    CHECK(event_ends(db, &first, &last, &e));
    CHECK_INT(last, 0);
    CHECK_INT(first, 1);
    do_it(db, "insert into event (seq, at, topic, subject, kind, body) values (1, 1000000000000, 't', 's', 'k', '{}')");
    do_it(db, "insert into event (seq, at, topic, subject, kind, body)"
          " values (101000, 1000000000000, 't', 's', 'k', '{}')");
    do_it(db, "insert into event (seq, at, topic, subject, kind, body)"
          " values (101119, 1000000000000, 't', 's', 'k', '{}')");
    do_it(db, "insert into event (at, topic, subject, kind, body)"       // 101120 = 395 * 256
          " values (1000000000000, 't', 's', 'k', '{}')");
    CHECK(event_ends(db, &first, &last, &e));
    CHECK_INT(first, 101000);
    CHECK_INT(last, 101120);
    do_it(db, "insert into event (seq, at, topic, subject, kind, body)"    // 101376 = 396 * 256, more than a day later
          " values (101376, 1000086400001, 't', 's', 'k', '{}')");
    CHECK(event_ends(db, &first, &last, &e));
    CHECK_INT(first, 101376);
    do_it(db, "delete from event");
    CHECK(event_ends(db, &first, &last, &e));
    CHECK_INT(first, 101377);
    CHECK_INT(last, 101376);
}

static bool tapped(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    bool yes = poll(&p, 1, 0) == 1;
    wake_drain(fd);
    return yes;
}

TEST(the_web_role_is_tapped_when_a_change_is_committed_and_not_before)
{
    OWN_DB struct db *db = store();
    OWN_BUF struct buf body = buf_make(1 << 20);
    OWN_FD fd = -1;
    struct err e;
    CHECK(wake_listen(test_dir(), "web", &fd, &e));
    CHECK(sql_begin(db, &e));
    do_it(db, release);
    CHECK(!tapped(fd));
    CHECK(sql_commit(db, &e));
    CHECK(tapped(fd));
    do_it(db, "update release set state_at = 5");
    CHECK(!tapped(fd));                 // nothing that a page shows
    CHECK(sql_begin(db, &e));
    do_it(db, "update release set why = 'x'");
    CHECK(!sql_undo(db));
    do_it(db, "update release set state_at = 6");
    CHECK(!tapped(fd));
    buf_addz(&body, "{}");
    CHECK(event_put(db, S("people"), S("mei"), S("people.invited"), &body, &e));
    CHECK(tapped(fd));
    buf_addn(&body, ' ', EVENT_BODY_MAX);
    CHECK(!event_put(db, S("people"), S("mei"), S("people.invited"), &body, &e));
    CHECK_INT(e.kind, ERR_LIMIT);
}

TEST(the_newest_of_a_topic_is_found)
{
    OWN_DB struct db *db = store();
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_BUF struct buf body = buf_make(1 << 10);
    struct str got;
    struct err e;
    CHECK(event_newest(&a, db, S("site"), &got, &e));
    CHECK_INT(got.n, 0);
    for (int i = 1; i < 3; i++) {
        buf_clear(&body);
        buf_addf(&body, "{\"n\":%d}", i);
        CHECK(event_put(db, S("site"), S("kotori"), S("site.changed"), &body, &e));
    }
    CHECK(event_newest(&a, db, S("site"), &got, &e));
    CHECK_STR(got, S("{\"n\":2}"));
}
