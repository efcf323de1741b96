// turns.c: see turns.h.
#include "web/turns.h"
#include <assert.h>
#include <string.h>

void turns_init(struct turns *t)
{
    memset(t, 0, sizeof *t);
    TAILQ_INIT(&t->ring);
}

struct turn_key turn_key(struct address from, bool stranger)
{
    static const uint8_t four[12] = {[10] = 0xff, [11] = 0xff};
    struct turn_key key = {from, stranger};
    if (stranger && memcmp(from.at, four, sizeof four) == 0)
        key.net.at[15] = 0;
    else if (stranger)
        memset(key.net.at + 6, 0, 10);
    return key;
}

static bool same(const struct turn_key *a, const struct turn_key *b)
{
    return a->stranger == b->stranger && memcmp(&a->net, &b->net, sizeof a->net) == 0;
}

static struct lane *lane_of(const struct turns *t, const struct turn_key *key)
{
    struct lane *l;
    TAILQ_FOREACH(l, &t->ring, next)
        if (same(&l->key, key))
            return l;
    return NULL;
}

bool turns_have_room(const struct turns *t, const struct turn_key *key)
{
    unsigned most = key->stranger ? TURNS_MAX - TURNS_KEPT : TURNS_MAX;
    const struct lane *l = lane_of(t, key);
    return t->n < most && (l ? l->n : 0) < most - t->n;
}

// There is one: each lane of the ring has somebody waiting, and those are fewer than places.
static struct lane *free_lane(struct turns *t)
{
    for (size_t i = 0; i < TURNS_MAX; i++)
        if (!t->lanes[i].n)
            return &t->lanes[i];
    return NULL;
}

void turns_add(struct turns *t, const struct turn_key *key, struct turn *x)
{
    struct lane *l = lane_of(t, key);
    assert(t->n < TURNS_MAX);
    if (!l) {
        l = free_lane(t);
        assert(l);
        l->key = *key;
        STAILQ_INIT(&l->waiting);
        TAILQ_INSERT_TAIL(&t->ring, l, next);
    }
    STAILQ_INSERT_TAIL(&l->waiting, x, next);
    l->n++;
    t->n++;
}

struct turn *turns_next(struct turns *t)
{
    struct lane *l = TAILQ_FIRST(&t->ring);
    if (!l)
        return NULL;
    struct turn *x = STAILQ_FIRST(&l->waiting);
    STAILQ_REMOVE_HEAD(&l->waiting, next);
    TAILQ_REMOVE(&t->ring, l, next);
    if (--l->n)
        TAILQ_INSERT_TAIL(&t->ring, l, next);
    t->n--;
    return x;
}
