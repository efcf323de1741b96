// policy_test.c: nothing leaves that should stay, and every line is still counted.
#include "base/test.h"
#include "log/mask.h"
#include "log/policy.h"
#include <string.h>

#define T "\t"

static struct policy *policy_of(const char *json, struct err *e)
{
    json_error_t why;
    json_t *j = json_loads(json, 0, &why);
    CHECK(j != NULL);
    struct policy *p = policy_read(j, e);
    json_decref(j);
    return p;
}

static void applies(struct policy *p, const char *lines, const char *want)
{
    OWN_BUF struct buf out = buf_make(1 << 20);
    CHECK_INT(policy_apply(p, str_z(lines), &out), strlen(lines));
    CHECK_STR(buf_str(&out), str_z(want));
}

TEST(addresses_lose_their_end)
{
    static const char *const row[][2] = {
        {"192.168.17.23", "192.168.17.0"}, {"198.51.100.7, 10.1.2.3", "198.51.100.0, 10.1.2.0"},
        {"198.51.100.7:5123", "198.51.100.0"}, {"2001:db8:1:2:3:4:5:6", "2001:db8:1::"}, {"::1", "::"},
        {"[2001:db8:1:2::6]:443,fe80::1%eth0", "2001:db8:1::,fe80::"}, {"::ffff:198.51.100.7", "::ffff:198.51.100.0"},
        {"-", "-"}, {"", ""}, {"unknown, 1.2.3.4", "unknown, 1.2.3.0"}, {"unix:", "unix:"}, {"hanako.example", "*"},
        {"1.2.3.4.5", "*"}, {"1.2.3", "*"}, {"\\x221.2.3.4\\x22", "*"}, {"for=1.2.3.4;proto=https", "*=1.2.3.0;*=*"},
        {"256.1.1.1", "*"}, {"[", "*"}, {"1.2.3.4:", "*"},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        char room[256];
        struct line out = {.p = room, .cap = sizeof room};
        mask_addresses(str_z(row[i][0]), &out);
        CHECK_STR(((struct str){out.p, out.n}), str_z(row[i][1]));
    }
}

TEST(query_parameters_keep_their_names)
{
    static const char *const row[][2] = {
        {"page=2&token=abc", "page=2&token=*"}, {"token=abc&page=2", "token=*&page=2"}, {"-", "-"}, {"", ""},
        {"5f3a9c", "*"}, {"page", "*"}, {"?page=1;q=x", "?page=1;q=*"}, {"pag%65=2", "pag%65=*"}, {"a=&&"
        "page=", "a=*&&page="},
        {"page=1#me@example.com", "page=1#*"}, {"=x", "=*"},
    };
    struct str page = S("page");
    struct strs allow = {.at = &page, .n = 1, .cap = 1};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        char room[256];
        struct line out = {.p = room, .cap = sizeof room};
        mask_query(str_z(row[i][0]), &allow, &out);
        CHECK_STR(((struct str){out.p, out.n}), str_z(row[i][1]));
    }
}

static const char full[] = "{\"name\":\"access\",\"format\":\"ltsv\",\"policy\":7,\"hash_key\":"
"\"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b\","
    "\"privacy\":[{\"label\":\"forwardedfor\",\"do\":\"mask\"},{\"label\":\"user_id\",\"do\":\"hash\"},"
    "{\"label\":\"query\",\"do\":\"keep\",\"allow\":[\"page\"]},{\"label\":\"cookie\",\"do\":\"drop\"}]}";

TEST(each_label_goes_its_way_and_the_others_stay)
{
    struct err e;
    struct policy *p = policy_of(full, &e);
    CHECK(p && !policy_plain(p) && policy_version(p) == 7);
    // RFC 4231, test case 1: HMAC-SHA-256 of "Hi There" with twenty bytes of 0b.
    applies(p, "time:1" T "user_id:Hi There" T "forwardedfor:1.2.3.4, 5.6.7.8" T "cookie:secret" T "query:page=1&"
    "t=9" T "uri:/a\n",
            "time:1" T "user_id__h:b0344c61d8db3853" T "forwardedfor:1.2.3.0, 5.6.7.0" T "query:page=1&t=*" T "uri:"
            "/a\n");
    applies(p, "time:1" T "user_id:-" T "referer:https://a.example/x?t=1&page=3" T "uri:/a?t=2\r\n\n",
            "time:1" T "user_id__h:-" T "referer:https://a.example/x?t=*&page=3" T "uri:/a?t=*\n\n");
    applies(p, "cookie:secret" T "time:1\ncookie:secret\n", "time:1\n" T "withheld:0\n");
    policy_free(p);
}

TEST(what_has_no_label_is_left_out_and_counted)
{
    struct err e;
    struct policy *p = policy_of(full, &e);
    applies(p, "Feb 15 app1 nginx: time:1" T "uri:/\n", "time:1" T "uri:/" T "withheld:19\n");
    applies(p, "time:1" T "forwardedfor:1.2.3.4," T "5.6.7.8" T "!forwardedfor:9.9.9.9\n",
            "time:1" T "forwardedfor:1.2.3.0," T "forwardedfor:9.9.9.0" T "withheld:8\n");
    applies(p, "cut off at 1.2.3.4\ntime:1\ntorn at 1.2.3", "withheld 18 bytes that have no labels\ntime:1\n"
            "withheld 13 bytes that have no labels");
    policy_free(p);
}

TEST(without_rules_lines_that_cannot_be_read_stay_as_they_are)
{
    struct err e;
    struct policy *p = policy_of("{\"name\":\"a\",\"format\":\"json\",\"policy\":1,\"privacy\":[]}", &e);
    CHECK(p && !policy_plain(p));
    applies(p, "{\"time\":1}\n{broken\n\n{\"a\":2}", "time:1\n{broken\n\na:2");
    policy_free(p);
    p = policy_of("{\"name\":\"a\",\"format\":\"ltsv\",\"policy\":1,\"privacy\":[{\"label\":\"query\",\"do\":"
    "\"keep\"}]}", &e);
    CHECK(p && policy_plain(p));
    applies(p, "time:1" T "x\r\n", "time:1" T "x\n");
    policy_free(p);
}

TEST(other_formats_are_converted_before_rules_apply)
{
    struct err e;
    struct policy *p = policy_of("{\"name\":\"a\",\"format\":\"combined\",\"policy\":1,\"privacy\":["
                                 "{\"label\":\"remote_addr\",\"do\":\"mask\"},{\"label\":\"query\",\"do\":"
                                 "\"drop\"}]}", &e);
    applies(p, "10.1.2.3 - - [01/Dec/2018:00:00:00 +0000] \"GET /x?a=b HTTP/1.0\" 200 12 \"http://x/?u=7\" \"ua\" "
    "1.2.3.4\n"
            "10.1.2.3 rubbish\n",
            "time:2018-12-01T00:00:00+00:00" T "remote_addr:10.1.2.0" T "remote_user:-" T "method:GET" T "uri:/x" T
            "protocol:HTTP/1.0" T "status:200" T "size:12" T "referer:http://x/?u=*" T "ua:ua" T "withheld:7\n"
            "withheld 16 bytes that have no labels\n");
    policy_free(p);
}

TEST(a_rule_for_one_label_of_addresses_holds_for_the_others)
{
    static const struct { const char *format, *privacy, *line, *want; } row[] = {
        {"ltsv", "{\"label\":\"forwardedfor\",\"do\":\"mask\"}",
         "remote_addr:198.51.100.7" T "forwardedfor:203.0.113.9" T "http_x_forwarded_for:203.0.113.9",
         "remote_addr:198.51.100.0" T "forwardedfor:203.0.113.0" T "http_x_forwarded_for:203.0.113.0"},
        {"ltsv", "{\"label\":\"remote_addr\",\"do\":\"drop\"}",
         "time:1" T "remote_addr:198.51.100.7" T "forwardedfor:203.0.113.9", "time:1"},
        {"ltsv", "{\"label\":\"forwardedfor\",\"do\":\"mask\"},{\"label\":\"remote_addr\",\"do\":\"keep\"}",
         "remote_addr:10.0.0.4" T "forwardedfor:203.0.113.9", "remote_addr:10.0.0.4" T "forwardedfor:203.0.113.0"},
        {"ltsv", "{\"label\":\"forwardedfor\",\"do\":\"keep\"},{\"label\":\"ua\",\"do\":\"drop\"}",
         "remote_addr:10.0.0.4" T "ua:x", "remote_addr:10.0.0.4"},
        {"combined", "{\"label\":\"forwardedfor\",\"do\":\"mask\"}",
         "198.51.100.7 - - [01/Dec/2018:00:00:00 +0000] \"GET / HTTP/1.0\" 200 12",
         "time:2018-12-01T00:00:00+00:00" T "remote_addr:198.51.100.0" T "remote_user:-" T "method:GET" T "uri:/" T
         "query:-" T "protocol:HTTP/1.0" T "status:200" T "size:12"},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        char json[1024];
        struct err e = {0};
        snprintf(json, sizeof json, "{\"name\":\"a\",\"format\":\"%s\",\"privacy\":[%s]}", row[i].format,
                 row[i].privacy);
        struct policy *p = policy_of(json, &e);
        CHECK(p != NULL);
        if (p)
            applies(p, row[i].line, row[i].want);
        policy_free(p);
    }
}

TEST(as_many_lines_are_taken_as_fit)
{
    struct err e;
    struct policy *p = policy_of(full, &e);
    OWN_BUF struct buf out = buf_make(20);
    struct str lines = S("time:1\ntime:2\ntime:3\n");
    CHECK_INT(policy_apply(p, lines, &out), 14);
    CHECK_STR(buf_str(&out), S("time:1\ntime:2\n"));
    buf_clear(&out);
    CHECK_INT(policy_apply(p, str_from(lines, 14), &out), 7);
    policy_free(p);
}

TEST(a_policy_that_is_not_understood_is_refused)
{
    static const char *const bad[] = {
        "[]", "{}", "{\"format\":\"xml\"}", "{\"format\":\"ltsv\",\"privacy\":{}}",
        "{\"format\":\"ltsv\",\"privacy\":[1]}",
        "{\"format\":\"ltsv\",\"privacy\":[{\"label\":\"a\",\"do\":\"blur\"}]}",
        "{\"format\":\"ltsv\",\"privacy\":[{\"label\":\"a\",\"do\":\"hash\"}]}",
        "{\"format\":\"ltsv\",\"privacy\":[{\"label\":\"a\",\"do\":\"hash\"}],\"hash_key\":\"xyz\"}",
        "{\"format\":\"ltsv\",\"privacy\":[{\"label\":\"a b\",\"do\":\"drop\"}]}",
        "{\"format\":\"ltsv\",\"privacy\":[{\"label\":\"a\",\"do\":\"drop\"},{\"label\":\"a\",\"do\":\"keep\"}]}",
        "{\"format\":\"ltsv\",\"privacy\":[{\"label\":\"a\",\"do\":\"keep\",\"allow\":\"x\"}]}",
        "{\"format\":\"ltsv\",\"policy\":\"x\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct err e = {0};
        CHECK(!policy_of(bad[i], &e) && e.kind == ERR_PEER && e.hint[0]);
    }
}

TEST(a_rule_holds_whatever_a_json_log_calls_the_label)
{
    static const struct { const char *privacy, *line, *want; } row[] = {
        {"{\"label\":\"forwardedfor\",\"do\":\"mask\"},{\"label\":\"query\",\"do\":\"keep\",\"allow\":[\"page\"]}",
         "{\"http_x_forwarded_for\":\"198.51.100.7\",\"request_uri\":\"/a?page=1&t=s3\",\"http_referer\":\"/?t=s3\"}",
         "forwardedfor:198.51.100.0" T "uri:/a" T "query:page=1&t=*" T "referer:/?t=*"},
        {"{\"label\":\"http_x_forwarded_for\",\"do\":\"mask\"},"
         "{\"label\":\"args\",\"do\":\"keep\",\"allow\":[\"page\"]}",
         "{\"http_x_forwarded_for\":\"198.51.100.7\",\"request_uri\":\"/a?page=1&t=s3\",\"http_referer\":\"/?t=s3\"}",
         "http_x_forwarded_for:198.51.100.0" T "uri:/a" T "query:page=1&t=*" T "referer:/?t=*"},
        {"{\"label\":\"request\",\"do\":\"drop\"}", "{\"request\":\"GET /a?t=s3 HTTP/1.1\",\"status\":200}",
         "status:200"},
        {"{\"label\":\"query\",\"do\":\"drop\"}",
         "{\"request\":\"GET /a?t=s3 HTTP/1.1\",\"uri\":\"/b\",\"args\":\"t=s3\"}",
         "request:GET /a?t=* HTTP/1.1" T "method:GET" T "protocol:HTTP/1.1" T "uri:/b"},
        // Labels that a line has twice.
        {"{\"label\":\"forwardedfor\",\"do\":\"mask\"},{\"label\":\"ua\",\"do\":\"drop\"}",
         "{\"status\":200,\"forwardedfor\":\"-\",\"http_x_forwarded_for\":\"198.51.100.7\",\"http_user_agent\":\"me\","
         "\"user_agent\":\"me again\",\"user_agent\":\"and again\"}",
         "status:200" T "forwardedfor:-" T "http_x_forwarded_for:198.51.100.0"},
        {"{\"label\":\"uri\",\"do\":\"drop\"},{\"label\":\"query\",\"do\":\"keep\",\"allow\":[\"a\"]}",
         "{\"status\":200,\"request_uri\":\"/me?a=1&b=2\",\"request\":\"GET /me?a=1 HTTP/1.1\"}",
         "status:200" T "query:a=1&b=*" T "method:GET" T "protocol:HTTP/1.1"},
        {"{\"label\":\"uri\",\"do\":\"drop\"}", "{\"status\":400,\"request\":\"get /me\"}", "status:400"},
        {"{\"label\":\"uri\",\"do\":\"keep\"},{\"label\":\"query\",\"do\":\"drop\"}",
         "{\"uri\":\"/a?x=1\",\"request_uri\":\"/a?x=1\"}", "uri:/a?x=1" T "request_uri:/a?x=*"},
        {"{\"label\":\"referer\",\"do\":\"mask\"},{\"label\":\"http_referer\",\"do\":\"keep\"}",
         "{\"referer\":\"/me\",\"http_referer\":\"/me\"}", "referer:*" T "http_referer:/me"},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        char json[1024];
        struct err e = {0};
        snprintf(json, sizeof json, "{\"name\":\"a\",\"format\":\"json\",\"privacy\":[%s]}", row[i].privacy);
        struct policy *p = policy_of(json, &e);
        CHECK(p != NULL);
        if (p)
            applies(p, row[i].line, row[i].want);
        policy_free(p);
    }
}

// The site file may have a hundred, all with labels that begin alike; what follows from them has room beside.
TEST(as_many_rules_as_the_site_file_may_have)
{
    static const char *const ours[] = {"uri", "query", "referer", "ua", "forwardedfor", "host", "vhost", "method",
                                       "size", "reqsize", "protocol", "reqtime", "apptime"};
    OWN_BUF struct buf b = buf_make(16 << 10);
    struct err e = {0};
    buf_addz(&b, "{\"name\":\"a\",\"format\":\"json\",\"privacy\":[");
    for (size_t i = 0; i < ARRAY_LEN(ours); i++)
        buf_addf(&b, "{\"label\":\"%s\",\"do\":\"drop\"},", ours[i]);
    for (size_t i = ARRAY_LEN(ours); i < 100; i++)
        buf_addf(&b, "%s{\"label\":\"own%zu\",\"do\":\"drop\"}", i > ARRAY_LEN(ours) ? "," : "", i);
    buf_addz(&b, "]}");
    struct policy *p = policy_of(buf_z(&b), &e);
    CHECK(p != NULL);
    if (p)
        applies(p, "{\"own13\":1,\"own99\":2,\"own100\":3,\"uri\":4,\"request\":\"GET /\",\"server_name\":5}",
                "own100:3");
    policy_free(p);
}
