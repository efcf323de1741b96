// refusals.c: one slot a person or network, taken at the first refusal and free again a minute later, or when its
// number is told.
#include "web/refusals.h"
#include <stdio.h>

enum { MINUTE_MS = 60000 };
static const char others[] = "(others)";

static size_t slots_of(const struct refusals *r)
{
    return r->slots ? r->slots : REFUSALS_PEOPLE;
}

static bool is_over(const struct refused *x, int64_t tick_ms)
{
    return x->since && tick_ms - x->since >= MINUTE_MS;
}

static bool is_free(const struct refused *x, int64_t tick_ms)
{
    return !x->since || (is_over(x, tick_ms) && !x->more);
}

static void begin(struct refused *x, struct str name, struct str from, int64_t tick_ms)
{
    *x = (struct refused){.since = tick_ms};
    snprintf(x->name, sizeof x->name, STR_F, STR_A(name));
    snprintf(x->from, sizeof x->from, STR_F, STR_A(from));
}

static struct refused *slot_of(struct refusals *r, struct str name, struct str from, int64_t tick_ms)
{
    struct refused *room = NULL, *last = &r->at[slots_of(r) - 1];
    for (struct refused *x = r->at; x < last; x++) {
        if (x->since && str_eq(str_z(x->name), name) && str_eq(str_z(x->from), from))
            return x;
        if (!room && is_free(x, tick_ms))
            room = x;
    }
    if (room)
        begin(room, name, from, tick_ms);
    else if (!last->since)
        begin(last, str_z(others), S(""), tick_ms);
    return room ? room : last;
}

bool refusals_take(struct refusals *r, struct str who, struct str from, int64_t tick_ms)
{
    enum { MOST = REFUSALS_NAME_MAX - 1 };
    struct refused *x = slot_of(r, str_head(who, MOST), str_head(from, MOST), tick_ms);
    // One that has a number begins no new minute before that is told: else it never were, while refusals go on.
    if (is_over(x, tick_ms) && !x->more)
        x->since = tick_ms, x->lines = 0;
    if (x->lines < REFUSALS_A_MINUTE) {
        x->lines++;
        return true;
    }
    x->more++;
    r->changed = true;
    return false;
}

const struct refused *refusals_due(const struct refusals *r, size_t *at, int64_t tick_ms)
{
    for (; *at < slots_of(r); ++*at)
        if (r->at[*at].more && is_over(&r->at[*at], tick_ms))
            return &r->at[(*at)++];
    return NULL;
}

void refusals_told(struct refusals *r, int64_t tick_ms)
{
    for (size_t i = 0; i < slots_of(r); i++)
        if (r->at[i].more && is_over(&r->at[i], tick_ms))
            r->at[i] = (struct refused){0};
    r->changed = false;
}
