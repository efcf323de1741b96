// settle_service.c: what the keys of one service say together.
#include "site/rules.h"
#include "site/settle.h"
#include "site/site.h"

// A signal needs a process: from a pid file, or from a unit. For PHP-FPM the distributions agree on a unit.
void settle_restart(struct reading *r, const struct node *map, void *service)
{
    struct service *s = service;
    enum restart_kind kind = s->restart.kind;
    bool by_signal = kind == RESTART_PHP_FPM || kind == RESTART_UNICORN || kind == RESTART_PUMA || kind == RESTART_NODE;
    if (!by_signal)
        return;
    if (s->restart.pid.n && s->restart.unit.n)
        mistake_at(r, place_of(r, s->restart.unit, map->at), "restart: pid and unit both say where the process is")
            ->hint = S("leave one of them out");
    else if (s->restart.pid.n || s->restart.unit.n)
        return;
    else if (kind == RESTART_PHP_FPM) {
        s->restart.unit = S("php-fpm");
        s->restart.unit_unsaid = true;
    } else
        mistake_at(r, map->key_at, "restart: pid or unit is missing")->hint =
            S("for example pid: /run/app.pid, the file that holds the process to signal");
}

static struct place place_of_service(const struct service *s)
{
    return (struct place){s->line, s->col};
}

static void canary_first(struct service *s)
{
    for (size_t i = 0; i < s->servers.n; i++)
        if (str_eq(s->servers.at[i].name, S("canary")))
            for (; i > 0; i--) {
                struct group g = s->servers.at[i];
                s->servers.at[i] = s->servers.at[i - 1];
                s->servers.at[i - 1] = g;
            }
}

// Also gives back the map from each host to the group that has it.
static struct map see_hosts_twice(struct reading *r, const struct service *s)
{
    struct map owners = {0};
    for (size_t i = 0; i < s->servers.n; i++) {
        struct group *g = &s->servers.at[i];
        for (size_t h = 0; h < g->hosts.n; h++) {
            const struct group *first = map_get(&owners, g->hosts.at[h]);
            if (first)
                mistake_at(r, place_of(r, g->hosts.at[h], place_of_service(s)), "servers: %s is in two groups, "
                           "%s and %s", shown(g->hosts.at[h]).z, shown_bare(first->name).z, shown_bare(g->name).z);
            else
                map_put(r->scratch, &owners, g->hosts.at[h], g);
        }
    }
    return owners;
}

static struct str slot_name(const void *map, size_t i)
{
    const struct map *m = map;
    return m->slot[i].value ? m->slot[i].key : S("");
}

static void see_migrate(struct reading *r, const struct service *s, const struct map *owners)
{
    struct str on = s->migrate.on;
    if (on.n && owners->n && !map_get(owners, on))
        mistake_at(r, place_of(r, on, place_of_service(s)), "on: %s is no host of this service", shown(on).z)->hint =
            did_you_mean(r, on, owners->cap, slot_name, owners);
}

static bool has_canary(const struct service *s)
{
    return s->servers.n && str_eq(s->servers.at[0].name, S("canary"));
}

// Judging needs somebody to judge, and somebody to be judged by.
static void see_canary(struct reading *r, const struct service *s)
{
    struct place here = place_of(r, s->canary.log, place_of_service(s));
    if (!s->canary.log.n || !s->servers.n)
        return;
    if (!has_canary(s))
        mistake_at(r, here, "canary: servers have no group canary")->hint =
            S("name its hosts, servers: {canary: {hosts: [app1]}, ...}, or leave the key canary out");
    else if (s->servers.n == 1)
        mistake_at(r, here, "canary: there are no hosts beside it that it could be compared with")->hint =
            S("leave the key canary out, or have a second group of servers");
    if (s->canary.min_ms > s->canary.max_ms)
        mistake_at(r, here, "canary: min is longer than max")->hint = S("at max it ends, clear or not");
}

struct own_path { struct str path; const char *list; };

// Two lists that claim the same path, or a path and something below it, contradict each other.
static void see_nested(struct reading *r, const struct service *s, const struct own_path *a, const struct own_path *b)
{
    bool swap = path_within(a->path, b->path);
    const struct own_path *inner = swap ? a : b, *outer = swap ? b : a;
    if (!path_within(inner->path, outer->path))
        return;
    struct place p = place_of(r, inner->path, place_of_service(s));
    mistake_at(r, p, "%s: %s lies within %s of %s", inner->list, shown(inner->path).z, shown(outer->path).z,
               outer->list)->hint = S("each path has one owner");
}

static void see_paths(struct reading *r, const struct service *s)
{
    const struct { const struct strs *paths; const char *name; } lists[] = {
        {&s->shared.dirs, "shared dirs"}, {&s->shared.files, "shared files"}, {&s->scratch, "scratch"},
        {&s->exclude, "exclude"}};
    VEC(struct own_path) all = {0};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        for (size_t k = 0; k < lists[i].paths->n; k++)
            vec_push(r->scratch, &all, (struct own_path){lists[i].paths->at[k], lists[i].name});
    for (size_t i = 0; i < all.n; i++)
        for (size_t k = i + 1; k < all.n; k++)
            see_nested(r, s, &all.at[i], &all.at[k]);
}

void settle_service(struct reading *r, const struct node *map, void *service)
{
    struct service *s = service;
    (void)map;
    canary_first(s);
    struct map owners = see_hosts_twice(r, s);
    see_migrate(r, s, &owners);
    see_canary(r, s);
    see_paths(r, s);
}
