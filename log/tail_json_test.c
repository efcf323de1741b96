// tail_json_test.c: lines of a tail for programs.
#include "base/test.h"
#include "log/tail_json.h"

TEST(a_line_of_a_tail_is_one_object)
{
    static const struct { struct str line; const char *json; } rows[] = {
        {S("server:app1\tstatus:502\turi:/a?b=\"c\":d\treferer:"),
         "{\"server\":\"app1\",\"status\":\"502\",\"uri\":\"/a?b=\\\"c\\\":d\",\"referer\":\"\"}"},
        {S("server:app1\tserver:other\tstatus:1\tstatus:2"), "{\"server\":\"app1\",\"status\":\"1\"}"},
        {S("server:app1\turi:/\xFF\x1B[2J"), "{\"server\":\"app1\",\"uri\":\"/\xEF\xBF\xBD\\u001b[2J\"}"},
        {S("server:app1\tno label\there:x"), "{\"server\":\"app1\",\"_1\":\"no label\",\"here\":\"x\"}"},
        {S("server:app1\tFeb 15 11:38:53 app1 nginx: time:2026-02-15\turi:/"),
         "{\"server\":\"app1\",\"_before\":\"Feb 15 11:38:53 app1 nginx: \",\"time\":\"2026-02-15\",\"uri\":\"/\"}"},
        {S("server:app1\t\t"), "{\"server\":\"app1\"}"},
        {S("server:app1\tskipped:3"), "{\"server\":\"app1\",\"skipped\":\"3\"}"},
        {S("skipped:7"), "{\"skipped\":7}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_BUF struct buf b = buf_make(4096);
        tail_json(&b, rows[i].line);
        CHECK_STR(buf_str(&b), str_z(rows[i].json));
    }
}

TEST(a_line_with_labels_beyond_measure_is_a_text)
{
    OWN_BUF struct buf line = buf_make(4096), b = buf_make(8192);
    buf_addz(&line, "server:app1");
    for (int i = 0; i < TAIL_LABELS; i++)
        buf_addf(&line, "\tl%d:1", i);
    tail_json(&b, buf_str(&line));
    CHECK(str_starts(buf_str(&b), S("{\"server\":\"app1\",\"line\":\"l0:1\\tl1:1")));
}
