#include "base/test.h"

TEST(what_was_put_comes_back_by_its_bytes)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct map m = {0};
    int one = 1, two = 2;
    CHECK(map_get(&m, S("app1")) == NULL);
    CHECK(map_put(&a, &m, S("app1"), &one) == NULL);
    CHECK(map_put(&a, &m, S(""), &two) == NULL);
    CHECK(map_get(&m, S("app1")) == &one);
    CHECK(map_get(&m, S("")) == &two);
    CHECK(map_get(&m, S("app")) == NULL);
    CHECK(map_get(&m, S("app1\0")) == NULL);
    CHECK(map_put(&a, &m, S("app1"), &two) == &one);
    CHECK(map_get(&m, S("app1")) == &two);
    CHECK_INT(m.n, 2);
}

TEST(many_keys_stay_apart)
{
    OWN_ARENA struct arena a = arena_make(16 << 20);
    struct map m = {0};
    static int values[5000];
    for (int i = 0; i < 5000; i++)
        CHECK(map_put(&a, &m, str_f(&a, "key %d", i), &values[i]) == NULL);
    CHECK_INT(m.n, 5000);
    for (int i = 0; i < 5000; i++)
        CHECK(map_get(&m, str_f(&a, "key %d", i)) == &values[i]);
    CHECK(map_get(&m, S("key 5000")) == NULL);
    CHECK(m.cap >= 2 * m.n);
}
