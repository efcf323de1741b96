#include "base/json.h"
#include "base/test.h"
#include <math.h>

static void check_val(struct val v, const char *want)
{
    OWN_BUF struct buf b = buf_make(4096);
    json_val(&b, v);
    CHECK_STR(buf_str(&b), str_z(want));
}

TEST(each_type_is_written_as_itself)
{
    check_val(V((bool)true), "true");       // the word alone is an int in C17
    check_val(V(0), "0");
    check_val(V(-7), "-7");
    check_val(V(1.5), "1.5");
    check_val(V(0.1), "0.1");
    check_val(V("x"), "\"x\"");
    check_val(V((const char *)NULL), "null");
    check_val(V_NULL, "null");
    check_val(V_OPT(S("")), "null");
    check_val(V_JSON(S("[1]")), "[1]");
    check_val(V_JSON(S("")), "null");
}

TEST(numbers_that_javascript_would_round_are_text)
{
    check_val(V((int64_t)1 << 53), "9007199254740992");
    check_val(V(((int64_t)1 << 53) + 1), "\"9007199254740993\"");
    check_val(V(-((int64_t)1 << 53) - 1), "\"-9007199254740993\"");
    check_val(V(INT64_MIN), "\"-9223372036854775808\"");
}

TEST(what_json_cannot_say_is_null)
{
    check_val(V((double)NAN), "null");
    check_val(V((double)INFINITY), "null");
}

TEST(text_is_escaped_and_always_utf8)
{
    static const struct { const char *in, *out; } rows[] = {
        {"a\"b\\c", "\"a\\\"b\\\\c\""},
        {"\n\t\r\x01\x7F", "\"\\n\\t\\u000d\\u0001\\u007f\""},
        {"</script>", "\"</script>\""},
        {"caf\xC3\xA9 \xF0\x9F\x90\xB1", "\"caf\xC3\xA9 \xF0\x9F\x90\xB1\""},
        {"\xC2\x9B" "2J\xC2\xA0", "\"\\u009b2J\xC2\xA0\""},
        {"a\xE2\x80\xAE\xE2\x81\xA9\xE2\x80\xA2", "\"a\\u202e\\u2069\xE2\x80\xA2\""},
        {"\xFFx", "\"\xEF\xBF\xBDx\""},
        {"\xC3", "\"\xEF\xBF\xBD\""},
        {"\xC3\xC3\xA9", "\"\xEF\xBF\xBD\xC3\xA9\""},
        {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check_val(V(rows[i].in), rows[i].out);
    check_val(V(S("a\0b")), "\"a\\u0000b\"");
}

TEST(commas_come_by_themselves)
{
    OWN_BUF struct buf b = buf_make(4096);
    json_open(&b, '{');
    json_key(&b, "hosts");
    json_open(&b, '[');
    json_object(&b, KV("name", "a,"), KV("n", 1));
    json_object(&b, KV("name", "{"), KV("n", 2));
    json_open(&b, '[');
    json_close(&b, ']');
    json_val(&b, V("["));
    json_val(&b, V(3));
    json_close(&b, ']');
    json_kv(&b, "last:", (bool)true);
    json_kvs(&b, (struct kvs){0});
    json_close(&b, '}');
    CHECK_STR(buf_str(&b),
              S("{\"hosts\":[{\"name\":\"a,\",\"n\":1},{\"name\":\"{\",\"n\":2},[],\"[\",3],\"last:\":true}"));
}
