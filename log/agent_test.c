// agent_test.c: the table of what happens to files (follow.h), row by row, against the sink: every line once, and
// every loss said aloud.
#include "log/agent.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/say.h"
#include "base/test.h"
#include "log/follow.h"
#include "log/ltsv.h"
#include "log/sink.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { PATIENCE_MS = 20000 };         // with sanitizers, on a busy machine

struct stage {
    struct loop *loop;
    struct sink *sink;
    struct agent *agent;
    char config[1200], log[700];
    unsigned lines;             // written so far: numbers 0 .. lines - 1
    const char *format, *privacy;
    bool (*until)(struct stage *s);
    struct event *poll;
    int64_t deadline;
};

static const char *at(struct stage *s, const char *suffix)
{
    static char path[8][800];
    static unsigned turn;
    char *p = path[turn++ % 8];
    snprintf(p, sizeof path[0], "%s%s", s->log, suffix);
    return p;
}

static void start_agent(struct stage *s)
{
    struct err e = {0};
    struct agent_spec spec = {.socket = s->sink->path, .host = S("app1"), .root = "", .quiet_ms = 60, .settle_ms = 40,
                              .gather_ms = 2, .sweep_ms = 15, .retry_ms = 10};
    s->agent = agent_new(s->loop, &spec, &e);
    CHECK_STR(str_z(e.text), S(""));
}

static void stop_agent(struct stage *s)
{
    if (s->agent)
        agent_free(s->agent);
    s->agent = NULL;
    sink_hang_up(s->sink);
}

static void begin(struct stage *s)
{
    struct err e = {0};
    char path[600];
    signal(SIGPIPE, SIG_IGN);
    snprintf(path, sizeof path, "%s/www", test_dir());
    CHECK(mkdir(path, 0755) == 0 || errno == EEXIST);
    snprintf(s->log, sizeof s->log, "%s/access.log", path);
    snprintf(s->config, sizeof s->config,
             "{\"datasets\":[{\"id\":1,\"name\":\"access\",\"format\":\"%s\",\"policy\":%d,"
             "\"privacy\":[%s],\"hash_key\":\"\",\"paths\":[\"%s\"]}]}", s->format ? s->format : "ltsv",
             s->format || s->privacy ? 9 : 0, s->privacy ? s->privacy : "", s->log);
    s->loop = loop_new(&e);
    s->sink = calloc(1, sizeof *s->sink);
    s->sink->config = s->config;
    s->sink->window = 8 << 20;
    sink_open(s->sink, s->loop, test_dir());
}

static void on_poll(evutil_socket_t fd, short what, void *arg)
{
    struct stage *s = arg;
    (void)fd, (void)what;
    if (tick_ms() >= s->deadline || (s->until && s->until(s)))
        loop_stop(s->loop);
}

static bool wait_for(struct stage *s, int64_t ms, bool (*until)(struct stage *s))
{
    s->until = until;
    s->deadline = tick_ms() + ms;
    s->poll = loop_every(s->loop, 3, on_poll, s);
    loop_run(s->loop);
    event_free(s->poll);
    return until && until(s);
}

static bool all_there(struct stage *s)
{
    for (unsigned i = 0; i < s->lines; i++)
        if (s->sink->seen[i] == 0)
            return false;
    return true;
}

static bool all_done(struct stage *s)       // but the one that is written
{
    unsigned living = 0;
    for (size_t i = 0; i < s->sink->n; i++)
        living += !s->sink->stream[i].why;
    return living <= 1 && all_there(s);
}

static void pass(struct stage *s, int64_t ms)
{
    (void)wait_for(s, ms, NULL);
}

static unsigned doubled(const struct stage *s)
{
    unsigned n = 0;
    for (unsigned i = 0; i < s->lines; i++)
        n += s->sink->seen[i] > 1;
    return n;
}

static unsigned lost(const struct stage *s)
{
    unsigned n = 0;
    for (unsigned i = 0; i < s->lines; i++)
        n += s->sink->seen[i] == 0;
    return n;
}

static void finish(struct stage *s)
{
    CHECK_INT(doubled(s), 0);
    CHECK_INT(s->sink->wrong, 0);
    stop_agent(s);
    sink_close(s->sink);
    free(s->sink);
    loop_free(s->loop);
}

static void settled(struct stage *s, bool (*until)(struct stage *s))
{
    CHECK(wait_for(s, PATIENCE_MS, until));
    CHECK_INT(lost(s), 0);
}

// ---- the web server ----

static int open_log(struct stage *s)
{
    int fd = open(s->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    CHECK(fd >= 0);
    return fd;
}

static void write_lines(struct stage *s, int fd, unsigned n)
{
    OWN_BUF struct buf b = buf_make(64 << 20);
    for (unsigned i = 0; i < n; i++) {
        buf_addf(&b, "n:%u\tuser:%u\tpad:", s->lines, s->lines * 7919 % 1000);
        buf_addn(&b, 'x', 20 + s->lines % 37);
        buf_addc(&b, '\n');
        s->lines++;
    }
    struct err e;
    CHECK(fd_write_all(fd, buf_str(&b), &e));
}

static void append(struct stage *s, unsigned n)
{
    OWN_FD fd = open_log(s);
    write_lines(s, fd, n);
}

static void add_text(struct stage *s, const char *text)
{
    OWN_FD fd = open_log(s);
    CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

static void move(struct stage *s, const char *from, const char *to)
{
    CHECK(rename(at(s, from), at(s, to)) == 0);
}

static void copy(struct stage *s, const char *from, const char *to)
{
    OWN_ARENA struct arena a = arena_make(64 << 20);
    struct str text;
    struct err e;
    OWN_FD fd = open(at(s, to), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    CHECK(file_read(&a, at(s, from), 32 << 20, &text, &e) && fd_write_all(fd, text, &e));
}

static void squeeze(struct stage *s, const char *from, const char *to)
{
    OWN_ARENA struct arena a = arena_make(64 << 20);
    struct str text;
    struct err e;
    gzFile z = gzopen(at(s, to), "wb6");
    CHECK(file_read(&a, at(s, from), 32 << 20, &text, &e) && gzwrite(z, text.p, (unsigned)text.n) == (int)text.n);
    CHECK(gzclose(z) == Z_OK);
    CHECK(unlink(at(s, from)) == 0);
}

// Most rows begin so: n lines, and they have arrived. The file is still open where somebody wants to write into it.
static int begin_open(struct stage *s, unsigned n)
{
    begin(s);
    int fd = open_log(s);
    write_lines(s, fd, n);
    start_agent(s);
    settled(s, all_there);
    return fd;
}

static void begin_with(struct stage *s, unsigned n)
{
    close(begin_open(s, n));
}

// ---- rows ----

TEST(lines_come_as_they_are_written_and_half_a_line_waits)
{
    struct stage s = {0};
    begin(&s);
    start_agent(&s);
    pass(&s, 30);
    append(&s, 100);
    add_text(&s, "n:100\thalf");
    settled(&s, all_there);
    pass(&s, 200);
    CHECK_INT(s.sink->seen[100], 0);
    add_text(&s, " and half\n");
    s.lines++;
    append(&s, 10);
    settled(&s, all_there);
    CHECK_INT(s.sink->n, 1);
    CHECK_INT(s.sink->stream[0].s.head_n, HEAD_BYTES);
    finish(&s);
}

TEST(a_renamed_file_is_read_to_its_end_and_finished_once_quiet)
{
    struct stage s = {0};
    OWN_FD old = begin_open(&s, 500);
    move(&s, "", ".1");
    write_lines(&s, old, 50);           // until USR1 the web server writes to the old name
    pass(&s, 30);
    write_lines(&s, old, 50);
    append(&s, 20);
    write_lines(&s, old, 5);            // a worker that is slow to hear of it
    settled(&s, all_done);
    CHECK_INT(s.sink->n, 2);
    CHECK_INT(s.sink->stream[0].why, DONE_ROTATED);
    finish(&s);
}

TEST(no_timer_ends_a_file_without_successor_and_growth_reopens_a_finished_one)
{
    struct stage s = {0};
    OWN_FD old = begin_open(&s, 100);
    move(&s, "", ".1");
    close(open_log(&s));                // empty: nobody visits
    pass(&s, 250);
    CHECK_INT(s.sink->stream[0].why, 0);
    append(&s, 1);
    settled(&s, all_done);
    CHECK_INT(s.sink->stream[0].why, DONE_ROTATED);
    write_lines(&s, old, 30);
    settled(&s, all_there);
    settled(&s, all_done);
    CHECK_INT(s.sink->n, 2);
    finish(&s);
}

TEST(rotations_while_the_agent_was_away_gzip_included)
{
    struct stage s = {0};
    begin_with(&s, 3000);
    stop_agent(&s);
    append(&s, 3000);                   // the end of a known stream, later compressed
    move(&s, "", ".2");
    append(&s, 2000);                   // never seen
    move(&s, "", ".1");
    squeeze(&s, ".2", ".2.gz");
    append(&s, 1000);
    start_agent(&s);
    settled(&s, all_there);
    settled(&s, all_done);
    CHECK_INT(s.sink->n, 3);
    CHECK_INT(s.sink->stream[0].why, DONE_ROTATED);
    stop_agent(&s);
    start_agent(&s);                    // and nothing of it again
    pass(&s, 200);
    CHECK_INT(s.sink->n, 3);
    finish(&s);
}

static const char *beside(struct stage *s, const char *name)
{
    static char path[800];
    snprintf(path, sizeof path, "%.*s%s", (int)(strrchr(s->log, '/') + 1 - s->log), s->log, name);
    return path;
}

TEST(logrotates_extension_names_are_older_files_and_other_logs_are_not)
{
    static const char *const older[] = {"access-20261122.log", "access-20261121-1763798400.log", "access.1.log",
                                        "access.12.log"};
    static const char *const others[] = {"access-2.log", "access.api.log", "access.log1", "access-2026.log.txt",
                                         "access_20261122.log", "error-20261122.log", "access-20261122x.log",
                                         "access.20261122.log.bak", "access..log", "access.443.log"};
    struct stage s = {0};
    begin_with(&s, 100);
    for (size_t i = 0; i < ARRAY_LEN(older); i++) {
        append(&s, 100);
        settled(&s, all_there);
        CHECK(rename(s.log, beside(&s, older[i])) == 0);
        append(&s, 100);
        settled(&s, all_there);
    }
    size_t streams = s.sink->n;
    stop_agent(&s);
    for (size_t i = 0; i < ARRAY_LEN(older); i++)
        CHECK(unlink(beside(&s, older[i])) == 0);
    append(&s, 500);                    // while the agent was away; then packed
    squeeze(&s, "", ".gz");
    CHECK(rename(at(&s, ".gz"), beside(&s, "access.1.log.gz")) == 0);
    append(&s, 100);
    unsigned lines = s.lines;
    s.lines = 20000;
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        move(&s, "", ".kept");
        append(&s, 10);
        CHECK(rename(s.log, beside(&s, others[i])) == 0);
        move(&s, ".kept", "");
    }
    for (unsigned i = lines; i < 20000; i++)
        s.sink->seen[i] = 1;            // numbers that no line has
    unsigned all = s.lines;
    s.lines = lines;
    start_agent(&s);
    settled(&s, all_there);
    pass(&s, 200);
    for (unsigned i = 20000; i < all; i++)
        CHECK_INT(s.sink->seen[i], 0);
    CHECK_INT(s.sink->n, streams + 1);
    finish(&s);
}

TEST(a_file_compressed_while_it_is_held_open_counts_once)
{
    struct stage s = {0};
    begin_with(&s, 2000);
    move(&s, "", ".1");
    append(&s, 10);
    pass(&s, 20);
    squeeze(&s, ".1", ".1.gz");
    append(&s, 10);
    settled(&s, all_done);
    pass(&s, 200);
    CHECK_INT(s.sink->n, 2);
    finish(&s);
}

TEST(copytruncate_reads_the_copy_out_and_says_unproven)
{
    struct stage s = {0};
    begin_with(&s, 2000);
    sink_hang_up(s.sink);
    append(&s, 500);
    copy(&s, "", ".1");
    CHECK(truncate(s.log, 0) == 0);
    append(&s, 100);
    settled(&s, all_done);
    CHECK_INT(s.sink->n, 2);
    CHECK_INT(s.sink->stream[0].why, DONE_TRUNCATED);
    CHECK_INT(s.sink->stream[0].size, s.sink->stream[0].s.offset);
    pass(&s, 100);
    CHECK_INT(s.sink->n, 2);
    finish(&s);
}

TEST(copytruncate_when_all_was_read_leaves_the_copy_alone)
{
    struct stage s = {0};
    begin_with(&s, 2000);
    copy(&s, "", ".1");
    pass(&s, 50);
    CHECK_INT(s.sink->n, 1);
    CHECK(truncate(s.log, 0) == 0);
    pass(&s, 50);
    append(&s, 100);
    settled(&s, all_done);
    CHECK_INT(s.sink->n, 2);
    CHECK_INT(s.sink->stream[0].why, DONE_TRUNCATED);
    finish(&s);
}

// As after a restart of the agent: the file is packed by now, and known by its head alone.
static void pack_and_return(struct stage *s)
{
    stop_agent(s);
    move(s, "", ".2");
    squeeze(s, ".2", ".2.gz");
    append(s, 10);
    start_agent(s);
    settled(s, all_done);
}

static void open_window(struct stage *s, uint32_t n)
{
    OWN_BUF struct buf b = buf_make(64);
    wire_window_put(&b, n);
    sink_send(s->sink, FRAME_WINDOW, buf_str(&b));
}

static bool claimed(struct stage *s)
{
    return s->sink->n > 0;
}

static void cut_off(struct stage *s, unsigned lines_then)
{
    copy(s, "", ".1");
    CHECK(truncate(s->log, 0) == 0);
    append(s, lines_then);
}

// The copy is what the first stream goes on with, what grew again is the second one, also when it is packed.
static void two_files(struct stage *s)
{
    open_window(s, 1 << 20);
    settled(s, all_there);
    CHECK_INT(s->sink->n, 2);
    pack_and_return(s);
    CHECK_INT(s->sink->n, 3);
    finish(s);
}

TEST(copytruncate_between_the_claim_and_the_first_block)
{
    struct stage s = {0};
    begin(&s);
    s.sink->closes = true;
    append(&s, 2000);
    start_agent(&s);
    CHECK(wait_for(&s, PATIENCE_MS, claimed));
    pass(&s, 50);
    CHECK_INT(s.sink->n, 1);
    CHECK_INT(s.sink->blocks, 0);
    s.sink->closes = false;
    cut_off(&s, 3000);
    two_files(&s);
}

TEST(copytruncate_before_the_head_is_as_long_as_it_will_be)
{
    struct stage s = {0};
    begin_with(&s, 1);
    open_window(&s, 0);
    cut_off(&s, 100);
    pass(&s, 100);
    two_files(&s);
}

TEST(copytruncate_while_the_agent_was_away)
{
    struct stage s = {0};
    begin_with(&s, 1000);
    stop_agent(&s);
    append(&s, 400);
    copy(&s, "", ".1");
    CHECK(truncate(s.log, 0) == 0);
    append(&s, 3000);                   // beyond the old offset
    start_agent(&s);
    settled(&s, all_done);
    CHECK_INT(s.sink->n, 2);
    CHECK_INT(s.sink->stream[0].why, DONE_TRUNCATED);
    finish(&s);
}

static bool first_done(struct stage *s)
{
    return s->sink->stream[0].why;
}

TEST(cut_off_before_it_was_read_is_told_with_what_was_lost)
{
    struct stage s = {0};
    struct stat st;
    begin_with(&s, 1000);
    open_window(&s, 0);
    append(&s, 500);
    pass(&s, 150);                      // seen, and not sent
    CHECK(stat(s.log, &st) == 0);
    CHECK(truncate(s.log, 0) == 0);
    append(&s, 2000);
    pass(&s, 50);
    open_window(&s, 8 << 20);
    CHECK(wait_for(&s, PATIENCE_MS, first_done));
    CHECK_INT(s.sink->stream[0].why, DONE_TRUNCATED);
    CHECK(s.sink->stream[0].s.offset < (uint64_t)st.st_size);
    CHECK_INT(s.sink->stream[0].size, st.st_size);
    finish(&s);
}

TEST(cut_off_without_a_copy_is_not_told_as_longer_than_it_was)
{
    struct stage s = {0};
    begin_with(&s, 1000);
    CHECK(truncate(s.log, 0) == 0);
    append(&s, 5000);                   // longer than it was, before anybody looks
    settled(&s, all_done);
    CHECK_INT(s.sink->n, 2);
    CHECK_INT(s.sink->stream[0].why, DONE_TRUNCATED);
    CHECK_INT(s.sink->stream[0].size, s.sink->stream[0].s.offset);      // the others are no loss of this one
    finish(&s);
}

TEST(unlinked_while_open_is_read_out)
{
    struct stage s = {0};
    OWN_FD old = begin_open(&s, 100);
    CHECK(unlink(s.log) == 0);
    write_lines(&s, old, 100);
    append(&s, 5);
    settled(&s, all_done);
    CHECK_INT(s.sink->stream[0].why, DONE_ROTATED);
    finish(&s);
}

TEST(unlinked_while_the_agent_was_away_is_unproven)
{
    struct stage s = {0};
    begin_with(&s, 100);
    stop_agent(&s);
    CHECK(unlink(s.log) == 0);
    append(&s, 7);                      // perhaps with the same inode
    start_agent(&s);
    settled(&s, all_done);
    CHECK_INT(s.sink->n, 2);
    CHECK(s.sink->stream[0].why == DONE_VANISHED || s.sink->stream[0].why == DONE_TRUNCATED);
    finish(&s);
}

TEST(a_torn_end_is_sent_when_the_file_is_finished)
{
    struct stage s = {0};
    begin(&s);
    append(&s, 10);
    add_text(&s, "n:10\tno end");
    start_agent(&s);
    settled(&s, all_there);
    move(&s, "", ".1");
    pass(&s, 150);
    CHECK_INT(s.sink->stream[0].torn, 0);
    s.lines++;
    append(&s, 1);
    settled(&s, all_done);
    CHECK_INT(s.sink->stream[0].torn, 1);
    CHECK_INT(s.sink->stream[0].why, DONE_ROTATED);
    finish(&s);
}

static void long_line(struct stage *s, size_t n, bool end)
{
    OWN_BUF struct buf b = buf_make(16 << 20);
    OWN_FD fd = open_log(s);
    struct err e;
    buf_addf(&b, "n:%u\tlong:", s->lines++);
    buf_addn(&b, 'y', n - b.n);
    if (end)
        buf_addc(&b, '\n');
    CHECK(fd_write_all(fd, buf_str(&b), &e));
}

TEST(long_lines_send_their_beginning_and_count_all)
{
    static const size_t rows[] = {LINE_MAX_BYTES - 1, LINE_MAX_BYTES, LINE_MAX_BYTES + 1, 200 << 10, BLOCK_MAX,
                                  BLOCK_MAX + 1, 5 << 20};
    struct stage s = {0};
    struct stat st;
    begin(&s);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        append(&s, 3);
        long_line(&s, rows[i], true);
    }
    append(&s, 2);
    start_agent(&s);
    settled(&s, all_there);
    CHECK_INT(s.sink->stream[0].long_lines, 5);
    CHECK(stat(s.log, &st) == 0);
    CHECK_INT(s.sink->stream[0].s.offset, st.st_size);
    long_line(&s, 3 << 20, false);
    pass(&s, 60);
    CHECK_INT(s.sink->stream[0].long_lines, 5);
    add_text(&s, "end\n");
    settled(&s, all_there);
    long_line(&s, 2 << 20, false);
    move(&s, "", ".1");
    append(&s, 1);
    settled(&s, all_done);
    CHECK_INT(s.sink->stream[0].long_lines, 7);
    CHECK_INT(s.sink->stream[0].torn, 1);
    finish(&s);
}

TEST(a_cut_link_and_lost_acks_cost_nothing_and_double_nothing)
{
    struct stage s = {0};
    begin(&s);
    s.sink->window = 300 << 10;
    append(&s, 20000);
    start_agent(&s);
    for (int i = 0; i < 12; i++) {
        s.sink->no_acks = i & 1;
        pass(&s, 4 + i);
        sink_hang_up(s.sink);
        append(&s, 100);
    }
    s.sink->no_acks = false;
    settled(&s, all_there);
    CHECK(s.sink->hellos > 3);
    CHECK_INT(s.sink->n, 1);
    finish(&s);
}

TEST(rewinds_are_followed)
{
    struct stage s = {0};
    begin_with(&s, 10000);
    for (int i = 0; i < 5; i++) {
        OWN_BUF struct buf b = buf_make(64);
        struct sink_stream *t = &s.sink->stream[0];
        wire_offsets_put(&b, &(struct wire_offsets){.at = {{1, t->s.offset}}, .n = 1});
        append(&s, 500);
        pass(&s, i);
        sink_send(s.sink, FRAME_REWIND, buf_str(&b));
    }
    settled(&s, all_there);
    finish(&s);
}

TEST(a_closed_window_stops_reading_and_an_open_one_goes_on)
{
    struct stage s = {0};
    begin(&s);
    s.sink->window = 0;
    append(&s, 5000);
    start_agent(&s);
    pass(&s, 100);
    CHECK_INT(s.sink->blocks, 0);
    move(&s, "", ".1");                 // what is rotated and removed meanwhile stays open
    append(&s, 5000);
    pass(&s, 50);
    CHECK(unlink(at(&s, ".1")) == 0);
    open_window(&s, 1 << 20);
    settled(&s, all_there);
    finish(&s);
}

TEST(the_server_may_be_away_while_files_rotate_and_vanish)
{
    struct stage s = {0};
    begin_with(&s, 100);
    sink_close(s.sink);
    for (int i = 0; i < 5; i++) {
        append(&s, 300);
        pass(&s, 40);
        move(&s, "", ".1");
        append(&s, 10);
        pass(&s, 40);
        CHECK(unlink(at(&s, ".1")) == 0);
    }
    sink_open(s.sink, s.loop, test_dir());
    settled(&s, all_done);
    CHECK_INT(s.sink->n, 6);
    finish(&s);
}

TEST(copies_strangers_and_old_files_are_left_alone)
{
    struct stage s = {0};
    struct timespec old[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    begin(&s);
    s.sink->horizon_us = (now_ms() - 86400000) * 1000;
    append(&s, 10);
    unsigned kept = s.lines;
    move(&s, "", ".9");
    CHECK(utimensat(AT_FDCWD, at(&s, ".9"), old, 0) == 0);
    s.lines = 5000;
    append(&s, 300);
    copy(&s, "", ".bak");
    copy(&s, "", "ger");                // access.logger is no relative
    copy(&s, "", ".xz");
    copy(&s, "", ".swp");
    start_agent(&s);
    pass(&s, 250);
    CHECK_INT(s.sink->n, 1);
    for (unsigned i = 0; i < s.lines; i++)
        CHECK_INT(s.sink->seen[i], i >= 5000);
    CHECK_INT(kept, 10);
    finish(&s);
}

TEST(a_damaged_archive_gives_what_it_has_and_is_unproven)
{
    struct stage s = {0};
    struct stat st;
    begin(&s);
    append(&s, 20000);
    move(&s, "", ".1");
    squeeze(&s, ".1", ".1.gz");
    CHECK(stat(at(&s, ".1.gz"), &st) == 0 && truncate(at(&s, ".1.gz"), st.st_size / 2) == 0);
    unsigned all = s.lines;
    append(&s, 10);
    start_agent(&s);
    pass(&s, 600);
    CHECK_INT(s.sink->n, 2);
    unsigned gone = lost(&s);
    CHECK(gone > 0 && gone < all);
    CHECK(s.sink->stream[0].why == DONE_TRUNCATED || s.sink->stream[1].why == DONE_TRUNCATED);
    finish(&s);
}

TEST(lines_are_changed_by_the_policy_and_offsets_stay_the_files)
{
    struct stage s = {.privacy = "{\"label\":\"user\",\"do\":\"drop\"}"};
    struct stat st;
    begin_with(&s, 20000);
    CHECK(stat(s.log, &st) == 0);
    CHECK_INT(s.sink->stream[0].s.offset, st.st_size);
    finish(&s);
}

TEST(lines_that_grow_by_their_format_go_as_several_blocks)
{
    struct stage s = {.format = "combined"};
    struct stat st;
    OWN_BUF struct buf b = buf_make(16 << 20);
    struct err e;
    begin(&s);
    for (int i = 0; i < 30000; i++)
        buf_addf(&b, "1.2.3.%d - - [22/Nov/2026:10:00:00 +0900] \"GET /%d HTTP/1.1\" 200 5 \"-\" \"x\"\n", i % 250, i);
    OWN_FD fd = open_log(&s);
    CHECK(fd_write_all(fd, buf_str(&b), &e));
    start_agent(&s);
    pass(&s, 300);
    CHECK(stat(s.log, &st) == 0);
    CHECK_INT(s.sink->others, 30000);
    CHECK_INT(s.sink->stream[0].s.offset, st.st_size);
    CHECK(s.sink->blocks >= 3);
    stop_agent(&s);
    start_agent(&s);                    // the tail is that of the file, whatever was sent
    add_text(&s, "1.2.3.4 - - [22/Nov/2026:10:00:00 +0900] \"GET / HTTP/1.1\" 200 5 \"-\" \"x\"\n");
    pass(&s, 150);
    CHECK_INT(s.sink->others, 30001);
    CHECK_INT(s.sink->n, 1);
    finish(&s);
}

TEST(the_status_says_what_waits)
{
    struct stage s = {0};
    begin(&s);
    append(&s, 100);
    start_agent(&s);
    pass(&s, 2200);
    CHECK(s.sink->statuses >= 1);
    CHECK_INT(s.sink->status.n, 1);
    CHECK_INT(s.sink->status.at[0].oldest_us, 0);
    CHECK(s.sink->status.rss > 1 << 20);
    CHECK_INT(s.sink->status.until_us, s.sink->status.now_us);
    finish(&s);
}

TEST(rotated_files_that_are_not_read_yet_are_behind)
{
    struct stage s = {0};
    begin(&s);
    append(&s, 20000);
    move(&s, "", ".2");
    squeeze(&s, ".2", ".2.gz");
    append(&s, 3000);
    move(&s, "", ".1");
    append(&s, 1000);
    s.sink->window = 0;                 // the log server has no room
    start_agent(&s);
    pass(&s, 2400);
    CHECK(s.sink->statuses >= 1);
    CHECK_INT(s.sink->status.n, 3);
    for (size_t i = 0; i < s.sink->status.n; i++) {
        const struct wire_file *f = &s.sink->status.at[i];
        CHECK(f->oldest_us > 0 && (f->open || f->size > f->offset));
    }
    finish(&s);
}

// What a release is told of must not end after a line that has not come.
TEST(the_status_ends_before_what_is_not_durable)
{
    struct stage s = {0};
    begin(&s);
    append(&s, 100);
    start_agent(&s);
    pass(&s, 2200);
    CHECK_INT(s.sink->status.until_us, s.sink->status.now_us);
    s.sink->no_acks = true;
    int64_t before = now_ms() * 1000;
    append(&s, 100);
    pass(&s, 2600);
    CHECK(s.sink->status.now_us > before);
    CHECK(s.sink->status.until_us > 0 && s.sink->status.until_us <= before);
    finish(&s);
}

TEST(a_file_that_cannot_be_read_may_have_anything)
{
    struct stage s = {0};
    begin(&s);
    CHECK(mkdir(s.log, 0700) == 0);
    start_agent(&s);
    pass(&s, 2200);
    CHECK(s.sink->statuses >= 1);
    CHECK_INT(s.sink->status.until_us, 0);
    finish(&s);
}

static int lines_of(const char *path)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct str text;
    struct err e;
    int n = 0;
    CHECK(file_read(&a, path, 1 << 16, &text, &e));
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    return n;
}

TEST(two_files_that_cannot_be_read_are_said_once_each)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    char file[] = "/var/log/nginx/access.log";
    struct follow fo = {.file = file};
    struct err one = {.text = "open access.log: Permission denied"}, none = {0};
    struct err other = {.text = "open access.log.1: Permission denied"};
    const char *path = str_zf(&a, "%s/said", test_dir());
    OWN_FD heard = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    say_into(heard);
    for (int i = 0; i < 10; i++) {
        follow_trouble(&fo, &one);
        follow_trouble(&fo, &other);
    }
    CHECK_INT(lines_of(path), 2);
    follow_trouble(&fo, &none);         // all is well again
    follow_trouble(&fo, &other);
    CHECK_INT(lines_of(path), 3);
    say_into(STDERR_FILENO);
}
