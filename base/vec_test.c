#include "base/test.h"

TEST(an_array_grows_and_keeps_what_it_has)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    VEC(int64_t) v = {0};
    for (int64_t i = 0; i < 1000; i++)
        vec_push(&a, &v, i * i);
    CHECK_INT(v.n, 1000);
    for (size_t i = 0; i < v.n; i++)
        CHECK_INT(v.at[i], (int64_t)(i * i));
}

TEST(a_new_place_is_zeroed)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct strs v = {0};
    for (int i = 0; i < 100; i++) {
        struct str *s = vec_room(&a, (void **)&v.at, &v.n, &v.cap, sizeof *v.at, _Alignof(struct str));
        CHECK(s->p == NULL && s->n == 0);
        *s = S("x");
    }
}

TEST(a_name_is_in_the_list_or_not)
{
    OWN_ARENA struct arena a = arena_make(1 << 16);
    struct strs v = {0};
    CHECK(!strs_have(&v, S("")));
    vec_push(&a, &v, S("app1"));
    vec_push(&a, &v, S("app2"));
    CHECK(strs_have(&v, S("app2")) && !strs_have(&v, S("app")) && !strs_have(&v, S("")));
}
