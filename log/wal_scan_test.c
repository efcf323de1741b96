// wal_scan_test.c: whatever is damaged, after mending everything else is read again, and nothing of the damage.
#include "base/file.h"
#include "base/test.h"
#include "log/wal_scan.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RECORDS = 60 };

struct seen { bool have[RECORDS]; size_t n, streams; };

static bool two_streams(void *arg, uint64_t *after, struct buf *out)
{
    (void)arg;
    buf_addz(out, "streams");
    return ++*after < 2;
}

static void note(struct seen *s, const struct wal_record *r)
{
    uint64_t n;
    s->streams += r->kind == WAL_STREAMS;
    if (r->kind == WAL_BLOCK && str_u64(str_head(r->payload, 4), &n) && n < RECORDS) {
        CHECK(!s->have[n]);
        s->have[n] = true;
        s->n++;
    }
}

static bool on_replay(void *arg, const struct wal_record *r, struct err *e)
{
    (void)e;
    note(arg, r);
    return true;
}

static void on_scan(void *arg, const struct wal_record *r, bool *drop)
{
    struct seen *s = arg;
    bool had = s->have[3];
    note(s, r);
    *drop = s->have[3] && !had;
}

static void on_hole(void *arg, const struct wal_hole *h)
{
    (void)arg;
    CHECK(h->to > h->from);
}

static bool replay(struct seen *s, struct err *e)
{
    *s = (struct seen){0};
    struct wal *w = wal_open(test_dir(), two_streams, NULL, e);
    bool ok = w && wal_replay(w, 0, on_replay, s, e);
    wal_free(w);
    return ok;
}

static size_t written(void)
{
    struct err e;
    struct wal *w = wal_open(test_dir(), two_streams, NULL, &e);
    uint64_t lsn = 0;
    for (int i = 0; i < RECORDS; i++) {
        char text[2000];
        memset(text, 'x', sizeof text);
        memcpy(text,
               (char[5]){(char)('0' + i / 1000), (char)('0' + i / 100 % 10), (char)('0' + i / 10 % 10),
                         (char)('0' + i % 10)}, 4);
        struct wal_record r = {.kind = WAL_BLOCK, .payload = {text, 40 + (size_t)i * 32}};
        CHECK(wal_add(w, &r, &lsn, &e) && wal_commit(w, &e));
    }
    wal_free(w);
    return lsn & (WAL_SEGMENT - 1);
}

static void damage(size_t at, size_t n)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/0000000001.wal", test_dir());
    OWN_FD fd = open(path, O_RDWR | O_CLOEXEC);
    for (size_t i = 0; i < n; i++)
        CHECK(pwrite(fd, "?", 1, (off_t)(at + i)) == 1);
}

TEST(a_damaged_log_is_read_again_but_for_the_damage)
{
    static const struct { size_t at, n, lost; } rows[] = {
        {64 + 40, 4, 0},            // the first list of streams
        {0, 64, 0},                 // the head
        {1000, 1, 1}, {2000, 8, 1}, {3000, 20000, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_ARENA struct arena a = arena_make(64 << 20);
        struct err e = {0};
        struct seen all = {0}, again;
        CHECK(tree_remove(test_dir(), &e) && dir_make(test_dir(), 0700, &e));
        size_t end = written();
        CHECK(rows[i].at + rows[i].n < end);
        damage(rows[i].at, rows[i].n);
        CHECK(!replay(&again, &e));
        CHECK_INT(e.kind, ERR_CHECK);
        struct wal_scan s = {.arena = &a, .dir = test_dir(), .record = on_scan, .hole = on_hole, .arg = &all};
        CHECK(wal_scan(&s, &e));
        CHECK_INT(s.holes.n, 1);
        if (rows[i].lost)
            CHECK_INT(RECORDS - all.n, rows[i].lost);
        CHECK(wal_snapshot(&s, two_streams, NULL, &e));
        CHECK(wal_mend(&s, str_zf(&a, "%s/kept", test_dir()), &e));
        CHECK(replay(&again, &e));
        CHECK_STR(str_z(e.kind && e.kind != ERR_CHECK ? e.text : ""), S(""));
        CHECK(all.have[3] && !again.have[3]);
        CHECK_INT(again.n, all.n - 1);
        CHECK_INT(again.streams, (i != 0) + 1 + 2);
        CHECK(path_exists(str_zf(&a, "%s/kept/0000000001.wal", test_dir())));
    }
}
