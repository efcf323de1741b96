#include "base/test.h"
#include "log/ltsv.h"
#include <stdlib.h>
#include <string.h>

// Everything that was read, as text: "time=1518662333 status=200 | ..." for rows, "!utf8 LINE" for bad lines.
struct seen {
    struct schema schema;
    struct buf text;
    size_t rows, bad, blank, bytes, batches;
};

static void put_rows(struct seen *s, const struct batch *b)
{
    for (size_t i = 0; i < b->rows; i++) {
        buf_addf(&s->text, "time=%lld", (long long)(b->time[i] / 1000000));
        for (int c = 1; c < s->schema.n; c++) {
            struct cell cell = b->cells[c][i];
            const char *base = c == SCHEMA_EXTRA ? b->extra : b->text;
            if (b->filled[c] && cell.n != CELL_NONE)
                buf_addf(&s->text, " %.*s=%.*s", (int)s->schema.at[c].name_n, s->schema.at[c].name, (int)cell.n,
                         base + cell.at);
        }
        buf_addz(&s->text, " | ");
    }
}

static void on_batch(void *arg, const struct batch *b)
{
    struct seen *s = arg;
    put_rows(s, b);
    for (size_t i = 0; i < b->bad_n; i++) {
        struct str reason = bad_reason_name(b->bad[i].reason);
        buf_addf(&s->text, "!" STR_F " %.*s | ", STR_A(reason), (int)(b->bad[i].line.n < 40 ? b->bad[i].line.n : 40),
                 b->text + b->bad[i].line.at);
    }
    s->rows += b->rows;
    s->bad += b->bad_n;
    s->blank += b->blank;
    s->bytes += b->bytes;
    s->batches++;
}

static struct seen *read_all(const char *text, size_t n)
{
    struct seen *s = calloc(1, sizeof *s);
    char *room = malloc(n + LTSV_SLACK + 16);
    memset(room, '\n', n + LTSV_SLACK + 16);
    memcpy(room + 16, text, n);
    s->schema = schema_make();
    s->text = buf_make(8 << 20);
    struct ltsv *l = ltsv_new(&s->schema, on_batch, s);
    ltsv_read(l, room + 16, n);
    ltsv_free(l);
    free(room);
    return s;
}

static void seen_free(struct seen *s)
{
    buf_drop(&s->text);
    free(s);
}

static void expect(const char *text, const char *want)
{
    struct seen *s = read_all(text, strlen(text));
    CHECK_STR(buf_str(&s->text), str_z(want));
    CHECK_INT(s->bytes, strlen(text));
    seen_free(s);
}

#define T "time:2018-02-15T02:38:53Z"

TEST(a_line_becomes_a_row_with_its_values)
{
    expect(T "\tstatus:200\turi:/a:b\n", "time=1518662333 status=200 uri=/a:b | ");
    expect("status:200\t" T "\n", "time=1518662333 status=200 | ");
    expect(T "\tquery:\treferer:-\n", "time=1518662333 query= referer=- | ");
}

TEST(the_order_may_change_and_labels_may_be_missing)
{
    expect(T "\tstatus:200\turi:/a\n" T "\tstatus:201\turi:/b\n" T "\turi:/c\tstatus:202\n" T "\turi:/d\n"
           T "\tstatus:204\turi:/e\n",
           "time=1518662333 status=200 uri=/a | time=1518662333 status=201 uri=/b | "
           "time=1518662333 status=202 uri=/c | "
           "time=1518662333 uri=/d | time=1518662333 status=204 uri=/e | ");
}

TEST(a_short_line_does_not_run_into_the_next)
{
    expect(T "\tstatus:200\turi:/a\n" T "\nuri:/b\t" T "\tstatus:201\n",
           "time=1518662333 status=200 uri=/a | time=1518662333 | "
           "time=1518662333 status=201 uri=/b | ");
    // The next line begins with the very label that was expected there.
    expect(T "\tstatus:200\turi:/a\n" T "\tstatus:201\nuri:/b\t" T "\n", "time=1518662333 status=200 uri=/a | "
           "time=1518662333 status=201 | time=1518662333 uri=/b | ");
}

TEST(what_has_no_column_is_kept_as_json)
{
    expect(T "\tcolour:red\tx:\"a\\b\"\n", "time=1518662333 extra={\"colour\":\"red\",\"x\":\"\\\"a\\\\b\\\"\"} | ");
    expect(T "\tno label\n", "time=1518662333 extra={\"_2\":\"no label\"} | ");
    expect(T "\tstatus:200\tstatus:201\n", "time=1518662333 extra={\"status\":\"201\"} status=200 | ");
    expect(T "\tserver:x\textra:y\n", "time=1518662333 extra={\"server\":\"x\",\"extra\":\"y\"} | ");
}

TEST(what_syslog_puts_before_a_line_is_no_label)
{
    expect("Feb 15 11:38:53 app1 nginx: " T "\tstatus:200\n",
           "time=1518662333 extra={\"_before\":\"Feb 15 11:38:53 app1 nginx: \"} status=200 | ");
}

TEST(a_label_that_comes_often_becomes_a_column)
{
    OWN_BUF struct buf b = buf_make(1 << 20);
    for (int i = 0; i < 30; i++)
        buf_addf(&b, T "\tcolour:c%d\n", i);
    struct seen *s = read_all(b.p, b.n);
    CHECK_INT(s->rows, 30);
    CHECK(schema_find(&s->schema, S("colour")) > 0);
    CHECK(str_find(buf_str(&s->text), S("time=1518662333 colour=c29")) >= 0);
    CHECK(str_find(buf_str(&s->text), S("extra={\"colour\":\"c3\"}")) >= 0);
    seen_free(s);
}

TEST(bad_lines_keep_their_bytes_and_say_why)
{
    expect("hello\n", "!no_label hello | ");
    expect("status:200\n", "!no_time status:200 | ");
    expect("time:now\tstatus:200\n", "!no_time time:now\tstatus:200 | ");
    expect(T "\turi:\xff\n", "!utf8 " T "\turi:\xff | ");
    expect(T "\tua:\xe7\x95\x99\n", "time=1518662333 ua=\xe7\x95\x99 | ");
    expect(T "\tstat", "!torn " T "\tstat | ");
    expect("\n\r\n" T "\r\n", "time=1518662333 | ");
}

TEST(a_nul_is_no_text)
{
    static const char text[] = T "\turi:a\0b\n";
    struct seen *s = read_all(text, sizeof text - 1);
    CHECK_INT(s->bad, 1);
    seen_free(s);
}

TEST(carriage_returns_belong_to_the_line_break)
{
    expect(T "\turi:/a\r\n" T "\turi:/b\r\n", "time=1518662333 uri=/a | time=1518662333 uri=/b | ");
}

static void long_line(size_t n, size_t want_bad)
{
    OWN_BUF struct buf b = buf_make(1 << 20);
    buf_addz(&b, T "\turi:/a\n" T "\turi:");
    buf_addn(&b, 'x', n);
    buf_addz(&b, "\n" T "\turi:/b\n");
    struct seen *s = read_all(b.p, b.n);
    CHECK_INT(s->bad, want_bad);
    CHECK_INT(s->rows, 3 - want_bad);
    CHECK_INT(s->bytes, b.n);
    seen_free(s);
}

TEST(a_line_that_is_too_long_is_bad_and_its_neighbours_are_not)
{
    long_line(LINE_MAX_BYTES - 100, 0);
    long_line(LINE_MAX_BYTES, 1);
    long_line(130 << 10, 1);
    long_line(500 << 10, 1);
}

TEST(many_lines_come_in_batches_and_none_is_lost)
{
    OWN_BUF struct buf b = buf_make(4 << 20);
    for (int i = 0; i < 5000; i++)
        buf_addf(&b, i % 7 == 6 ? T "\turi:/%d\tstatus:404\n"
                     : i % 100 == 50 ? "bad %d\n" : T "\tstatus:200\turi:/%d\n", i);
    struct seen *s = read_all(b.p, b.n);
    CHECK_INT(s->rows + s->bad, 5000);
    CHECK_INT(s->bytes, b.n);
    CHECK(s->batches >= 10);
    CHECK(str_find(buf_str(&s->text), S("uri=/4999 |")) >= 0);
    seen_free(s);
}

TEST(times_outside_of_what_is_wanted_are_bad)
{
    struct seen *s = calloc(1, sizeof *s);
    char room[16 + 200 + LTSV_SLACK] = {0};
    const char *text = T "\turi:/a\ntime:2030-01-01T00:00:00Z\turi:/b\n";
    strcpy(room + 16, text);
    s->schema = schema_make();
    s->text = buf_make(1 << 20);
    struct ltsv *l = ltsv_new(&s->schema, on_batch, s);
    ltsv_times(l, 0, 1600000000000000);
    ltsv_read(l, room + 16, strlen(text));
    CHECK_STR(buf_str(&s->text), S("time=1518662333 uri=/a | !time time:2030-01-01T00:00:00Z\turi:/b | "));
    ltsv_free(l);
    seen_free(s);
}

// Labels of 14 bytes fill the register in which they are compared, longer ones are compared to their end.
TEST(long_labels_are_told_apart_to_their_last_byte)
{
    OWN_BUF struct buf b = buf_make(1 << 20);
    for (int i = 0; i < 40; i++)
        buf_addz(&b, "time:1518662333\tupstream_status:7\tupstream_response_time:x\tupstream_connect_time:y\n");
    buf_addz(&b, "time:1518662333\tupstream_status:8\tupstream_response_size:v\tupstream_connect_time:w\n");
    buf_addz(&b, "time:1518662333\tupstream_status:9\tupstream_response_time:s\nupstream_connect_time:t\n");
    struct seen *s = read_all(b.p, b.n);
    CHECK_INT(s->rows, 42);
    CHECK_INT(s->bad, 1);
    CHECK(str_find(buf_str(&s->text), S("upstream_status=7 upstream_response_time=x upstream_connect_time=y | ")) > 0);
    CHECK(str_find(buf_str(&s->text), S("{\"upstream_response_size\":\"v\"}")) > 0);
    CHECK(str_find(buf_str(&s->text), S("upstream_status=9 upstream_response_time=s | !no_time")) > 0);
    seen_free(s);
}
