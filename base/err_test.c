#include "base/test.h"
#include <errno.h>
#include <string.h>

TEST(an_error_is_told_from_the_outside_in)
{
    struct err e;
    errno = ENOENT;
    CHECK(!err_set(&e, ERR_IO, "open %s: %m", "/etc/x"));
    CHECK(!err_in(&e, "read the %s", "site file"));
    CHECK_STR(str_z(e.text), S("read the site file: open /etc/x: No such file or directory"));
    CHECK_INT(e.kind, ERR_IO);
}

TEST(telling_an_error_leaves_errno_as_it_was)
{
    struct err e;
    errno = ENOSPC;
    (void)err_set(&e, ERR_IO, "write");
    CHECK_INT(errno, ENOSPC);
}

TEST(a_hint_stays_until_the_next_error)
{
    struct err e;
    (void)err_set(&e, ERR_INPUT, "no");
    CHECK_STR(str_z(e.hint), S(""));
    (void)err_hint(&e, "try %d", 7);
    (void)err_in(&e, "ask");
    CHECK_STR(str_z(e.hint), S("try 7"));
    (void)err_set(&e, ERR_INPUT, "no");
    CHECK_STR(str_z(e.hint), S(""));
}

TEST(a_sentence_too_long_keeps_its_beginning)
{
    struct err e;
    char longer[3000];
    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = 0;
    (void)err_set(&e, ERR_IO, "%s", longer);
    CHECK_INT(strlen(e.text), sizeof e.text - 1);
    (void)err_in(&e, "outer");
    CHECK(str_starts(str_z(e.text), S("outer: xxx")));
    for (int i = 0; i < 500; i++)
        (void)err_in(&e, "deeper");
    CHECK(str_starts(str_z(e.text), S("deeper: deeper: ")));
    (void)err_in(&e, "%s", longer);
    CHECK(strlen(e.text) < sizeof e.text && str_starts(str_z(e.text), S("xxx")));
    (void)err_hint(&e, "%s", longer);
    CHECK_INT(strlen(e.hint), sizeof e.hint - 1);
}

TEST(every_kind_has_a_word_a_status_and_an_exit_code)
{
    for (int kind = ERR_NONE; kind <= ERR_BUG; kind++) {
        const struct err_row *row = err_row((enum err_kind)kind);
        CHECK(row->code && row->code[0]);
        CHECK(kind == ERR_NONE ? row->http == 200 : row->http >= 400 && row->http < 600);
        CHECK((row->exit == 0) == (kind == ERR_NONE));
        for (int other = ERR_NONE; other < kind; other++)
            CHECK(strcmp(row->code, err_row((enum err_kind)other)->code) != 0);
    }
    CHECK(err_row((enum err_kind)999) == err_row(ERR_BUG));
}
