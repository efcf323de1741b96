#include "base/fault.h"
#include "base/file.h"
#include "base/test.h"
#include "log/wal.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct seen { size_t n, streams, bytes; uint64_t first, last; struct buf text; };

static bool no_streams(void *arg, uint64_t *after, struct buf *out)
{
    (void)arg, (void)after;
    buf_addz(out, "streams");
    return false;
}

static bool on_record(void *arg, const struct wal_record *r, struct err *e)
{
    (void)e;
    struct seen *s = arg;
    if (r->kind == WAL_STREAMS) {
        s->streams++;
        return true;
    }
    if (s->n++ == 0)
        s->first = r->lsn;
    s->last = r->lsn;
    s->bytes += r->payload.n;
    if (r->payload.n < 40)
        buf_addf(&s->text, STR_F " ", STR_A(r->payload));
    return true;
}

static struct wal *opened(void)
{
    struct err e = {0};
    struct wal *w = wal_open(test_dir(), no_streams, NULL, &e);
    CHECK(w != NULL);
    return w;
}

static uint64_t added(struct wal *w, const char *text)
{
    struct err e = {0};
    uint64_t lsn = 0;
    CHECK(wal_add(w, &(struct wal_record){.kind = WAL_BLOCK, .dataset = 3, .payload = str_z(text)}, &lsn, &e));
    return lsn;
}

static bool replayed(uint64_t from, struct seen *s, struct err *e)
{
    struct wal *w = opened();
    *s = (struct seen){.text = buf_make(1 << 20)};
    bool ok = wal_replay(w, from, on_record, s, e);
    wal_free(w);
    return ok;
}

static void expect(uint64_t from, const char *want)
{
    struct seen s;
    struct err e = {0};
    CHECK(replayed(from, &s, &e));
    CHECK_STR(buf_str(&s.text), str_z(want));
    buf_drop(&s.text);
}

static char *first_segment(void)
{
    static char path[4200];
    snprintf(path, sizeof path, "%s/0000000001.wal", test_dir());
    return path;
}

static void damage(uint64_t lsn, size_t at)
{
    int fd = open(first_segment(), O_RDWR);
    char c;
    off_t where = (off_t)((lsn & (WAL_SEGMENT - 1)) + at);
    CHECK(pread(fd, &c, 1, where) == 1);
    c ^= 1;
    CHECK(pwrite(fd, &c, 1, where) == 1);
    close(fd);
}

TEST(what_was_committed_comes_back_in_order)
{
    struct err e = {0};
    struct wal *w = opened();
    added(w, "one");
    uint64_t two = added(w, "two");
    CHECK(wal_commit(w, &e));
    added(w, "three");
    CHECK(wal_commit(w, &e));
    wal_free(w);
    expect(0, "one two three ");
    expect(two, "two three ");
}

TEST(what_was_not_committed_is_not_there)
{
    struct err e = {0};
    struct wal *w = opened();
    added(w, "one");
    CHECK(wal_commit(w, &e));
    added(w, "two");
    CHECK(wal_waiting(w) > 0);
    wal_free(w);
    expect(0, "one ");
}

TEST(after_a_restart_it_goes_on_in_a_new_segment)
{
    struct err e = {0};
    struct seen s = {.text = buf_make(1000)};
    for (int i = 0; i < 3; i++) {
        struct wal *w = opened();
        CHECK(wal_replay(w, 0, on_record, &s, &e));
        uint64_t lsn = added(w, "again");
        CHECK_INT(lsn >> 26, i + 1);
        CHECK(wal_commit(w, &e));
        wal_free(w);
    }
    buf_drop(&s.text);
    expect(0, "again again again ");
}

TEST(a_torn_end_is_cut_and_what_stood_behind_it_never_counts_again)
{
    struct err e = {0};
    struct wal *w = opened();
    added(w, "one");
    CHECK(wal_commit(w, &e));
    uint64_t two = added(w, "two");
    added(w, "three");                  // one write with two: it may be on the disk without it
    CHECK(wal_commit(w, &e));
    wal_free(w);
    damage(two, WAL_RECORD_HEAD);
    expect(0, "one ");
    damage(two, WAL_RECORD_HEAD);       // whole again, but behind the end
    expect(0, "one ");
}

TEST(a_broken_record_with_durable_ones_behind_it_is_rot)
{
    struct err e = {0};
    struct seen s;
    struct wal *w = opened();
    uint64_t one = added(w, "one");
    CHECK(wal_commit(w, &e));
    added(w, "two");
    CHECK(wal_commit(w, &e));
    wal_free(w);
    damage(one, 17);
    CHECK(!replayed(0, &s, &e));
    CHECK_INT(e.kind, ERR_CHECK);
    CHECK(str_find(str_z(e.text), S("are damaged")) >= 0);
    buf_drop(&s.text);
}

static size_t fill(struct wal *w, size_t records, size_t each)
{
    struct err e = {0};
    char *p = calloc(1, each);
    uint64_t lsn;
    for (size_t i = 0; i < records; i++) {
        CHECK(wal_add(w, &(struct wal_record){.kind = WAL_BLOCK, .payload = {p, each}}, &lsn, &e));
        if (i % 7 == 0)
            CHECK(wal_commit(w, &e));
    }
    CHECK(wal_commit(w, &e));
    free(p);
    return records * each;
}

TEST(segments_follow_each_other_and_are_used_again)
{
    struct err e = {0};
    struct seen s;
    struct wal *w = opened();
    size_t bytes = fill(w, 150, 1000003);
    CHECK_INT(wal_end(w) >> 26, 3);
    wal_free(w);
    CHECK(replayed(0, &s, &e));
    CHECK_INT(s.n, 150);
    CHECK_INT(s.bytes, bytes);
    CHECK_INT(s.streams, 3);
    buf_drop(&s.text);
    w = opened();
    CHECK(wal_replay(w, (uint64_t)3 << 26, on_record, &(struct seen){.text = buf_make(9)}, &e));
    CHECK(wal_forget(w, (uint64_t)3 << 26, &e));
    CHECK_INT(wal_bytes(w), WAL_SEGMENT);
    fill(w, 70, 1000003);               // over the bytes of the first two
    wal_free(w);
    CHECK(replayed((uint64_t)4 << 26, &s, &e));
    CHECK_INT(s.n, 70);
    buf_drop(&s.text);
    CHECK(!replayed((uint64_t)1 << 26, &s, &e));
    CHECK_INT(e.kind, ERR_CHECK);
    buf_drop(&s.text);
}

TEST(a_disk_that_is_full_changes_nothing_and_may_be_tried_again)
{
    struct err e = {0};
    uint64_t lsn;
    struct wal *w = opened();
    fault_set(FAULT_FILE, 3);           // dir_make asks none here; open, fallocate, head
    for (unsigned nth = 1; nth < 12; nth++) {
        fault_set(FAULT_FILE, nth);
        e = (struct err){0};
        if (wal_add(w, &(struct wal_record){.kind = WAL_BLOCK, .payload = S("x")}, &lsn, &e))
            break;
        CHECK(e.kind == ERR_LIMIT || e.kind == ERR_IO);
    }
    fault_set(FAULT_FILE, 0);
    CHECK(wal_add(w, &(struct wal_record){.kind = WAL_BLOCK, .payload = S("y")}, &lsn, &e));
    CHECK(wal_commit(w, &e));
    wal_free(w);
    struct seen s;
    CHECK(replayed(0, &s, &e));
    CHECK(str_ends(buf_str(&s.text), S("y ")));
    buf_drop(&s.text);
}

TEST(an_end_that_nothing_was_written_behind_still_says_what_streams_there_are)
{
    struct err e = {0};
    struct seen s;
    struct wal *w = opened();
    added(w, "one");
    CHECK(wal_commit(w, &e));
    wal_free(w);
    w = opened();
    uint64_t end = wal_end(w);          // of a segment that nobody makes
    CHECK(wal_forget(w, end, &e));
    wal_free(w);
    CHECK(replayed(end, &s, &e));
    CHECK_INT(s.streams, 1);
    buf_drop(&s.text);
}

static void second_segment(const char *from)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/0000000002.wal", test_dir());
    int in = open(from, O_RDONLY), out = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    char p[4096];
    for (ssize_t n; (n = read(in, p, sizeof p)) > 0;)
        CHECK(write(out, p, (size_t)n) == n);
    close(in);
    close(out);
}

TEST(a_segment_without_a_head_is_gone_before_anybody_asks_for_the_end)
{
    struct err e = {0};
    struct wal *w = opened();
    added(w, "one");
    CHECK(wal_commit(w, &e));
    wal_free(w);
    second_segment(first_segment());    // a used one under its new name, before its head was written
    w = opened();
    uint64_t end = wal_end(w);
    struct seen before = {.text = buf_make(9)};
    CHECK(wal_replay(w, 0, on_record, &before, &e));
    buf_drop(&before.text);
    uint64_t lsn = added(w, "two");
    CHECK(wal_commit(w, &e));
    CHECK_INT(lsn >> 26, 2);
    CHECK(lsn >= end);
    wal_free(w);
    expect(0, "one two ");
}

TEST(a_head_that_rotted_over_good_records_is_no_segment_that_was_never_made)
{
    struct err e = {0};
    struct wal *w = opened();
    added(w, "one");
    CHECK(wal_commit(w, &e));
    wal_free(w);
    damage((uint64_t)1 << 26, 20);
    CHECK(wal_open(test_dir(), no_streams, NULL, &e) == NULL);
    CHECK_INT(e.kind, ERR_CHECK);
    CHECK(path_exists(first_segment()));
}
