// tail_lines_test.c: numbers and gaps of a tail add up, whatever comes.
#include "log/tail_lines.h"
#include "base/jansson.h"
#include "base/test.h"
#include "web/bulk.h"

struct heard { struct buf all; uint64_t lines, skipped, next; size_t messages, longest; };

static void hear(void *arg, struct str json)
{
    struct heard *h = arg;
    json_t *x = json_loadb(json.p, json.n, 0, NULL);
    CHECK(x);
    uint64_t line = (uint64_t)json_integer_value(json_object_get(x, "line"));
    uint64_t skipped = (uint64_t)json_integer_value(json_object_get(x, "skipped"));
    size_t n = json_array_size(json_object_get(x, "lines"));
    CHECK_INT(line, h->next + skipped);     // no number is left out, none is given twice
    h->next = line + n;
    h->lines += n;
    h->skipped += skipped;
    h->messages++;
    h->longest = json.n > h->longest ? json.n : h->longest;
    buf_addf(&h->all, "%s" STR_F, h->all.n ? "\n" : "", STR_A(json));
    json_decref(x);
}

static struct heard heard_new(void)
{
    return (struct heard){.all = buf_make(16 << 20), .next = 1};
}

TEST(a_page_hears_the_lines_of_a_tail_and_how_many_were_left_out)
{
    struct heard h = heard_new();
    struct tail_lines t = tail_lines_make(hear, &h);
    tail_lines_flush(&t);
    CHECK_INT(h.messages, 0);
    tail_lines_take(&t, S("server:app1\turi:/a\nserver:app1\turi:/b\n"), 5000);
    tail_lines_take(&t, S("skipped:7\nserver:app1\turi:/c\nserver:app1\tskipped:3\n"), 5100);
    tail_lines_flush(&t);
    CHECK_STR(buf_str(&h.all), S("{\"line\":1,\"skipped\":0,\"lines\":[\"server:app1\\turi:/a\","
                                 "\"server:app1\\turi:/b\"]}\n"
                                 "{\"line\":10,\"skipped\":7,\"lines\":[\"server:app1\\turi:/c\","
                                 "\"server:app1\\tskipped:3\"]}"));
    buf_clear(&h.all);
    tail_lines_take(&t, S("skipped:2\n"), 5200);
    tail_lines_flush(&t);
    CHECK_STR(buf_str(&h.all), S("{\"line\":14,\"skipped\":2,\"lines\":[]}"));
    tail_lines_drop(&t);
    buf_drop(&h.all);
}

TEST(more_lines_than_a_person_reads_in_a_second_are_counted)
{
    struct heard h = heard_new();
    struct tail_lines t = tail_lines_make(hear, &h);
    OWN_BUF struct buf b = buf_make(1 << 20);
    for (int i = 0; i < 150; i++)
        buf_addz(&b, "server:app1\turi:/x\n");
    for (int piece = 0; piece < 10; piece++) {
        tail_lines_take(&t, buf_str(&b), 7000 + piece * 200);       // 7.0 to 8.8 s: two seconds
        tail_lines_flush(&t);
    }
    CHECK_INT(h.lines, 2 * TAIL_A_SECOND);
    CHECK_INT(h.lines + h.skipped, 1500);
    tail_lines_drop(&t);
    buf_drop(&h.all);
}

TEST(long_and_broken_lines_fit_into_messages)
{
    static const struct { char byte; size_t bytes; } rows[] = {{'x', 100}, {'x', TAIL_LINE_MAX}, {'x', 300000},
                                                               {'\x01', 300000}, {'\xFF', 300000}, {'"', 9000}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct heard h = heard_new();
        struct tail_lines t = tail_lines_make(hear, &h);
        OWN_BUF struct buf b = buf_make(4 << 20);
        for (int k = 0; k < 5; k++) {
            buf_addn(&b, rows[i].byte, rows[i].bytes);
            buf_addc(&b, '\n');
        }
        tail_lines_take(&t, buf_str(&b), 0);
        tail_lines_flush(&t);
        CHECK_INT(h.lines, 5);
        CHECK_INT(h.skipped, 0);
        CHECK(h.longest <= BULK_JSON_MAX);
        CHECK((str_find(buf_str(&h.all), S("\xE2\x80\xA6\"")) >= 0) == (rows[i].bytes > TAIL_LINE_MAX));
        tail_lines_drop(&t);
        buf_drop(&h.all);
    }
}

static void keep(void *arg, struct str json)
{
    buf_addf(arg, STR_F "\n", STR_A(json));
}

TEST(a_page_hears_of_a_label_that_no_line_has_and_no_number_is_spent_on_it)
{
    OWN_BUF struct buf all = buf_make(64 << 10);
    struct tail_lines t = tail_lines_make(keep, &all);
    tail_lines_take(&t, S("server:app1\turi:/a\nabsent:urj\tof:3\tnear:uri\tlabels:server,uri\nserver:app1\turi:/b\n"),
                    5000);
    tail_lines_flush(&t);
    CHECK_STR(buf_str(&all), S("{\"line\":1,\"skipped\":0,\"lines\":[\"server:app1\\turi:/a\"]}\n"
                               "{\"absent\":\"urj\",\"of\":3,\"near\":\"uri\",\"labels\":[\"server\",\"uri\"]}\n"
                               "{\"line\":2,\"skipped\":0,\"lines\":[\"server:app1\\turi:/b\"]}\n"));
    tail_lines_drop(&t);
}
