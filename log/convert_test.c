// convert_test.c: lines as nginx and Apache write them, and JSON as applications do.
#include "base/test.h"
#include "log/convert.h"
#include "log/ltsv.h"
#include <string.h>

#define T "\t"

static void rows(enum log_format f, const char *const (*row)[2], size_t n)
{
    struct convert *c = convert_new(f);
    for (size_t i = 0; i < n; i++) {
        struct str got = {0};
        bool ok = convert_line(c, str_z(row[i][0]), &got);
        if (row[i][1])
            CHECK_STR(got, str_z(row[i][1]));
        CHECK(ok == (row[i][1] != NULL));
    }
    convert_free(c);
}

TEST(combined_lines_become_labels)
{
    static const char *const row[][2] = {
        {"10.1.2.3 - - [15/Feb/2018:11:38:53 +0900] \"GET /works/1?page=2 HTTP/1.1\" 200 5120 \"https:"
        "//a.example/\" \"Mozilla/5.0 (X11)\"",
         "time:2018-02-15T11:38:53+09:00" T "remote_addr:10.1.2.3" T "remote_user:-" T "method:GET" T "uri:/works/1" T
         "query:page=2" T "protocol:HTTP/1.1" T "status:200" T "size:5120" T "referer:https://a.example/" T
         "ua:Mozilla/5.0 (X11)"},
        {"::1 - sato mei [15/Feb/2018:11:38:53 -0330] \"POST /a HTTP/2.0\" 302 - \"-\" \"say \\\"hi\\\" \\x22 \\\\\"",
         "time:2018-02-15T11:38:53-03:30" T "remote_addr:::1" T "remote_user:sato mei" T "method:POST" T "uri:/a" T
         "query:-" T "protocol:HTTP/2.0" T "status:302" T "size:-" T "referer:-" T "ua:say \"hi\" \\x22 \\"},
        {"10.1.2.3 - - [01/Dec/2018:00:00:00 +0000] \"GET / HTTP/1.0\" 200 12",
         "time:2018-12-01T00:00:00+00:00" T "remote_addr:10.1.2.3" T "remote_user:-" T "method:GET" T "uri:"
         "/" T "query:-" T
         "protocol:HTTP/1.0" T "status:200" T "size:12"},
        {"10.1.2.3 - - [01/Dec/2018:00:00:00 +0000] \"\\x16\\x03\\x01\" 400 150 \"-\" \"-\" \"198.51.100.7, "
        "10.0.0.1\" 0.003\r",
         "time:2018-12-01T00:00:00+00:00" T "remote_addr:10.1.2.3" T "remote_user:-" T "request:\\x16\\x03\\x01" T
         "status:400" T "size:150" T "referer:-" T "ua:-" T "forwardedfor:198.51.100.7, 10.0.0.1" T "rest:0.003"},
        {"www.example.com:443 10.1.2.3 bob - [01/Dec/2018:00:00:00 +0000] \"GET /x y HTTP/1.1\" 200 1 \"\" \"\ta\\tb\"",
         "time:2018-12-01T00:00:00+00:00" T "vhost:www.example.com:443" T "remote_addr:10.1.2.3" T "ident:bob" T
         "remote_user:-" T "method:GET" T "uri:/x y" T "query:-" T "protocol:HTTP/1.1" T "status:200" T "size:1" T
         "referer:" T "ua:\\x09a\\x09b"},
        {"", NULL}, {"time:2018-02-15T11:38:53+09:00" T "uri:/", NULL},
        {"10.1.2.3 - - [15/Feb/2018:11:38:53 +0900] \"GET / HTTP/1.1\" 200 5 \"-\" \"cut", NULL},
        {"10.1.2.3 - - [15/Feb/2018:11:38:53 +0900] \"GET / HTTP/1.1\\\" 200 5", NULL},
        {"10.1.2.3 - - [15/Xxx/2018:11:38:53 +0900] \"GET / HTTP/1.1\" 200 5 \"-\" \"-\"", NULL},
        {"10.1.2.3 - - [15/Feb/2018:11:38:53] \"GET / HTTP/1.1\" 200 5 \"-\" \"-\"", NULL},
        {"10.1.2.3 - - [15/Feb/2018:11:38:53 +0900] \"GET / HTTP/1.1\" abc 5 \"-\" \"-\"", NULL},
        {" - - [", NULL}, {"a b [", NULL}, {"a b c [", NULL},
    };
    rows(FORMAT_COMBINED, row, ARRAY_LEN(row));
}

TEST(json_objects_become_labels)
{
    static const char *const row[][2] = {
        {"{\"time\":\"2018-02-15T11:38:53+09:00\",\"status\":200,\"reqtime\":0.12,\"ok\":true,\"user_id\":null}",
         "time:2018-02-15T11:38:53+09:00" T "status:200" T "reqtime:0.12" T "ok:true" T "user_id:-"},
        {" { \"@timestamp\" : \"2018-02-15T02:38:53.5Z\" , \"http\" : {\"method\":\"GET\",\"o\":{}, \"t\":[1, "
        "{\"a\":\"b\\tc\"}]} } \r",
         "time:2018-02-15T02:38:53.5Z" T "http.method:GET" T "http.o:{}" T "http.t:[1, {\"a\":\"b\\tc\"}]"},
        {"{\"time_local\":\"15/Feb/2018:11:38:53 +0900\",\"a b\":"
        "\"x\\ty\\nz\\\"\\\\/\\u0000\\u3042\\ud83d\\ude00\\ud800\"}",
         "time:2018-02-15T11:38:53+09:00" T "a_b:x\\x09y\\x0Az\"\\/\\x00\xe3\x81\x82\xf0\x9f\x98\x80\xef\xbf\xbd"},
        {"{\"\":-1.5e+3,\"a:b\":\"\",\"\\u0061c\":0}", "_:-1.5e+3" T "a_b:" T "ac:0"},
        {"{}", NULL}, {"[]", NULL}, {"\"x\"", NULL}, {"{\"a\":1", NULL}, {"{\"a\":1}x", NULL}, {"{\"a\":1,}", NULL},
        {"{\"a\":01}", NULL}, {"{\"a\":+1}", NULL}, {"{\"a\":.5}", NULL}, {"{\"a\":nul}", NULL}, {"{\"a\":"
        "\"\\q\"}", NULL},
        {"{\"a\":\"\\u12g4\"}", NULL}, {"{a:1}", NULL}, {"{\"a\" 1}", NULL}, {"{\"a\":[1,]}", NULL}, {"{\"a\":"
        "\"\x01\"}", NULL},
    };
    rows(FORMAT_JSON, row, ARRAY_LEN(row));
}

TEST(names_of_nginx_become_ours)
{
    static const char *const row[][2] = {
        {"{\"time_iso8601\":\"2018-02-15T11:38:53+09:00\",\"request_method\":\"GET\",\"request_uri\":\"/a?b=1\","
         "\"request_time\":0.120,\"upstream_response_time\":\"0.1, 0.02\",\"body_bytes_sent\":5,\"bytes_sent\":300,"
         "\"http_user_agent\":\"x\",\"http_referer\":\"-\",\"http_x_forwarded_for\":\"198.51.100.7\"}",
         "time:2018-02-15T11:38:53+09:00" T "method:GET" T "uri:/a" T "query:b=1" T "reqtime:0.120" T
         "apptime:0.1, 0.02" T "size:5" T "bytes_sent:300" T "ua:x" T "referer:-" T "forwardedfor:198.51.100.7"},
        // What is said under our name counts, then the first row of the table; the others keep their names.
        {"{\"time_local\":\"15/Feb/2018:11:38:53 +0900\",\"msec\":1518662333.007,\"bytes_sent\":300,\"size\":5}",
         "time:2018-02-15T11:38:53+09:00" T "msec:1518662333.007" T "bytes_sent:300" T "size:5"},
        {"{\"msec\":1518662333.007,\"bytes_sent\":300,\"request_time\":1,\"request_time\":2}",
         "time:1518662333.007" T "size:300" T "reqtime:1" T "request_time:2"},
        {"{\"request_uri\":\"/a?b=1\",\"args\":\"b=1\"}", "uri:/a" T "query:b=1"},
        {"{\"request_uri\":\"/a\",\"uri\":\"/index.php\"}", "request_uri:/a" T "uri:/index.php"},
        {"{\"request\":\"GET /a?b=1 HTTP/1.1\",\"status\":200}",
         "method:GET" T "uri:/a" T "query:b=1" T "protocol:HTTP/1.1" T "status:200"},
        {"{\"request\":\"GET /a?b=1 HTTP/1.1\",\"request_uri\":\"/a?b=1\",\"server_protocol\":\"HTTP/2.0\"}",
         "request:GET /a?b=1 HTTP/1.1" T "method:GET" T "query:b=1" T "uri:/a" T "protocol:HTTP/2.0"},
        {"{\"request\":\"GET /a HTTP/1.1\",\"method\":\"GET\",\"uri\":\"/\"}",
         "request:GET /a HTTP/1.1" T "method:GET" T "uri:/"},
        {"{\"request\":\"\\u0016\\u0003\",\"request_time\":0}", "request:\\x16\\x03" T "reqtime:0"},
        {"{\"http\":{\"request_time\":1},\"time\":\"15/Feb/2018:11:38:53 +0900\"}",
         "http.request_time:1" T "time:2018-02-15T11:38:53+09:00"},
    };
    rows(FORMAT_JSON, row, ARRAY_LEN(row));
    struct convert *c = convert_new(FORMAT_JSON);
    struct str got;
    convert_keep(c, S("request_uri"));
    CHECK(convert_line(c, S("{\"request_uri\":\"/a?b\",\"request_time\":1}"), &got));
    CHECK_STR(got, S("request_uri:/a?b" T "reqtime:1"));
    convert_free(c);
}

// `rusuban log columns` and its page say of each label whether combined lines have it.
TEST(the_table_knows_what_combined_lines_have)
{
    struct convert *c = convert_new(FORMAT_COMBINED);
    struct str got;
    size_t n, met = 0, told = 0;
    const struct label_row *row = label_rows(&n);
    CHECK(convert_line(c, S("www:80 10.1.2.3 - bob [15/Feb/2018:11:38:53 +0900] \"GET /a?b HTTP/1.1\" 200 5 \"-\" "
                            "\"-\" \"198.51.100.7\""), &got));
    while (got.n) {
        struct str value = str_cut(&got, '\t'), label = str_cut(&value, ':');
        for (size_t i = 0; i < n; i++)
            met += str_eq(label, str_z(row[i].label)) && row[i].combined;
    }
    for (size_t i = 0; i < n; i++)
        told += row[i].combined;
    CHECK_INT(met, told);
    CHECK_INT(met, 13);
    convert_free(c);
}

TEST(labels_of_nested_objects_stay_short_and_depth_has_an_end)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct convert *c = convert_new(FORMAT_JSON);
    struct str got, name = str_f(&a, "%060d", 7);
    OWN_BUF struct buf deep = buf_make(1 << 20);
    CHECK(convert_line(c, str_f(&a, "{\"" STR_F "\":{\"x\":{\"y\":{\"z\":1}}}}", STR_A(name)), &got));
    CHECK_STR(got, str_f(&a, STR_F ".x.y:{\"z\":1}", STR_A(name)));
    for (int i = 0; i < 5000; i++)
        buf_addz(&deep, "{\"a\":");
    CHECK(!convert_line(c, buf_str(&deep), &got));
    buf_clear(&deep);
    for (int i = 0; i < 5000; i++)
        buf_addz(&deep, i ? "[" : "{\"a\":[");
    CHECK(!convert_line(c, buf_str(&deep), &got));
    convert_free(c);
}

TEST(a_line_that_would_become_too_long_is_not_converted)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct convert *c = convert_new(FORMAT_JSON);
    struct str got;
    CHECK(convert_line(c, str_f(&a, "{\"a\":\"%0*d\"}", LINE_MAX_BYTES - 2, 1), &got));
    CHECK_INT(got.n, LINE_MAX_BYTES);
    CHECK(!convert_line(c, str_f(&a, "{\"a\":\"%0*d\"}", LINE_MAX_BYTES - 1, 1), &got));
    convert_free(c);
}

TEST(the_format_is_told_by_most_lines)
{
    static const struct { const char *lines; enum log_format want; } row[] = {
        {"time:1" T "uri:/\n\nrubbish\ntime:2\n", FORMAT_LTSV},
        {"10.1.2.3 - - [15/Feb/2018:11:38:53 +0900] \"GET / HTTP/1.0\" 200 12\n", FORMAT_COMBINED},
        {"{\"time\":1}\n{\"time\":2}\nxx", FORMAT_JSON},
    };
    enum log_format got;
    struct err e;
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        CHECK(convert_guess(str_z(row[i].lines), &got, &e));
        CHECK_INT(got, row[i].want);
    }
    CHECK(!convert_guess(S("hello\nworld\n"), &got, &e) && e.kind == ERR_INPUT && strstr(e.text, "the first is "
    "\"hello\""));
    CHECK(!convert_guess(S("\n\n"), &got, &e) && e.kind == ERR_INPUT);
}
