// stream_test.c: blocks join end to start, whoever connects again hears what is written, and records bring all of it
// back.
#include "base/test.h"
#include "log/stream.h"
#include <string.h>

static struct stream *some_stream(struct streams *t, const char *path)
{
    struct err e;
    struct wire_claim c = {.dataset = 1, .path = str_z(path), .dev = 1, .inode = 2, .head_n = 3};
    memset(c.head, 7, sizeof c.head);
    return streams_new(t, S("app1"), &c, &e);
}

TEST(a_block_is_taken_when_it_joins)
{
    static const struct { uint64_t start, end; enum take want; uint64_t offset; } rows[] = {
        {0, 100, TAKE_IT, 0}, {0, 100, TAKE_KNOWN, 0}, {50, 90, TAKE_KNOWN, 0}, {50, 150, TAKE_REWIND, 100},
        {101, 150, TAKE_REWIND, 100}, {100, 150, TAKE_IT, 100}, {UINT64_MAX - 1, UINT64_MAX, TAKE_REWIND, 150},
    };
    struct streams t;
    streams_make(&t);
    struct stream *s = some_stream(&t, "/a");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint64_t offset;
        CHECK_INT(stream_take(&t, s, rows[i].start, rows[i].end, &offset), rows[i].want);
        CHECK_INT(offset, rows[i].offset);
    }
    stream_ended(&t, s, 150, DONE_ROTATED, 1);
    uint64_t offset;
    CHECK_INT(stream_take(&t, s, 150, 151, &offset), TAKE_NEVER);
    streams_drop(&t);
}

TEST(what_was_taken_and_not_written_comes_again)
{
    static const unsigned char tail[16] = {9};
    struct wire_streams out;
    uint64_t offset;
    struct streams t;
    streams_make(&t);
    struct stream *s = some_stream(&t, "/a"), *other = some_stream(&t, "/b");
    CHECK_INT(stream_take(&t, s, 0, 100, &offset), TAKE_IT);
    stream_wrote(&t, s, 60, tail, 5);
    CHECK_INT(stream_take(&t, other, 0, 10, &offset), TAKE_IT);
    streams_untake(&t, S("app1"), 1, S("/a"));
    CHECK_INT(stream_take(&t, s, 60, 100, &offset), TAKE_IT);
    CHECK_INT(stream_take(&t, other, 10, 20, &offset), TAKE_IT);
    streams_of(&t, S("app1"), 1, S("/a"), UINT64_MAX, &out);
    CHECK(out.n == 1 && out.at[0].offset == 60 && out.at[0].id == s->id && out.at[0].tail[0] == 9);
    streams_of(&t, S("app2"), 1, S("/a"), UINT64_MAX, &out);
    CHECK_INT(out.n, 0);
    streams_drop(&t);
}

TEST(streams_come_back_from_their_record)
{
    static const unsigned char tail[16] = {9};
    OWN_BUF struct buf b = buf_make(1 << 20);
    struct streams t, back;
    struct err e;
    streams_make(&t);
    streams_make(&back);
    struct stream *a = some_stream(&t, "/a"), *z = some_stream(&t, "/z");
    stream_wrote(&t, a, 4096, tail, 77);
    stream_ended(&t, z, 12, DONE_TRUNCATED, 78);
    uint64_t after = 0;
    CHECK(!streams_put(&t, &after, &b));
    CHECK_INT(b.n, t.bytes);
    CHECK(streams_read(&back, buf_str(&b), &e));
    CHECK_INT(back.n, 2);
    CHECK_INT(back.bytes, t.bytes);
    const struct stream *got = streams_find(&back, a->id), *ended = streams_find(&back, z->id);
    CHECK(got && got->written == 4096 && got->taken == 4096 && got->touched_us == 77 && strcmp(got->path, "/a") == 0);
    CHECK(ended && ended->why == DONE_TRUNCATED && ended->size == 12);
    CHECK_INT(back.next_id, t.next_id);
    for (size_t n = 0; n + 1 < b.n; n++) {
        struct streams cut;
        streams_make(&cut);
        bool whole = n == b.n / 2;      // both records are as long as each other
        CHECK(streams_read(&cut, (struct str){b.p, n}, &e) == (n == 0 || whole));
        streams_drop(&cut);
    }
    streams_drop(&t);
    streams_drop(&back);
}

static const int64_t day_us = INT64_C(86400) * 1000000;

// On each of so many days from `first` on another file was written to.
static void days_pass(struct streams *t, int64_t first, int n)
{
    static const unsigned char tail[16];
    for (int i = 0; i < n; i++)
        stream_wrote(t, some_stream(t, "/x"), 1, tail, (first + i) * day_us);
}

TEST(ended_streams_are_forgotten_when_nobody_can_ask_for_them_any_more)
{
    struct streams t;
    streams_make(&t);
    struct stream *ended = some_stream(&t, "/b");
    uint64_t id = ended->id;
    stream_ended(&t, ended, 1, DONE_ROTATED, day_us);
    days_pass(&t, 2, FORGET_DAYS);
    size_t bytes = t.bytes;
    streams_forget(&t, (FORGET_DAYS + 1) * day_us);
    CHECK(streams_find(&t, id) == ended);
    streams_forget(&t, (FORGET_DAYS + 1) * day_us + 1);
    CHECK(!streams_find(&t, id));
    CHECK_INT(t.n, FORGET_DAYS);
    CHECK_INT(bytes - t.bytes, 92 + strlen("app1") + strlen("/b"));
    streams_drop(&t);
}

TEST(a_file_that_is_claimed_as_new_twice_is_one_stream)
{
    struct streams t;
    streams_make(&t);
    struct stream *s = some_stream(&t, "/a");
    struct wire_claim c = {.dataset = 1, .path = S("/a"), .dev = 1, .inode = 2, .head_n = 3};
    memset(c.head, 7, sizeof c.head);
    CHECK(streams_twin(&t, S("app1"), &c) == s);
    CHECK(!streams_twin(&t, S("app2"), &c));
    c.inode = 3;                            // another file
    CHECK(!streams_twin(&t, S("app1"), &c));
    c.inode = 2;
    c.head[0] = 1;                          // cut off and begun again
    CHECK(!streams_twin(&t, S("app1"), &c));
    c.head[0] = 7;
    stream_ended(&t, s, 1, DONE_TRUNCATED, 1);
    CHECK(!streams_twin(&t, S("app1"), &c));
    streams_drop(&t);
}

TEST(all_streams_of_a_path_are_told_frame_by_frame)
{
    static struct wire_streams out;
    struct streams t;
    streams_make(&t);
    for (int i = 0; i < 2 * STREAMS_MAX + 5; i++)
        some_stream(&t, "/a");
    uint64_t before = UINT64_MAX, last = UINT64_MAX;
    size_t told = 0, frames = 0;
    do {
        streams_of(&t, S("app1"), 1, S("/a"), before, &out);
        for (size_t i = 0; i < out.n; last = out.at[i++].id)
            CHECK(out.at[i].id < last);
        told += out.n;
        frames++;
        before = last;
    } while (out.more);
    CHECK_INT(told, 2 * STREAMS_MAX + 5);
    CHECK_INT(frames, 3);
    streams_drop(&t);
}

// A host that makes files without end: it is told so, others go on, and all that is known has room in a new segment.
TEST(one_host_does_not_fill_the_table)
{
    struct streams t, back;
    struct err e = {0};
    char path[PATH_BYTES_MAX + 1];
    struct wire_claim c = {.dataset = 1, .path = {path, PATH_BYTES_MAX}, .head_n = 4};
    streams_make(&t);
    streams_make(&back);
    memset(path, 'p', sizeof path);
    size_t n = 0;
    while (streams_new(&t, S("app1"), &c, &e))
        n++;
    CHECK_INT(e.kind, ERR_LIMIT);
    CHECK_INT(n, STREAMS_HOST_MAX / (92 + 4 + PATH_BYTES_MAX));
    for (int i = 2; i < 9; i++)
        while (streams_new(&t, str_z((const char *[]){"app2", "app3", "app4", "app5", "app6", "app7", "app8"}[i - 2]),
                           &c, &e))
            ;
    CHECK(t.bytes <= STREAMS_BYTES_MAX);
    CHECK(t.bytes > STREAMS_BYTES_MAX - 2000);
    uint64_t after = 0;
    for (bool more = true; more;) {
        OWN_BUF struct buf b = buf_make(8 << 20);
        more = streams_put(&t, &after, &b);
        CHECK(!b.failed && b.n <= STREAMS_PUT);
        CHECK(streams_read(&back, buf_str(&b), &e));
    }
    CHECK_INT(back.n, t.n);
    CHECK_INT(back.bytes, t.bytes);
    streams_drop(&t);
    streams_drop(&back);
}

TEST(a_clock_that_jumps_forgets_nothing)
{
    static const unsigned char tail[16];
    const int64_t today = 20000;
    struct streams t;
    streams_make(&t);
    struct stream *ended = some_stream(&t, "/ended"), *lives = some_stream(&t, "/lives");
    uint64_t id = ended->id;
    stream_ended(&t, ended, 1, DONE_ROTATED, (today - 10) * day_us);
    days_pass(&t, today - 9, 10);
    streams_forget(&t, (today + 4000) * day_us);
    CHECK_INT(t.n, 12);
    stream_wrote(&t, lives, 1, tail, (today + 4000) * day_us);      // and is believed by what is written meanwhile
    days_pass(&t, today + 4001, 2);
    streams_forget(&t, (today + 4002) * day_us);
    CHECK(streams_find(&t, id) == ended);
    days_pass(&t, today + 1, 30);                                   // it is right again
    streams_forget(&t, (today + 30) * day_us);
    CHECK(!streams_find(&t, id));
    streams_drop(&t);
}

TEST(what_was_forgotten_is_not_read_again_when_the_clock_goes_back)
{
    const int64_t today = 20000;
    struct streams t;
    streams_make(&t);
    CHECK_INT(streams_horizon(&t, today * day_us), (today - HORIZON_DAYS) * day_us);
    days_pass(&t, today - 9, 10);
    streams_forget(&t, today * day_us);
    CHECK_INT(streams_horizon(&t, (today - 400) * day_us), (today - 2 - HORIZON_DAYS) * day_us);
    CHECK_INT(streams_horizon(&t, (today + 5) * day_us), (today + 5 - HORIZON_DAYS) * day_us);
    days_pass(&t, today + 400, 1);          // one jump ahead moves nothing
    streams_forget(&t, today * day_us);
    CHECK_INT(streams_horizon(&t, today * day_us), (today - HORIZON_DAYS) * day_us);
    streams_drop(&t);
}
