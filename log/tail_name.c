// tail_name.c: see tail_name.h.
#include "log/tail_name.h"
#include "base/clock.h"
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { KEEP_MS = 60000 };

static struct tail_name *all[TAILS_ALL];

static void drop(size_t i)
{
    free(all[i]->person);
    free(all[i]->dataset);
    free(all[i]->where);
    free(all[i]);
    all[i] = NULL;
}

static void drop_the_old(void)
{
    for (size_t i = 0; i < TAILS_ALL; i++)
        if (all[i] && !all[i]->followed && tick_ms() > all[i]->until)
            drop(i);
}

static bool is_of(const struct tail_name *t, struct str person)
{
    return str_eq(str_z(t->person), person);
}

static struct tail_name *find_same(struct str person, struct str dataset, struct str where)
{
    for (size_t i = 0; i < TAILS_ALL; i++)
        if (all[i] && is_of(all[i], person) && str_eq(str_z(all[i]->dataset), dataset)
            && str_eq(str_z(all[i]->where), where))
            return all[i];
    return NULL;
}

static bool make_room(struct str person, struct err *e)
{
    size_t n = 0, oldest = TAILS_ALL;
    for (size_t i = 0; i < TAILS_ALL; i++) {
        if (!all[i] || !is_of(all[i], person))
            continue;
        n++;
        if (!all[i]->followed && (oldest == TAILS_ALL || all[i]->until < all[oldest]->until))
            oldest = i;
    }
    if (n < TAILS_EACH)
        return true;
    if (oldest == TAILS_ALL)
        return err_set(e, ERR_LIMIT, "%d tails of yours are followed; close a page with one", TAILS_EACH);
    drop(oldest);
    return true;
}

static char *copy(struct str s)
{
    char *p = strndup(s.n ? s.p : "", s.n);
    assert(p);
    return p;
}

static struct tail_name *add(size_t at, struct str person, struct str dataset, struct str where)
{
    unsigned char random[TAIL_NAME / 2];
    struct tail_name *t = calloc(1, sizeof *t);
    assert(t);
    *t = (struct tail_name){.person = copy(person), .dataset = copy(dataset), .where = copy(where)};
    randombytes_buf(random, sizeof random);
    hex_encode(random, sizeof random, t->name);
    all[at] = t;
    return t;
}

struct tail_name *tail_name_give(struct str person, struct str dataset, struct str where, struct err *e)
{
    drop_the_old();
    struct tail_name *t = find_same(person, dataset, where);
    if (!t && !make_room(person, e))
        return NULL;
    for (size_t i = 0; !t && i < TAILS_ALL; i++)
        if (!all[i])
            t = add(i, person, dataset, where);
    if (t)
        t->until = tick_ms() + KEEP_MS;
    else
        err_set(e, ERR_LIMIT, "%d tails are followed, more than that are not", TAILS_ALL);
    return t;
}

struct tail_name *tail_name_find(struct str name)
{
    drop_the_old();
    for (size_t i = 0; i < TAILS_ALL; i++)
        if (all[i] && str_eq(str_z(all[i]->name), name))
            return all[i];
    return NULL;
}

void tail_name_follow(struct tail_name *t)
{
    t->followed = true;
}

void tail_name_leave(struct tail_name *t)
{
    t->followed = false;
    t->until = tick_ms() + KEEP_MS;
}
