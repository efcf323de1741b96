// rival.c: see rival.h.
#include "log/rival.h"
#include <stdio.h>
#include <string.h>

// ---- taking turns ----

static struct turns *turns_of(struct rivals *r, const char *host)
{
    for (size_t i = 0; i < r->turns_n; i++)
        if (strcmp(r->turns[i].host, host) == 0)
            return &r->turns[i];
    size_t at = r->turns_n < RIVALS_MAX ? r->turns_n++ : 0;
    for (size_t i = 0; i < RIVALS_MAX && r->turns_n == RIVALS_MAX; i++)
        if (r->turns[i].at[0] < r->turns[at].at[0])
            at = i;
    r->turns[at] = (struct turns){0};
    snprintf(r->turns[at].host, sizeof r->turns[at].host, "%s", host);
    return &r->turns[at];
}

bool rivals_turn(struct rivals *r, const char *host, int64_t tick)
{
    struct turns *t = turns_of(r, host);
    int64_t third = t->at[RIVAL_TURNS - 1];
    // Who is refused tries again after 45 s at most, and is to be refused then, too.
    if ((t->refused && tick - t->refused < RIVAL_MS) || (third && tick - third < RIVAL_MS)) {
        t->refused = tick;
        return false;
    }
    memmove(t->at + 1, t->at, sizeof t->at - sizeof t->at[0]);
    t->at[0] = tick;
    t->refused = 0;
    return true;
}

// ---- who was turned away ----

static void take_out(struct rivals *r, size_t i)
{
    r->n--;
    memmove(r->at + i, r->at + i + 1, (r->n - i) * sizeof r->at[0]);
}

static bool is_same(const struct rival *a, const struct rival *b)
{
    return strcmp(a->host, b->host) == 0 && strcmp(a->from, b->from) == 0;
}

// The stranger who has not been here for longest, else whoever has not.
static void make_room(struct rivals *r)
{
    for (size_t i = r->n; i-- > 0;)
        if (!r->at[i].host[0]) {
            take_out(r, i);
            return;
        }
    r->n--;
}

void rivals_refused(struct rivals *r, const struct rival *new)
{
    int64_t times = 1;
    for (size_t i = r->n; i-- > 0;)
        if (is_same(&r->at[i], new)) {
            times += r->at[i].times;
            take_out(r, i);
        }
    if (r->n == RIVALS_MAX)
        make_room(r);
    memmove(r->at + 1, r->at, r->n * sizeof r->at[0]);
    r->at[0] = *new;
    r->at[0].times = times;
    r->n++;
}

void rivals_welcome(struct rivals *r, const char *host, const char *from)
{
    for (size_t i = r->n; i-- > 0;)
        if (!r->at[i].twin && (strcmp(r->at[i].host, host) == 0 || !r->at[i].host[0])
            && strcmp(r->at[i].from, from) == 0)
            take_out(r, i);
}

void rivals_forget(struct rivals *r, int64_t now_ms)
{
    for (size_t i = r->n; i-- > 0;)
        if (now_ms - r->at[i].at_ms > RIVAL_TOLD_MS || r->at[i].at_ms > now_ms)
            take_out(r, i);
}
