// agent_config.c: what the log server says is to be followed, and what may leave this host of it.
#include "log/agent_inner.h"
#include "base/jansson.h"
#include "log/policy.h"
#include <string.h>

struct follow *agent_find(struct agent *a, uint16_t dataset, struct str path)
{
    for (struct follow *fo = a->talk.follows; fo; fo = fo->next)
        if (fo->dataset == dataset && str_eq(str_z(fo->path), path))
            return fo;
    return NULL;
}

static bool want(struct agent *a, uint16_t dataset, struct str path, struct err *e)
{
    struct follow *fo = agent_find(a, dataset, path);
    if (!fo && a->follows_n == FOLLOWS_MAX)
        return err_set(e, ERR_PEER, "more than %d paths to follow", FOLLOWS_MAX);
    if (!fo) {
        fo = follow_new(&a->talk, dataset, path, a->spec.root, e);
        if (!fo)
            return false;
        fo->next = a->talk.follows;
        a->talk.follows = fo;
        a->follows_n++;
    }
    fo->wanted = true;
    return true;
}

static void drop_unwanted(struct agent *a)
{
    for (struct follow **p = &a->talk.follows; *p;) {
        struct follow *fo = *p;
        if (fo->wanted) {
            p = &fo->next;
            continue;
        }
        *p = fo->next;
        a->follows_n--;
        follow_free(fo);
    }
    a->turn = NULL;
}

static bool take_dataset(struct agent *a, const json_t *d, struct rules *rules, struct err *e)
{
    json_int_t id = json_integer_value(json_object_get(d, "id"));
    const json_t *paths = json_object_get(d, "paths"), *path;
    size_t i;
    if (id < 0 || id > UINT16_MAX || !json_is_array(paths))
        return err_set(e, ERR_PEER, "the server's list of what to follow has a dataset without id or paths");
    *rules = (struct rules){(uint16_t)id, policy_read(d, e)};
    if (!rules->policy)
        return false;
    json_array_foreach(paths, i, path) {
        if (!json_is_string(path))
            return err_set(e, ERR_PEER, "a path to follow that is no text");
        if (!want(a, (uint16_t)id, (struct str){json_string_value(path), json_string_length(path)}, e))
            return false;
    }
    return true;
}

void agent_free_rules(struct rules *rules, size_t n)
{
    for (size_t i = 0; i < n; i++)
        policy_free(rules[i].policy);
}

static void use_rules(struct agent *a, const struct rules *rules, size_t n)
{
    agent_free_rules(a->rules, a->rules_n);
    memcpy(a->rules, rules, n * sizeof *rules);
    a->rules_n = n;
    for (struct follow *fo = a->talk.follows; fo; fo = fo->next)
        for (size_t i = 0; i < n; i++)
            if (rules[i].dataset == fo->dataset)
                fo->owner = rules[i].policy;
}

static bool take_datasets(struct agent *a, const json_t *datasets, struct err *e)
{
    struct rules rules[DATASETS_MAX];
    size_t i, n = 0;
    const json_t *d;
    if (!json_is_array(datasets) || json_array_size(datasets) > DATASETS_MAX)
        return err_set(e, ERR_PEER, "the server's list of what to follow cannot be read");
    for (struct follow *fo = a->talk.follows; fo; fo = fo->next)
        fo->wanted = false;
    json_array_foreach(datasets, i, d)
        if (!take_dataset(a, d, &rules[n++], e)) {
            agent_free_rules(rules, n);
            return false;
        }
    drop_unwanted(a);
    use_rules(a, rules, n);
    return true;
}

bool agent_configure(struct agent *a, struct str config, struct err *e)
{
    json_t *all = json_loadb(config.p, config.n, JSON_REJECT_DUPLICATES, NULL);
    bool ok = take_datasets(a, json_object_get(all, "datasets"), e);
    json_decref(all);
    return ok;
}
