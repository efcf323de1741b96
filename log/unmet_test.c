// unmet_test.c: who waits for a label that no line has is told, once, in words and for programs.
#include "log/unmet.h"
#include "base/test.h"

static void look_at(struct unmet *u, int64_t from, const char *const *line, size_t n)
{
    for (size_t i = 0; i < n; i++)
        unmet_look(u, str_z(line[i]), from + (int64_t)i);
}

TEST(a_label_that_no_line_has_is_named_with_the_one_that_was_meant)
{
    static const char *const lines[] = {"server:app1\ttime:1\turi:/\tstatus:200", "server:app2\ttime:2\tua:statsu:1"};
    struct err e = {0};
    struct where *w = where_new(S("statsu >= 500 and server = app1 and quite_else = 1"), &e);
    struct unmet u = unmet_make(w);
    OWN_BUF struct buf said = buf_make(64 << 10), text = buf_make(64 << 10), json = buf_make(64 << 10);
    struct absent x;
    CHECK(!unmet_say(&u, 1000000, &said));                      // nothing came, so nothing is known
    look_at(&u, 1000, lines, 2);
    CHECK(!unmet_say(&u, 1000 + UNMET_AFTER_MS - 1, &said));
    CHECK(unmet_say(&u, 1000 + UNMET_AFTER_MS, &said));
    struct str rest = buf_str(&said);
    CHECK(absent_read(str_cut(&rest, '\n'), &x));
    absent_text(&text, &x);
    CHECK_STR(buf_str(&text), S("none of the 2 lines since then has a label \"statsu\"; did you mean \"status\"?"
                                " there are server, time, uri, status, ua"));
    absent_json(&json, &x);
    CHECK_STR(buf_str(&json), S("{\"absent\":\"statsu\",\"of\":2,\"near\":\"status\",\"labels\":[\"server\",\"time\","
                                "\"uri\",\"status\",\"ua\"]}"));
    CHECK(absent_read(str_cut(&rest, '\n'), &x));
    CHECK_STR(x.label, S("quite_else"));
    CHECK_INT(x.near.n, 0);
    CHECK_INT(rest.n, 0);
    buf_clear(&said);
    CHECK(!unmet_say(&u, 2000000, &said));                      // once
    unmet_drop(&u);
    where_free(w);
}

TEST(nothing_is_said_where_some_line_has_each_label)
{
    static const char *const lines[] = {"server:app1\tstatus:200", "server:app1\turi:/"};
    struct err e = {0};
    struct where *w = where_new(S("status = 1 or uri = 2"), &e);
    struct unmet u = unmet_make(w), all = unmet_make(NULL);
    OWN_BUF struct buf said = buf_make(64 << 10);
    look_at(&u, 1000, lines, 2);
    look_at(&all, 1000, lines, 2);
    CHECK(!unmet_say(&u, 1000000, &said) && !unmet_say(&all, 1000000, &said));
    unmet_drop(&u);
    unmet_drop(&all);
    where_free(w);
}

TEST(a_label_behind_many_others_is_met_too)
{
    struct err e = {0};
    struct where *w = where_new(S("last = 1"), &e);
    struct unmet u = unmet_make(w);
    OWN_BUF struct buf line = buf_make(64 << 10), said = buf_make(UNMET_SAID_MAX);
    for (int i = 0; i < 3 * UNMET_LABELS; i++)
        buf_addf(&line, "label_%d:x\t", i);
    unmet_look(&u, buf_str(&line), 1000);
    CHECK_INT(u.have.n, UNMET_LABELS);
    buf_addz(&line, "last:2");
    unmet_look(&u, buf_str(&line), 1001);
    CHECK(!unmet_say(&u, 1000000, &said));
    unmet_drop(&u);
    where_free(w);
}
