// turns_test.c: whose turn it is, counted in turns.
#include "base/test.h"
#include "web/origin.h"
#include "web/turns.h"
#include <stdio.h>
#include <string.h>

static struct turn_key from(const char *address, bool stranger)
{
    struct address a = {{0}};
    CHECK(address_parse(str_z(address), &a));
    return turn_key(a, stranger);
}

// As many as find room, at most `most`.
static unsigned flood(struct turns *t, struct turn_key key, struct turn *x, unsigned most)
{
    unsigned n = 0;
    for (; n < most && turns_have_room(t, &key); n++)
        turns_add(t, &key, &x[n]);
    return n;
}

static unsigned turns_until(struct turns *t, const struct turn *x)
{
    unsigned n = 1;
    while (turns_next(t) != x)
        n++;
    return n;
}

TEST(a_network_is_a_24_or_a_48_and_who_is_signed_in_is_by_themselves)
{
    static const struct { const char *a, *b; bool stranger, same; } rows[] = {
        {"198.51.100.1", "198.51.100.200", true, true}, {"198.51.100.1", "198.51.101.1", true, false},
        {"198.51.100.1", "198.51.100.200", false, false}, {"2001:db8:1::1", "2001:db8:1:ffff::2", true, true},
        {"2001:db8:1::1", "2001:db8:2::1", true, false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct turn_key a = from(rows[i].a, rows[i].stranger), b = from(rows[i].b, rows[i].stranger);
        CHECK_INT(memcmp(&a.net, &b.net, sizeof a.net) == 0, rows[i].same);
    }
}

TEST(a_flood_of_one_network_leaves_a_stranger_a_place_and_the_next_turn_but_one)
{
    static struct turn noise[100], mine;
    struct turns t;
    struct turn_key other = from("203.0.113.9", true);
    turns_init(&t);
    CHECK_INT(flood(&t, from("198.51.100.7", true), noise, 100), (TURNS_MAX - TURNS_KEPT) / 2);
    CHECK(turns_have_room(&t, &other));
    turns_add(&t, &other, &mine);
    CHECK_INT(turns_until(&t, &mine), 2);
}

TEST(many_networks_wait_for_one_turn_of_each_other)
{
    static struct turn noise[20][100], mine;
    struct turns t;
    struct turn_key other = from("203.0.113.9", true);
    unsigned networks = 0, all = 0;
    turns_init(&t);
    for (; networks < 4; networks++) {
        char address[40];
        snprintf(address, sizeof address, "198.51.%u.7", networks);
        unsigned n = flood(&t, from(address, true), noise[networks], 100);
        CHECK(n > 0);
        all += n;
    }
    CHECK(all < TURNS_MAX - TURNS_KEPT && turns_have_room(&t, &other));
    turns_add(&t, &other, &mine);
    CHECK_INT(turns_until(&t, &mine), networks + 1);
}

TEST(a_flood_that_keeps_coming_takes_one_turn_of_two)
{
    static struct turn noise[400], mine[20];
    struct turns t;
    struct turn_key flooding = from("198.51.100.7", true), other = from("203.0.113.9", true);
    size_t used = 0;
    turns_init(&t);
    used += flood(&t, flooding, noise, 100);
    for (size_t i = 0; i < ARRAY_LEN(mine); i++) {
        CHECK(turns_have_room(&t, &other));
        turns_add(&t, &other, &mine[i]);
        CHECK(turns_until(&t, &mine[i]) <= 2);
        used += flood(&t, flooding, noise + used, 100);
    }
}

TEST(whoever_is_signed_in_finds_a_place_when_strangers_took_all_of_theirs)
{
    static struct turn noise[TURNS_MAX], mine[TURNS_KEPT];
    struct turns t;
    unsigned n = 0;
    turns_init(&t);
    for (; n < TURNS_MAX - TURNS_KEPT; n++) {
        char address[40];
        snprintf(address, sizeof address, "198.51.%u.7", n);
        struct turn_key key = from(address, true);
        CHECK(turns_have_room(&t, &key));
        turns_add(&t, &key, &noise[n]);
    }
    struct turn_key more = from("203.0.113.9", true), known = from("198.51.0.7", false);
    CHECK(!turns_have_room(&t, &more));
    CHECK_INT(flood(&t, known, mine, TURNS_KEPT), TURNS_KEPT / 2);
}

TEST(everybody_who_was_added_has_a_turn_and_then_there_is_none)
{
    static struct turn x[TURNS_MAX];
    struct turns t;
    unsigned n = 0, taken = 0;
    turns_init(&t);
    CHECK(!turns_next(&t));
    for (unsigned round = 0; round < 3; round++) {
        n = 0;
        for (unsigned net = 0; net < 9; net++) {
            char address[40];
            snprintf(address, sizeof address, "10.0.%u.7", net);
            n += flood(&t, from(address, true), x + n, 2);
        }
        for (taken = 0; turns_next(&t); taken++)
            ;
        CHECK_INT(taken, n);
    }
}
