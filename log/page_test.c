#include "base/test.h"
#include "log/page.h"
#include <malloc.h>
#include <stdio.h>

static void expect(struct pages *p, const char *path, const char *name)
{
    CHECK_STR(pages_name(p, pages_of(p, str_z(path))), str_z(name));
}

TEST(variable_parts_are_named_by_what_they_are)
{
    static const struct { const char *path, *name; } rows[] = {
        {"/", "/"}, {"/works/1482", "/works/{n}"}, {"/works/1482/edit", "/works/{n}/edit"},
        {"/works/1482?x=1/2", "/works/{n}"}, {"/works", "/works"}, {"/works/", "/works/"},
        {"/news/2018-02-15", "/news/{date}"}, {"/news/20180215", "/news/{date}"},
        {"/u/0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0", "/u/{uuid}"}, {"/t/deadbeef0", "/t/{hex}"},
        {"/t/facade", "/t/facade"}, {"/t/deadbeef", "/t/deadbeef"}, {"", "(other)"}, {"*", "(other)"},
        {"http://x/", "(other)"}, {"//", "//"},
    };
    struct pages *p = pages_new();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect(p, rows[i].path, rows[i].name);
    pages_free(p);
}

static void many(struct pages *p, const char *format_head, const char *tail, int n)
{
    char path[100];
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%sname-%d%s", format_head, i, tail);
        pages_of(p, str_z(path));
    }
}

TEST(too_many_names_under_one_parent_become_one)
{
    struct pages *p = pages_new();
    int before = pages_of(p, S("/tags/name-3"));
    many(p, "/tags/", "", 64);
    expect(p, "/tags/name-3", "/tags/name-3");
    CHECK_INT(pages_folds(p), 0);
    many(p, "/tags/", "", 65);
    CHECK_INT(pages_folds(p), 1);
    expect(p, "/tags/name-3", "/tags/{x}");
    expect(p, "/tags/quite-new", "/tags/{x}");
    expect(p, "/tags/77", "/tags/{n}");
    CHECK_STR(pages_name(p, before), S("/tags/{x}"));
    CHECK_INT(pages_now(p, before), pages_of(p, S("/tags/name-9")));
    pages_free(p);
}

TEST(what_stands_below_folded_names_is_kept_apart_and_endings_too)
{
    struct pages *p = pages_new();
    many(p, "/users/", "/profile", 70);
    many(p, "/users/", "/works/12", 3);
    expect(p, "/users/somebody/profile", "/users/{x}/profile");
    expect(p, "/users/else/works/9", "/users/{x}/works/{n}");
    many(p, "/img/", ".png", 65);
    expect(p, "/img/name-1.jpg", "/img/{x}.jpg");
    expect(p, "/img/name-2.png", "/img/{x}.png");
    expect(p, "/img/no.such-ending", "/img/{x}");
    pages_free(p);
}

TEST(a_fold_may_lead_to_another_below_it)
{
    struct pages *p = pages_new();
    char path[100];
    for (int i = 0; i < 66; i++)
        for (int k = 0; k < 2; k++) {
            snprintf(path, sizeof path, "/a/b%d-/c%d-", i, i * 2 + k);
            pages_of(p, str_z(path));
        }
    expect(p, "/a/new/newer", "/a/{x}/{x}");
    pages_free(p);
}

TEST(there_are_at_most_so_many_pages)
{
    struct pages *p = pages_new();
    char path[100];
    for (int i = 0; i < 60; i++)
        for (int k = 0; k < 60; k++)
            for (int m = 0; m < 4; m++) {
                snprintf(path, sizeof path, "/a%d-/b%d-/c%d-", i, k, m);
                pages_of(p, str_z(path));
            }
    CHECK_INT(pages_n(p), PAGES_MAX);
    expect(p, "/a59-/b59-/c3-", "(other)");
    pages_free(p);
}

TEST(names_that_were_learned_before_are_known_again)
{
    struct pages *p = pages_new();
    int a = pages_learn(p, S("/tags/{x}")), b = pages_learn(p, S("/works/{n}/edit"));
    CHECK_INT(pages_of(p, S("/tags/anything")), a);
    CHECK_INT(pages_of(p, S("/works/5/edit")), b);
    pages_free(p);
}

TEST(braces_of_a_visitor_are_none_of_ours)
{
    struct pages *p = pages_new(), *later = pages_new();
    CHECK_STR(pages_name(p, pages_of(p, S("/{x}"))), S("/%7Bx}"));
    expect(p, "/{x}.png/a", "/%7Bx}.png/a");
    expect(p, "/works/{n}", "/works/%7Bn}");
    pages_learn(later, S("/about"));
    pages_learn(later, S("/%7Bx}"));
    expect(later, "/about", "/about");
    expect(later, "/contact", "/contact");
    CHECK_INT(pages_folds(later), 0);
    CHECK_STR(pages_name(p, pages_learn(p, S("/works/{n}/edit"))), S("/works/{n}/edit"));
    CHECK_STR(pages_name(p, pages_learn(p, S("/works/%7Bn}"))), S("/works/%7Bn}"));
    char path[40];
    for (int i = 0; i < 100; i++) {
        snprintf(path, sizeof path, "/shop/{%d-", i);
        pages_of(p, str_z(path));
    }
    expect(p, "/shop/{50-", "/shop/{x}");
    pages_free(p);
    pages_free(later);
}

TEST(file_endings_are_few)
{
    struct pages *p = pages_new();
    char path[100];
    many(p, "/img/", ".png", 65);
    for (int i = 0; i < 3000; i++) {
        snprintf(path, sizeof path, "/img/a-.x%d", i);
        pages_of(p, str_z(path));
    }
    CHECK(pages_n(p) < 200);
    expect(p, "/img/name-2.png", "/img/{x}.png");
    expect(p, "/img/b.x2999", "/img/{x}");
    pages_free(p);
}

// 62 names on each floor are too few to fold.
static void fill(struct pages *p, char *path)
{
    for (int i = 0; pages_n(p) < PAGES_MAX; i++) {
        sprintf(path, "/f%d-/f%d-/f%d-", i % 62, i / 62 % 62, i / 3844);
        pages_of(p, str_z(path));
    }
}

TEST(when_there_are_too_many_pages_the_other_one_stays_itself)
{
    struct pages *p = pages_new();
    char path[100];
    int shop = pages_of(p, S("/shop/name-1")), about = pages_of(p, S("/about"));
    fill(p, path);
    many(p, "/shop/", "", 3);
    many(p, "/f1-/", "", 70);
    expect(p, "/never/seen", "(other)");
    expect(p, "*", "(other)");
    CHECK_INT(pages_now(p, PAGE_OTHER), PAGE_OTHER);
    CHECK_STR(pages_name(p, PAGE_OTHER), S("(other)"));
    CHECK_STR(pages_name(p, shop), S("/shop/name-1"));
    CHECK_INT(pages_of(p, S("/about")), about);
    pages_free(p);
}

TEST(paths_that_become_no_page_take_no_memory)
{
    struct pages *p = pages_new();
    char path[200];
    fill(p, path);
    size_t before = mallinfo2().uordblks;
    for (unsigned i = 0; i < 100000; i++) {
        snprintf(path, sizeof path, "/f%d-/g%u-/{%u-/h%u/i%u-j/k%u-l", i % 62, i % 1000, i, i % 77, i / 3, i / 7);
        pages_of(p, str_z(path));
    }
    CHECK(mallinfo2().uordblks - before < 1 << 20);
    pages_free(p);
}

TEST(looking_for_a_page_makes_none)
{
    struct pages *p = pages_new();
    int works = pages_of(p, S("/works/12"));
    CHECK_INT(pages_find(p, S("/works/13?x")), works);
    CHECK_INT(pages_find(p, S("/wp-login.php")), PAGE_OTHER);
    CHECK_INT(pages_find(p, S("/works")), PAGE_OTHER);
    CHECK_INT(pages_n(p), 2);
    many(p, "/tags/", "", 66);
    CHECK_INT(pages_find(p, S("/tags/quite-new")), pages_of(p, S("/tags/name-1")));
    pages_free(p);
}

TEST(who_has_folded_less_learns_it_from_who_has_folded_more)
{
    struct pages *p = pages_new();
    int some = pages_of(p, S("/tags/some")), work = pages_of(p, S("/tags/some/edit"));
    int tags = pages_learn(p, S("/tags/{x}"));
    CHECK_INT(pages_now(p, some), pages_now(p, tags));
    CHECK_STR(pages_name(p, work), S("/tags/{x}/edit"));
    CHECK_INT(pages_of(p, S("/tags/other")), pages_now(p, tags));
    CHECK_INT(pages_learn(p, S("/tags/late")), pages_now(p, tags));
    pages_free(p);
}
