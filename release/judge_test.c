#include "base/test.h"
#include "release/judge.h"

#define FIGURES "canary_n:500\tcanary_c5:1\tcanary_c4:9\tcanary_p95:300\tothers_n:3000\tothers_c5:4\tothers_c4:20\t" \
                "others_p95:100\n"
#define LINE(answer, minutes, wants, late, late_ms)                                                                  \
    "state:ok\tanswer:" answer "\tonce:100\tminutes:" minutes "\twants:" wants "\tn_c:480\tk_c:1\tn_b:2900\tk_b:4\t" \
    "late:" late "\tlate_ms:" late_ms "\tfrom_ms:120000\t" FIGURES

enum { SECOND = 1000, MINUTE = 60000 };

static struct service shop(enum canary_then on_fail, enum canary_then on_unclear)
{
    struct service s = {.canary = {.log = S("access"), .min_ms = 2 * MINUTE, .max_ms = 20 * MINUTE,
                                   .on_fail = on_fail, .on_unclear = on_unclear}};
    return s;
}

static struct judged say_at(struct arena *a, const char *line, int64_t after_ms)
{
    static struct service s;
    struct heard h;
    struct err e = {0};
    s = shop(CANARY_ROLLBACK, CANARY_ASK);
    CHECK(judge_hear(str_z(line), &h, &e));
    struct judge j = {&s, "UTC", MINUTE, MINUTE + after_ms};
    return judge_say(&h, &j, a);
}

TEST(a_canary_is_judged_by_what_was_heard_and_by_the_time)
{
    static const struct { const char *line; int64_t after_ms; enum judged_end end; const char *text; } rows[] = {
        {LINE("not_clear", "2", "400", "", "0"), 5 * MINUTE, JUDGED_NOT_YET,
         "waits for about 400 canary requests, about 2 min (5xx 1 of 480 against 4 of 2900, p95 300 ms against 100 ms)"},
        {LINE("not_clear", "2", "0", "", "0"), 5 * MINUTE, JUDGED_NOT_YET,
         "waits for more canary requests (5xx 1 of 480 against 4 of 2900, p95 300 ms against 100 ms)"},
        {LINE("not_clear", "0", "0", "", "0"), 90 * SECOND, JUDGED_NOT_YET,
         "waits for a whole minute and all its lines: 500 requests on the canary so far"},
        {LINE("not_worse", "2", "0", "", "0"), MINUTE, JUDGED_NOT_YET,
         "waits for more canary requests (5xx 1 of 480 against 4 of 2900, p95 300 ms against 100 ms)"},
        {LINE("not_worse", "2", "0", "", "0"), 2 * MINUTE, JUDGED_WELL,
         "not worse: 5xx 1 of 480 against 4 of 2900"},
        {LINE("worse_errors", "1", "0", "", "0"), 1, JUDGED_WORSE,
         "worse: more 5xx, 1 of 480 against 4 of 2900; chance does that once in 100 at most"},
        {LINE("worse_client_errors", "1", "0", "", "0"), 1, JUDGED_WORSE,
         "worse: more 4xx, 9 of 500 against 20 of 3000; chance does that once in 100 at most"},
        {LINE("worse_times", "1", "0", "", "0"), 30 * MINUTE, JUDGED_WORSE,
         "worse: slower, p95 300 ms against 100 ms; chance does that once in 100 at most"},
        {LINE("not_clear", "9", "70", "", "0"), 20 * MINUTE, JUDGED_UNCLEAR,
         "not clear after 20 min: 5xx 1 of 480 against 4 of 2900, p95 300 ms against 100 ms"},
        {LINE("not_clear", "9", "70", "app1", "60000"), 8 * MINUTE, JUDGED_NOT_YET,
         "waits to judge: lines of app1 are here only until 1970-01-01 00:01:00 UTC: rusuban log status"},
        {LINE("not_clear", "9", "70", "app1", "60000"), 20 * MINUTE, JUDGED_UNKNOWN,
         "cannot be judged: lines of app1 are here only until 1970-01-01 00:01:00 UTC: rusuban log status"},
        {LINE("not_clear", "0", "0", "app1", "0"), 20 * MINUTE, JUDGED_UNKNOWN,
         "cannot be judged: no agent tells of the lines of app1: rusuban log status"},
        {LINE("not_clear", "0", "0", "", "0"), 20 * MINUTE, JUDGED_UNKNOWN,
         "cannot be judged: no minute had visitors on both sides: 500 requests on the canary, 3000 on the others"},
        {"state:ok\tanswer:not_clear\tonce:1\tminutes:9\twants:0\tn_c:480\tk_c:0\tn_b:2900\tk_b:0\tlate:\tlate_ms:0\t"
         "from_ms:60000\tcanary_n:500\tcanary_c5:0\tcanary_c4:0\tcanary_p95:-1\tothers_n:3000\tothers_c5:0\t"
         "others_c4:0\tothers_p95:-1\n", 20 * MINUTE, JUDGED_UNKNOWN,
         "cannot be judged: no line of these hosts says its reqtime"},
        {"state:no_lines\tanswer:not_clear\tonce:1\tminutes:0\twants:0\tn_c:0\tk_c:0\tn_b:0\tk_b:0\tlate:\tlate_ms:0\t"
         "from_ms:60000\t" FIGURES, 20 * MINUTE, JUDGED_UNKNOWN,
         "cannot be judged: no line of these hosts has come: rusuban log status"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_ARENA struct arena a = arena_make(64 << 10);
        struct judged j = say_at(&a, rows[i].line, rows[i].after_ms);
        CHECK_INT(j.end, rows[i].end);
        CHECK_STR(j.text, str_z(rows[i].text));
    }
}

TEST(who_cannot_hear_waits_and_then_says_so)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    struct service s = shop(CANARY_ROLLBACK, CANARY_ASK);
    struct judge early = {&s, "UTC", 0, MINUTE}, late = {&s, "UTC", 0, 20 * MINUTE};
    struct judged j = judge_deaf(S("the store is held"), &early, &a);
    CHECK_INT(j.end, JUDGED_NOT_YET);
    CHECK_STR(j.text, S("waits to judge: the store is held"));
    j = judge_deaf(S("the store is held"), &late, &a);
    CHECK_INT(j.end, JUDGED_UNKNOWN);
    CHECK_STR(j.text, S("cannot be judged: the store is held"));
}

TEST(the_site_file_says_what_becomes_of_a_canary_that_is_not_well)
{
    struct service usual = shop(CANARY_ROLLBACK, CANARY_ASK), other = shop(CANARY_ASK, CANARY_ROLLBACK);
    CHECK(judged_goes_back(JUDGED_WORSE, &usual) && !judged_goes_back(JUDGED_WORSE, &other));
    CHECK(!judged_goes_back(JUDGED_UNCLEAR, &usual) && judged_goes_back(JUDGED_UNCLEAR, &other));
    CHECK(!judged_goes_back(JUDGED_UNKNOWN, &usual) && judged_goes_back(JUDGED_UNKNOWN, &other));
    CHECK(!judged_goes_back(JUDGED_WELL, &usual) && !judged_goes_back(JUDGED_WELL, &other));
}

TEST(half_a_line_is_no_figures)
{
    static const char *const lines[] = {
        "", "state:ok", "state:ok\tanswer:not_worse\n",
        "state:ok\tanswer:not_clear\tonce:100\tminutes:two\twants:0\tn_c:480\tk_c:1\tn_b:2900\tk_b:4\tlate:\tlate_ms:0\t"
        "from_ms:60000\t" FIGURES};
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct heard h;
        struct err e = {0};
        CHECK(!judge_hear(str_z(lines[i]), &h, &e));
        CHECK(e.kind == ERR_BUG);
    }
}
