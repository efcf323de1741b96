// lines_test.c: what the API's lines say is what rusuban-sql said, to the digit; what is no such line is refused.
#include "base/test.h"
#include "log/lines.h"
#include "log/outcome.h"
#include "log/values.h"

#define HEAD "{\"columns\":[{\"name\":\"n\",\"type\":\"number\"},{\"name\":\"t\",\"type\":\"text\"}],\"note\":\"of today\"," \
             "\"estimate\":{\"read_bytes\":3,\"files\":1,\"of_files\":2}}"
#define END  "{\"done\":{\"rows\":1,\"more\":true,\"read_bytes\":9,\"took_ms\":4}}"

static bool take_all(struct arena *a, const char *const *lines, struct lines *l, struct buf *frames, struct err *e)
{
    *l = (struct lines){.arena = a};
    for (; *lines; lines++)
        if (!lines_take(l, str_z(*lines), frames, e))
            return false;
    return true;
}

static struct str row_of(struct arena *a, const char *row, struct buf *frames)
{
    struct lines l;
    struct err e = {0};
    struct ask_frame f;
    struct bytes b;
    size_t rows, n;
    OWN_BUF struct buf out = buf_make(1000);
    const char *const all[] = {HEAD, row, END, NULL};
    CHECK(take_all(a, all, &l, frames, &e) && l.over);
    for (struct str rest = buf_str(frames); (n = ask_cut(rest, &f, &e)) != 0; rest = str_from(rest, n)) {
        if (f.type != ASK_ROWS || !values_open(f.payload, 2, &b, &rows))
            continue;
        struct value v;
        while (value_next(&b, &v)) {
            buf_addz(&out, v.null ? "NULL" : "");
            buf_add(&out, v.text);
            buf_addc(&out, '|');
        }
    }
    return str_dup(a, buf_str(&out));
}

TEST(values_are_as_they_were_said)
{
    static const struct { const char *row, *values; } rows[] = {
        {"[1.50,\"a\"]", "1.50|a|"},
        {"[1e-7, null ]", "1e-7|NULL|"},
        {"[\"9007199254740993\",\"\"]", "9007199254740993||"},
        {"[ -0 ,\"say \\\"hi\\\", \\u00e9 \\\\\"]", "-0|say \"hi\", \xc3\xa9 \\|"},
        {"[[1,{\"a\":\"],\\\\\"}],true]", "[1,{\"a\":\"],\\\\\"}]|true|"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_ARENA struct arena a = arena_make(1 << 20);
        OWN_BUF struct buf frames = buf_make(1 << 20);
        CHECK_STR(row_of(&a, rows[i].row, &frames), str_z(rows[i].values));
    }
}

// There and back again.
TEST(lines_and_frames_say_the_same)
{
    static const char row[] = "[0.10,\"\\u0001 x\"]";
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_BUF struct buf frames = buf_make(1 << 20), out = buf_make(1 << 20);
    struct outcome o = {.arena = &a, .form = OUTCOME_LINES};
    struct err e = {0};
    size_t used;
    row_of(&a, row, &frames);
    CHECK_INT(outcome_take(&o, buf_str(&frames), &used, &out, &e), OUTCOME_DONE);
    CHECK_STR(buf_str(&out), str_f(&a, "%s\n%s\n%s\n", HEAD, row, END));
}

TEST(what_is_no_line_of_an_answer_is_refused)
{
    static const char *const bad[][4] = {
        {"[1,2]"}, {END}, {HEAD, HEAD}, {HEAD, "[1]"}, {HEAD, "[1,2"}, {HEAD, END, "[1,2]"}, {"7"}, {""}, {"{}"},
        {"{\"columns\":[]}"}, {"{\"columns\":[{\"name\":\"n\",\"type\":\"colour\"}]}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        OWN_ARENA struct arena a = arena_make(1 << 20);
        OWN_BUF struct buf frames = buf_make(1 << 20);
        struct lines l;
        struct err e = {0};
        CHECK(!take_all(&a, bad[i], &l, &frames, &e));
        CHECK_INT(e.kind, ERR_PEER);
    }
}
