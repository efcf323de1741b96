#include "base/test.h"
#include <string.h>

TEST(text_grows_as_it_is_added)
{
    OWN_BUF struct buf b = buf_make(1 << 20);
    struct err e;
    CHECK_STR(buf_str(&b), S(""));
    CHECK(strcmp(buf_z(&b), "") == 0);
    buf_addz(&b, "one");
    buf_addc(&b, ' ');
    buf_add(&b, S("t\0o"));
    buf_addf(&b, " %d", 3);
    buf_addn(&b, '!', 2);
    CHECK_STR(buf_str(&b), S("one t\0o 3!!"));
    CHECK_INT(buf_z(&b)[b.n], 0);
    CHECK(buf_ok(&b, &e));
}

TEST(the_ceiling_is_exact_and_remembered)
{
    OWN_BUF struct buf b = buf_make(100);
    struct err e;
    buf_addn(&b, 'x', 100);
    CHECK(buf_ok(&b, &e));
    buf_addc(&b, 'y');
    CHECK(!buf_ok(&b, &e));
    CHECK_INT(e.kind, ERR_LIMIT);
    CHECK_INT(b.n, 100);
    buf_cut(&b, 10);
    buf_addc(&b, 'y');
    CHECK_INT(b.n, 10);         // still failed
    buf_clear(&b);
    buf_addc(&b, 'y');
    CHECK_STR(buf_str(&b), S("y"));
    CHECK(buf_ok(&b, &e));
}

TEST(what_does_not_fit_is_left_out_as_a_whole)
{
    OWN_BUF struct buf b = buf_make(5);
    buf_addz(&b, "abc");
    buf_addz(&b, "def");
    buf_addf(&b, "%s", "ghi");
    CHECK_STR(buf_str(&b), S("abc"));
    CHECK(b.failed);
}

TEST(no_bytes_fit_into_nothing)
{
    OWN_BUF struct buf b = buf_make(0);
    buf_addz(&b, "");
    CHECK(!b.failed);
    buf_addc(&b, 'x');
    CHECK(b.failed && b.n == 0);
}

TEST(a_format_of_any_length_fits)
{
    OWN_BUF struct buf b = buf_make(1 << 20);
    buf_addf(&b, "%070000d", 1);
    CHECK_INT(b.n, 70000);
    CHECK(b.p[69999] == '1' && b.p[69998] == '0');
}

TEST(dropping_keeps_the_ceiling)
{
    OWN_BUF struct buf b = buf_make(7);
    buf_addz(&b, "1234567");
    buf_drop(&b);
    CHECK_INT(b.n, 0);
    buf_addz(&b, "12345678");
    CHECK(b.failed);
}
