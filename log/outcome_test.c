// outcome_test.c: frames in, lines of JSON and CSV out.
#include "base/test.h"
#include "log/outcome.h"
#include <string.h>

static void frame(struct buf *b, enum ask_type type, const struct buf *payload)
{
    ask_put(b, type, buf_str(payload));
}

static void columns(struct buf *b)
{
    OWN_BUF struct buf p = buf_make(1000);
    put_u16(&p, 2);
    put_u8(&p, ASK_WHOLE);
    put_text(&p, S("n"));
    put_u8(&p, ASK_TEXT);
    put_text(&p, S("a,b"));
    frame(b, ASK_COLUMNS, &p);
}

static void estimate(struct buf *b, uint64_t bytes, bool waits)
{
    OWN_BUF struct buf p = buf_make(1000);
    ask_estimate_put(&p, &(struct ask_estimate){.bytes = bytes, .files = 2, .of = 9, .waits = waits});
    frame(b, ASK_ESTIMATE, &p);
}

static void put_value(struct buf *p, struct str s)
{
    put_u32(p, (uint32_t)s.n);
    buf_add(p, s);
}

static void rows(struct buf *b)
{
    OWN_BUF struct buf p = buf_make(1000);
    put_u32(&p, 2);
    put_value(&p, S("1"));
    put_value(&p, S("say \"hi\""));
    put_value(&p, S("9007199254740993"));
    put_u32(&p, ASK_NULL);
    frame(b, ASK_ROWS, &p);
}

static void end(struct buf *b)
{
    OWN_BUF struct buf p = buf_make(1000);
    ask_end_put(&p, &(struct ask_end){.rows = 2, .bytes = 77, .ms = 5});
    frame(b, ASK_END, &p);
}

static void failure(struct buf *b, enum err_kind kind, const char *text)
{
    OWN_BUF struct buf p = buf_make(8192);
    struct err e;
    err_set(&e, kind, "%s", text);
    ask_fail_put(&p, &e);
    frame(b, ASK_FAIL, &p);
}

static void whole_answer(struct buf *b)
{
    ask_put(b, ASK_HEARD, S(""));
    columns(b);
    ask_put(b, ASK_NOTE, S("only two days"));
    estimate(b, 1000, false);
    rows(b);
    end(b);
}

static const char lines_wanted[] =
    "{\"columns\":[{\"name\":\"n\",\"type\":\"whole\"},{\"name\":\"a,b\",\"type\":\"text\"}],\"note\":\"only two days\","
    "\"estimate\":{\"read_bytes\":1000,\"files\":2,\"of_files\":9}}\n"
    "[1,\"say \\\"hi\\\"\"]\n[\"9007199254740993\",null]\n"
    "{\"done\":{\"rows\":2,\"more\":false,\"read_bytes\":77,\"took_ms\":5}}\n";

TEST(an_answer_is_the_same_however_its_bytes_come)
{
    static const struct { enum outcome_form form; const char *wanted; } forms[] = {
        {OUTCOME_LINES, lines_wanted},
        {OUTCOME_CSV, "n,\"a,b\"\n1,\"say \"\"hi\"\"\"\n9007199254740993,\n"},
        {OUTCOME_EXACT, "n,\"a,b\"\n1,\"say \"\"hi\"\"\"\n9007199254740993,\n"},
        {OUTCOME_ESTIMATE, "{\"read_bytes\":1000,\"files\":2,\"of_files\":9,\"note\":\"only two days\",\"columns\":"
                           "[{\"name\":\"n\",\"type\":\"whole\"},{\"name\":\"a,b\",\"type\":\"text\"}]}"},
    };
    OWN_BUF struct buf came = buf_make(1 << 16);
    whole_answer(&came);
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        for (size_t piece = 1; piece <= came.n; piece += piece < 40 ? 1 : 17) {
            OWN_ARENA struct arena a = arena_make(1 << 20);
            OWN_BUF struct buf out = buf_make(1 << 16);
            struct outcome o = {.arena = &a, .form = forms[i].form};
            struct err e = {0};
            enum outcome_step step = OUTCOME_MORE;
            size_t done = 0, used;
            for (size_t have = piece; step == OUTCOME_MORE && done < came.n; have += piece) {
                have = have < came.n ? have : came.n;
                step = outcome_take(&o, (struct str){came.p + done, have - done}, &used, &out, &e);
                done += used;
            }
            CHECK(step == OUTCOME_DONE);
            CHECK(str_eq(buf_str(&out), str_z(forms[i].wanted)));
        }
}

TEST(what_went_wrong_has_its_place_and_no_path)
{
    static const struct { enum err_kind kind; const char *said, *text; int line, col; } cases[] = {
        {ERR_INPUT, "<query>:2:14: no column hots", "no column hots", 2, 14},
        {ERR_INPUT, "these are 2 questions; ask one at a time", "these are 2 questions; ask one at a time", 0, 0},
        {ERR_IO, "make /var/lib/rusuban/lake/spill/7-1: No space left on device",
         "make <file>: No space left on device", 0, 0},
        {ERR_DENIED, "<query>:1:15: file /etc/passwd is not yours", "file <file> is not yours", 1, 15},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        OWN_ARENA struct arena a = arena_make(1 << 20);
        OWN_BUF struct buf came = buf_make(1 << 16), out = buf_make(1 << 16);
        struct outcome o = {.arena = &a};
        struct err e = {0};
        size_t used;
        failure(&came, cases[i].kind, cases[i].said);
        CHECK(outcome_take(&o, buf_str(&came), &used, &out, &e) == OUTCOME_FAILED);
        CHECK(e.kind == cases[i].kind && strcmp(e.text, cases[i].text) == 0);
        CHECK(o.line == cases[i].line && o.col == cases[i].col && out.n == 0);
    }
}

TEST(a_large_question_waits_for_a_yes)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_BUF struct buf came = buf_make(1 << 16), out = buf_make(1 << 16);
    struct outcome o = {.arena = &a};
    struct err e = {0};
    size_t used;
    columns(&came);
    estimate(&came, UINT64_C(3100000000), true);
    CHECK(outcome_take(&o, buf_str(&came), &used, &out, &e) == OUTCOME_FAILED);
    CHECK(e.kind == ERR_LIMIT && strstr(e.text, "3.1 GB") && strstr(e.hint, "yes") && out.n == 0);
}

TEST(frames_out_of_order_are_no_answer)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_BUF struct buf early = buf_make(1 << 16), huge = buf_make(1 << 16), out = buf_make(1 << 16);
    struct outcome o = {.arena = &a}, p = {.arena = &a};
    struct err e = {0};
    char head[ASK_HEAD];
    size_t used;
    rows(&early);
    CHECK(outcome_take(&o, buf_str(&early), &used, &out, &e) == OUTCOME_FAILED && e.kind == ERR_PEER);
    ask_head_put(head, ASK_ROWS, OUTCOME_FRAME + 1);
    buf_add(&huge, (struct str){head, sizeof head});
    CHECK(outcome_take(&p, buf_str(&huge), &used, &out, &e) == OUTCOME_FAILED && e.kind == ERR_LIMIT);
}
