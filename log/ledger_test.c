// ledger_test.c: what is beyond the catalog is cut off, and half a line never joins a whole one.
#include "base/file.h"
#include "base/test.h"
#include "log/ledger.h"
#include <string.h>

#define HOUR INT64_C(3600000000)

static struct str ledger_text(struct arena *a, const char *hour)
{
    struct str text = S("");
    struct err e;
    if (!file_read(a, str_zf(a, "%s/ledger/%s.jsonl", test_dir(), hour), 1 << 20, &text, &e))
        return S("");
    return text;
}

TEST(commits_beyond_the_catalog_are_cut_off)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct err e;
    CHECK(ledger_add(test_dir(), 0, S("{\"from\":0,\"to\":10}\n"), &e));
    CHECK(ledger_add(test_dir(), 0, S("{\"seal\":{}}\n"), &e));
    CHECK(ledger_add(test_dir(), 0, S("{\"from\":10,\"to\":20}\n"), &e));
    CHECK(ledger_add(test_dir(), HOUR, S("{\"from\":20,\"to\":30}\n"), &e));
    CHECK(ledger_cut(test_dir(), 30, 1, &e));
    CHECK_STR(ledger_text(&a, "1970-01-01T01"), S("{\"from\":20,\"to\":30}\n"));
    CHECK(ledger_cut(test_dir(), 10, 1, &e));
    CHECK_STR(ledger_text(&a, "1970-01-01T01"), S(""));
    CHECK_STR(ledger_text(&a, "1970-01-01T00"), S("{\"from\":0,\"to\":10}\n{\"seal\":{}}\n"));
    CHECK(ledger_cut(test_dir(), 0, 1, &e));
    CHECK_STR(ledger_text(&a, "1970-01-01T00"), S(""));
}

// One line is what a crash leaves.
TEST(what_a_catalog_that_is_too_old_cuts_off_is_kept_aside)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct err e;
    struct str kept = {0};
    const char *aside = str_zf(&a, "%s/aside/ledger-1970-01-01T00.jsonl.10", test_dir());
    CHECK(ledger_add(test_dir(), 0, S("{\"to\":10}\n"), &e));
    CHECK(ledger_add(test_dir(), 0, S("{\"to\":20}\n"), &e));
    CHECK(ledger_cut(test_dir(), 10, 1, &e));
    CHECK(!path_exists(aside));
    CHECK(ledger_add(test_dir(), 0, S("{\"to\":20}\n"), &e));
    CHECK(ledger_add(test_dir(), 0, S("{\"to\":30}\n"), &e));
    CHECK(ledger_cut(test_dir(), 10, 1, &e));
    CHECK(file_read(&a, aside, 1 << 10, &kept, &e));
    CHECK_STR(kept, S("{\"to\":20}\n{\"to\":30}\n"));
    CHECK_STR(ledger_text(&a, "1970-01-01T00"), S("{\"to\":10}\n"));
}

TEST(half_a_line_goes_before_the_next_one_comes)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct err e;
    CHECK(ledger_add(test_dir(), 0, S("{\"to\":10}\n"), &e));
    CHECK(file_write(str_zf(&a, "%s/ledger/1970-01-01T00.jsonl", test_dir()), S("{\"to\":10}\n{\"to\":2"), 0600, &e));
    CHECK(ledger_add(test_dir(), 0, S("{\"to\":30}\n"), &e));
    CHECK_STR(ledger_text(&a, "1970-01-01T00"), S("{\"to\":10}\n{\"to\":30}\n"));
}

TEST(a_clock_that_goes_back_does_not_change_the_order)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct err e;
    CHECK(ledger_add(test_dir(), 2 * HOUR, S("{\"to\":10}\n"), &e));
    CHECK(ledger_add(test_dir(), 0, S("{\"to\":20}\n"), &e));
    CHECK_STR(ledger_text(&a, "1970-01-01T02"), S("{\"to\":10}\n{\"to\":20}\n"));
}

TEST(a_change_that_no_catalog_came_to_know_is_cut_off)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct err e;
    struct str sealed = S("{\"seal\":{},\"generation\":4}\n");
    CHECK(ledger_add(test_dir(), 0, S("{\"from\":0,\"to\":10}\n"), &e));
    CHECK(ledger_add(test_dir(), 0, sealed, &e));
    CHECK(ledger_add(test_dir(), 0, S("{\"dropped\":[],\"generation\":5}\n"), &e));
    CHECK(ledger_cut(test_dir(), 10, 5, &e));
    CHECK(str_find(ledger_text(&a, "1970-01-01T00"), S("dropped")) >= 0);
    CHECK(ledger_cut(test_dir(), 10, 4, &e));
    CHECK_STR(ledger_text(&a, "1970-01-01T00"), str_f(&a, "{\"from\":0,\"to\":10}\n" STR_F, STR_A(sealed)));
    CHECK(ledger_cut(test_dir(), 10, 3, &e));
    CHECK_STR(ledger_text(&a, "1970-01-01T00"), S("{\"from\":0,\"to\":10}\n"));
}
