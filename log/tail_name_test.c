// tail_name_test.c: who gets which name of a tail, and how many.
#include "log/tail_name.h"
#include "base/test.h"

static struct str name_of(const char *person, const char *where)
{
    struct err e;
    struct tail_name *t = tail_name_give(str_z(person), S("access"), str_z(where), &e);
    return t ? str_z(t->name) : S("");
}

static void follow(struct str name, bool yes)
{
    struct tail_name *t = tail_name_find(name);
    CHECK(t);
    if (t && yes)
        tail_name_follow(t);
    else if (t)
        tail_name_leave(t);
}

TEST(the_same_asked_by_the_same_person_is_the_same_tail)
{
    struct str one = name_of("mei", "status >= 500");
    CHECK_INT(one.n, TAIL_NAME);
    CHECK_STR(name_of("mei", "status >= 500"), one);
    CHECK(!str_eq(name_of("mei", "status >= 501"), one));
    CHECK(!str_eq(name_of("kato", "status >= 500"), one));
    CHECK(tail_name_find(one));
    CHECK(!tail_name_find(S("0123456789abcdef0123456789abcdef")));
}

TEST(nobody_follows_more_tails_than_are_good_for_the_house)
{
    struct err e = {0};
    char where[TAILS_EACH + 1][24], kept[TAILS_EACH][TAIL_NAME + 1];
    for (int i = 0; i <= TAILS_EACH; i++)
        snprintf(where[i], sizeof where[i], "a = %d", i);
    for (int i = 0; i < TAILS_EACH; i++) {
        struct str name = name_of("rin", where[i]);
        snprintf(kept[i], sizeof kept[i], STR_F, STR_A(name));
        follow(name, i != 3);
    }
    CHECK(name_of("rin", where[TAILS_EACH]).n);             // takes the place of the one that nobody follows
    CHECK(!tail_name_find(str_z(kept[3])));
    follow(name_of("rin", where[TAILS_EACH]), true);
    CHECK(!tail_name_give(S("rin"), S("access"), S("b = 1"), &e));
    CHECK_INT(e.kind, ERR_LIMIT);
    CHECK(name_of("sora", "a = 1").n);                      // others are not kept from theirs
    for (int i = 0; i < TAILS_EACH; i++)
        if (i != 3)
            follow(str_z(kept[i]), false);
    follow(name_of("rin", where[TAILS_EACH]), false);
    CHECK(tail_name_give(S("rin"), S("access"), S("b = 1"), &e));
}
