// where_test.c: what a person means, and the place of what nobody can mean.
#include "base/test.h"
#include "log/where.h"
#include <string.h>

#define T "\t"

static const char line[] = "time:2018-02-15T11:38:53+09:00" T "method:GET" T "uri:/works/12/edit" T "query:"
"-" T "status:500" T
    "reqtime:0.812" T "ua:Mozilla/5.0 (iPhone; OS 11)" T "note:say \"hi\" it's" T "user_id:17" T "user_id:18\r";

TEST(comparisons_say_what_they_look_like)
{
    static const struct { const char *text; bool want; } row[] = {
        {"status = 500", true}, {"status != 500", false}, {"status=500", true}, {"status>=500 and status<600", true},
        {"status > 500", false}, {"status >= 500.0", true}, {"status < 1000", true}, {"status <= 499", false},
        {"reqtime > 800ms", true}, {"reqtime > 0.9s", false}, {"reqtime < 1s", true}, {"reqtime = 0.812", true},
        {"time >= 2018-02-15T11", true}, {"time > 2018-02-15T12", false}, {"method < '5'", false},
        {"uri ~ /WORKS/", true}, {"uri ~ /works/*/edit", true}, {"uri ~ edit*works", false}, {"uri ~ *", true},
        {"ua ~ 'iphone; os'", true}, {"ua ~ \"(iPhone\"", true}, {"ua ~ android", false},
        {"note = 'say \"hi\" it\\'s'", true}, {"note = \"say \\\"hi\\\" it's\"", true},
        {"query = -", true}, {"query > 5", false}, {"query < z", false}, {"none = -", true}, {"none != -", false},
        {"none < 5", false}, {"user_id = 17", true}, {"user_id = 18", false}, {"uri ~ =", false},
        {"not status = 500", false}, {"not not status = 500", true}, {"NOT (status = 404 OR method = POST)", true},
        {"status = 404 or method = GET and uri ~ works", true}, {"(status = 404 or method = GET) and uri ~ x", false},
        {"note ~ ''", true}, {"note = ''", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct err e = {0};
        struct where *w = where_new(str_z(row[i].text), &e);
        if (!w || where_match(w, str_z(line)) != row[i].want)
            test_failed(__FILE__, __LINE__, "%s: %s", row[i].text, w ? "the other answer" : e.text);
        where_free(w);
    }
    CHECK(where_match(NULL, str_z(line)));
}

TEST(mistakes_have_their_place_and_a_way_out)
{
    static const char *const row[][3] = {
        {"", "where:1: expected a label, but the text ends", "status >= 500"},
        {"status", "where:7: expected an operator, but the text ends", "= != <"},
        {"status >= abc", "where:11: status is a number, got \"abc\"", "500, 0.8 or 800ms"},
        {"uri ~ x and reqtime > '1'", "where:23: reqtime is a number, got \"1\"", "without quotes"},
        {"status == 500", "where:8: there is no operator \"==\"", "did you mean ="},
        {"a = 1 && b = 2", "where:7: expected and, or, or the end, got \"&&\"", "say: and"},
        {"a = 1 || b = 2", "where:7: expected and, or, or the end, got \"||\"", "say: or"},
        {"a = 1 b = 2", "where:7: expected and, or, or the end, got \"b\"", "quotes"},
        {"!a = 1", "where:1: there is no operator \"!\"", "say: not"},
        {"a <> 1", "where:3: there is no operator \"<>\"", "!="},
        {"a like x", "where:3: expected an operator, got \"like\"", "~"},
        {"a = ", "where:5: expected a value", "''"},
        {"a = 'x", "where:5: the quote that begins here has no end", "same quote"},
        {"(a = 1", "where:1: the parenthesis that begins here has no end", ")"},
        {"a = 1)", "where:6: expected and, or, or the end, got \")\"", "and"},
        {"a/b = 1", "where:1: expected a label, got \"a/b\"", "LABEL"},
        {"and = 1 and", "where:12: expected a label, but the text ends", "LABEL"},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        struct err e = {0};
        struct where *w = where_new(str_z(row[i][0]), &e);
        CHECK(w == NULL && e.kind == ERR_INPUT);
        CHECK_STR(str_z(e.text), str_z(row[i][1]));
        CHECK(strstr(e.hint, row[i][2]));
        where_free(w);
    }
}

TEST(there_is_an_end_to_parts_labels_and_depth)
{
    OWN_BUF struct buf b = buf_make(64 << 10);
    struct err e = {0};
    for (int i = 0; i < 200; i++)
        buf_addf(&b, "%sa=1", i ? " or " : "");
    CHECK(!where_new(buf_str(&b), &e) && strstr(e.text, "too many comparisons"));
    buf_clear(&b);
    for (int i = 0; i < 40; i++)
        buf_addf(&b, "%sa%d=1", i ? " or " : "", i);
    CHECK(!where_new(buf_str(&b), &e) && strstr(e.text, "too many different labels"));
    buf_clear(&b);
    buf_addn(&b, '(', 100);
    CHECK(!where_new(buf_str(&b), &e) && strstr(e.text, "too deep"));
    buf_addn(&b, ' ', 5000);
    CHECK(!where_new(buf_str(&b), &e) && strstr(e.text, "4096"));
}
