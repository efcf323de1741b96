#include "base/test.h"
#include "release/state.h"

TEST(every_state_has_a_row_and_its_name_reads_back)
{
    for (int i = 0; i < STATES; i++) {
        enum state back = STATES;
        const struct state_row *row = state_row((enum state)i);
        CHECK(row->name && row->label);
        CHECK(state_parse(str_z(row->name), &back) && (int)back == i);
    }
    enum state none;
    CHECK(!state_parse(S("sleeping"), &none));
}

TEST(an_end_state_leads_nowhere_and_every_way_ends)
{
    for (int i = 0; i < STATES; i++) {
        const struct state_row *row = state_row((enum state)i);
        bool stays = (int)row->next == i && (int)row->failed == i && (int)row->aborted == i;
        CHECK(row->end == stays);
        enum state s = (enum state)i;
        int steps = 0;
        while (!state_row(s)->end && steps++ < STATES)
            s = state_row(s)->next;
        CHECK(state_row(s)->end);
    }
}

TEST(before_the_canary_nothing_is_switched_so_nothing_is_rolled_back)
{
    const enum state early[] = {QUEUED, BUILDING, STAGING, MIGRATING};
    for (size_t i = 0; i < ARRAY_LEN(early); i++) {
        CHECK(state_row(early[i])->failed == FAILED);
        CHECK(state_row(state_row(early[i])->aborted)->end);
    }
    CHECK(state_row(CANARY)->failed == ROLLING_BACK);
    CHECK(state_row(PRODUCTION)->failed == NEEDS_HUMAN);
}

TEST(every_step_has_a_name_of_its_own)
{
    for (int i = 0; i < STEPS; i++)
        for (int k = 0; k < i; k++)
            CHECK(!str_eq(str_z(step_row((enum step)i)->name), str_z(step_row((enum step)k)->name)));
}
