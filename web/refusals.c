// refusals.c: one slot a person, taken at the first refusal and free again a minute later.
#include "web/refusals.h"
#include <stdio.h>

enum { MINUTE_MS = 60000 };
static const char others[] = "(others)";

static bool is_over(const struct refused *x, int64_t tick_ms)
{
    return x->since && tick_ms - x->since >= MINUTE_MS;
}

static bool is_free(const struct refused *x, int64_t tick_ms)
{
    return !x->since || (is_over(x, tick_ms) && !x->more);
}

static struct refused *slot_of(struct refusals *r, struct str name, int64_t tick_ms)
{
    struct refused *room = NULL;
    for (size_t i = 0; i + 1 < REFUSALS_PEOPLE; i++) {
        struct refused *x = &r->at[i];
        if (x->since && str_eq(str_z(x->name), name))
            return x;
        if (!room && is_free(x, tick_ms))
            room = x;
    }
    bool last = !room;
    room = last ? &r->at[REFUSALS_PEOPLE - 1] : room;
    if (!last || !room->since) {
        *room = (struct refused){.since = tick_ms};
        snprintf(room->name, sizeof room->name, STR_F, STR_A(last ? str_z(others) : name));
    }
    return room;
}

bool refusals_take(struct refusals *r, struct str who, int64_t tick_ms)
{
    struct refused *x = slot_of(r, str_head(who, REFUSALS_NAME_MAX - 1), tick_ms);
    if (is_over(x, tick_ms))
        x->since = tick_ms, x->lines = 0;       // what was not told yet is told with the new minute's
    if (x->lines < REFUSALS_A_MINUTE) {
        x->lines++;
        return true;
    }
    x->more++;
    return false;
}

bool refusals_due(struct refusals *r, int64_t tick_ms, struct refusals_count *out)
{
    for (size_t i = 0; i < REFUSALS_PEOPLE; i++) {
        struct refused *x = &r->at[i];
        if (!x->more || !is_over(x, tick_ms))
            continue;
        *out = (struct refusals_count){str_z(x->name), x->more};
        x->more = 0;
        x->since = 0;
        return true;
    }
    return false;
}
