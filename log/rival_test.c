// rival_test.c: two agents of one host do not take turns for ever, and an agent whose network was cut comes back.
#include "base/test.h"
#include "log/rival.h"
#include <stdio.h>
#include <string.h>

TEST(two_agents_of_a_host_take_turns_three_times)
{
    static struct rivals r;
    static const struct { int64_t at; bool may; } rows[] = {
        {1000, true}, {1200, true}, {2000, true}, {2400, false}, {30000, false}, {75000, false},
        {134000, false}, {194500, true},        // it gave up for a minute
    };
    r = (struct rivals){0};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        CHECK_INT(rivals_turn(&r, "app1", rows[i].at), rows[i].may);
    CHECK(rivals_turn(&r, "app2", 2500));
}

TEST(an_agent_that_comes_back_now_and_then_is_none_of_two)
{
    static struct rivals r;
    r = (struct rivals){0};
    for (int64_t at = 1000; at < 1000000; at += 21000)
        CHECK(rivals_turn(&r, "app1", at));
}

TEST(more_hosts_than_there_is_room_for_forget_the_oldest)
{
    static struct rivals r;
    char host[64];
    r = (struct rivals){0};
    for (int i = 0; i < 3 * RIVALS_MAX; i++) {
        snprintf(host, sizeof host, "app%d", i);
        CHECK(rivals_turn(&r, host, 1000 + i));
    }
    CHECK_INT(r.turns_n, RIVALS_MAX);
}

static void refuse(struct rivals *r, const char *host, const char *from, bool twin, int64_t at_ms)
{
    struct rival new = {.why = "because", .twin = twin, .at_ms = at_ms};
    snprintf(new.host, sizeof new.host, "%s", host);
    snprintf(new.from, sizeof new.from, "%s", from);
    rivals_refused(r, &new);
}

TEST(who_was_turned_away_is_told_once_and_until_it_is_over)
{
    static struct rivals r;
    r = (struct rivals){0};
    refuse(&r, "app1", "10.0.1.7", false, 1);
    refuse(&r, "", "10.0.1.8", false, 2);
    refuse(&r, "app1", "10.0.1.7", false, 3);
    CHECK_INT(r.n, 2);
    CHECK(strcmp(r.at[0].host, "app1") == 0 && r.at[0].times == 2 && r.at[0].at_ms == 3);
    rivals_welcome(&r, "app1", "10.0.1.9");
    CHECK_INT(r.n, 2);
    rivals_welcome(&r, "app1", "10.0.1.7");
    rivals_welcome(&r, "app2", "10.0.1.8");
    CHECK_INT(r.n, 0);
    refuse(&r, "app1", "10.0.1.7", true, 4);
    rivals_welcome(&r, "app1", "10.0.1.7");             // the other one of the two
    CHECK_INT(r.n, 1);
    rivals_forget(&r, 4 + RIVAL_TOLD_MS + 1);
    CHECK_INT(r.n, 0);
}

TEST(strangers_push_nobody_out_who_has_a_name)
{
    static struct rivals r;
    char from[80];
    r = (struct rivals){0};
    refuse(&r, "app1", "10.0.1.7", false, 1);
    for (int i = 0; i < 3 * RIVALS_MAX; i++) {
        snprintf(from, sizeof from, "192.0.2.%d", i);
        refuse(&r, "", from, false, 2);
    }
    CHECK_INT(r.n, RIVALS_MAX);
    CHECK(strcmp(r.at[RIVALS_MAX - 1].host, "app1") == 0);
}
