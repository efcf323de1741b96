// decode.c: walks nodes and rows side by side. It knows types and tables, but no key: keys.c has those.
#include "site/decode.h"
#include "site/scalar.h"
#include "site/words.h"
#include <assert.h>
#include <string.h>

static void tell(struct reading *r, const struct key *k, const struct node *n, const struct err *e)
{
    struct mistake *m = mistake_at(r, n->at, "%s: %s", k->name, e->text);
    m->hint = str_dup(r->arena, str_z(e->hint));
}

static bool need(struct reading *r, const struct key *k, const struct node *n, enum node_kind kind,
                 const char *expected)
{
    if (n->kind == kind && !node_empty(n))
        return true;
    mistake_at(r, n->at, "%s: expected %s, got %s", k->name, expected, node_shown(n).z);
    return false;
}

static void take_scalar(struct reading *r, const struct key *k, const struct node *n, void *at)
{
    const struct scalar *type = scalar_of(k->type);
    struct err e;
    if (need(r, k, n, NODE_TEXT, type->expected) && !type->read(k, n->text, at, &e))
        tell(r, k, n, &e);
}

static bool count_fits(struct reading *r, const struct key *k, const struct node *n)
{
    int64_t count = (int64_t)n->count;
    if (count < k->low)
        mistake_at(r, n->at, "%s: at least %lld needed, got %lld", k->name, (long long)k->low, (long long)count);
    if (k->high && count > k->high)
        mistake_at(r, n->at, "%s: %lld are too many, %lld at most", k->name, (long long)count, (long long)k->high);
    return count >= k->low && (!k->high || count <= k->high);
}

static bool list_needed(struct reading *r, const struct key *k, const struct node *n)
{
    if (n->kind == NODE_TEXT && !node_empty(n)) {
        mistake_at(r, n->at, "%s: expected a list, got %s", k->name, node_shown(n).z)->hint =
            str_f(r->arena, "write [%s]", shown_bare(n->text).z);
        return false;
    }
    return need(r, k, n, NODE_LIST, "a list") && count_fits(r, k, n);
}

static void take_list(struct reading *r, const struct key *k, const struct node *n, void *at)
{
    const struct key each = {.name = k->name, .rule = k->rule};
    struct strs *list = at;
    struct map seen = {0};
    *list = (struct strs){0};       // a list that is said replaces the default
    if (!list_needed(r, k, n))
        return;
    for (const struct node *c = n->first; c; c = c->next) {
        struct err e;
        struct str text;
        if (c->told || !need(r, k, c, NODE_TEXT, "text in the list"))
            continue;
        if (!scalar_of(KEY_TEXT)->read(&each, c->text, &text, &e))
            tell(r, k, c, &e);
        else if (map_put(r->scratch, &seen, text, list))
            mistake_at(r, c->at, "%s: %s stands here twice", k->name, shown(text).z);
        else
            vec_push(r->arena, list, text);
    }
}

static bool words_of_list(struct reading *r, const struct key *k, const struct node *n, struct words *out)
{
    for (const struct node *c = n->first; c; c = c->next) {
        if (c->told || !need(r, k, c, NODE_TEXT, "a word in the list"))
            return false;
        vec_push(r->arena, out, c->text);
    }
    return true;
}

// The text that is a whole command: a string, or the only string of a list, so that run: [bin/migrate all] means
// what it looks like. NULL for lists of words.
static const struct node *whole_command(const struct node *n)
{
    if (n->kind == NODE_LIST && n->count == 1)
        n = n->first;
    return n->kind == NODE_TEXT && !n->told && !node_empty(n) ? n : NULL;
}

static bool command_of(struct reading *r, const struct key *k, const struct node *n, struct words *out)
{
    const struct node *line = whole_command(n);
    struct err e;
    *out = (struct words){0};
    if (n->told || (!line && !need(r, k, n, NODE_LIST, "a command (a list of words, or one string)")))
        return false;
    if (!line && !words_of_list(r, k, n, out))
        return false;
    if (line ? words_split(r->arena, line->text, out, &e) : words_check(out, &e))
        return true;
    tell(r, k, line ? line : n, &e);
    return false;
}

static void take_command(struct reading *r, const struct key *k, const struct node *n, void *at)
{
    struct words w;
    if (command_of(r, k, n, &w))
        *(struct words *)at = w;
}

static void take_commands(struct reading *r, const struct key *k, const struct node *n, void *at)
{
    struct commands *list = at;
    struct words w;
    if (n->kind == NODE_TEXT && !node_empty(n)) {       // one command needs no list around it
        if (command_of(r, k, n, &w))
            vec_push(r->arena, list, w);
        return;
    }
    if (!list_needed(r, k, n))
        return;
    for (const struct node *c = n->first; c; c = c->next)
        if (command_of(r, k, c, &w))
            vec_push(r->arena, list, w);
}

static void take_map(struct reading *r, const struct key *k, const struct node *n, void *at)
{
    if (n->kind == NODE_MAP || node_empty(n))
        decode_map(r, k->table, n, at);
    else
        need(r, k, n, NODE_MAP, "a map of keys");
}

struct any_vec { void *at; size_t n, cap; };        // what each VEC looks like

static void fill_defaults(struct reading *r, const struct table *t, char *at);

// "forwardedfor: mask" is short for "forwardedfor: {do: mask}".
static void take_brief(struct reading *r, const struct table *t, const struct node *c, char *element)
{
    const struct key *k = key_find(t, str_z(t->brief));
    fill_defaults(r, t, element);
    take_scalar(r, k, c, element + k->at);
}

static void take_one_named(struct reading *r, const struct key *k, const struct node *c, struct any_vec *v)
{
    const struct table *t = k->table;
    struct err e;
    char *element = vec_room(r->arena, &v->at, &v->n, &v->cap, t->size, _Alignof(max_align_t));
    *(struct str *)(void *)element = c->key;
    if (t->place_at) {
        const int place[2] = {c->key_at.line, c->key_at.col};
        memcpy(element + t->place_at, place, sizeof place);
    }
    if (!t->name_rule(c->key, &e)) {
        struct mistake *m = mistake_at(r, c->key_at, "%s", e.text);
        m->hint = str_dup(r->arena, str_z(e.hint));
    }
    if (c->kind == NODE_MAP || node_empty(c))
        decode_map(r, t, c, element);
    else if (t->brief && c->kind == NODE_TEXT)
        take_brief(r, t, c, element);
    else
        mistake_at(r, c->at, "%s %s: expected a map of keys, got %s", t->noun, shown_bare(c->key).z, node_shown(c).z);
}

static void take_named(struct reading *r, const struct key *k, const struct node *n, void *at)
{
    if (node_empty(n) && k->low == 0)
        return;
    if (!need(r, k, n, NODE_MAP, "a map of names") || !count_fits(r, k, n))
        return;
    for (const struct node *c = n->first; c; c = c->next)
        if (!c->told)
            take_one_named(r, k, c, at);
}

static void (*const takes[])(struct reading *, const struct key *, const struct node *, void *) = {
    [KEY_LIST] = take_list,         [KEY_COMMAND] = take_command,   [KEY_COMMANDS] = take_commands,
    [KEY_MAP] = take_map,           [KEY_NAMED] = take_named,
};

// Defaults are texts like any other; one that its own row refuses is our bug.
static void fill_default(struct reading *r, const struct key *k, void *at)
{
    const struct scalar *type = scalar_of(k->type);
    struct err e;
    if (type) {
        bool ok = type->read(k, str_z(k->usual), at, &e);
        assert(ok && "a default that its row refuses");
        return;
    }
    assert(k->type == KEY_LIST);
    *(struct strs *)at = (struct strs){0};
    for (struct str rest = str_z(k->usual), word; (word = str_word(&rest)).n;)
        vec_push(r->arena, (struct strs *)at, word);
}

static void fill_defaults(struct reading *r, const struct table *t, char *at)
{
    for (const struct key *k = t->keys; k->name; k++) {
        if (k->type == KEY_MAP)
            fill_defaults(r, k->table, at);
        else if (k->usual)
            fill_default(r, k, at + k->at);
    }
}

static struct str key_name(const void *keys, size_t i)
{
    const struct key *k = (const struct key *)keys + i;
    return k->type == KEY_LATER ? S("") : str_z(k->name);
}

// A key that stands one level too high: "port" belongs under "health".
static struct str other_home(struct reading *r, const struct table *t, struct str name)
{
    for (const struct key *k = t->keys; k->name; k++) {
        const struct key *below = k->type == KEY_MAP ? key_find(k->table, name) : NULL;
        if (below && below->type != KEY_LATER)
            return str_f(r->arena, "it belongs under \"%s\"", k->name);
    }
    return S("");
}

// The key that was probably meant; NULL when none is near, or when it belongs elsewhere.
static const struct key *unknown(struct reading *r, const struct table *t, const struct node *c)
{
    size_t n = 0;
    while (t->keys[n].name)
        n++;
    struct mistake *m = mistake_at(r, c->key_at, "unknown key %s", shown(c->key).z);
    struct str home = other_home(r, t, c->key);
    m->hint = home.n ? home : did_you_mean(r, c->key, n, key_name, t->keys);
    return home.n ? NULL : key_find(t, str_nearest(c->key, n, key_name, t->keys));
}

static struct str choices_of(struct arena *a, const struct table *t)
{
    const char *names[64] = {0};
    size_t n = 0;
    for (const struct key *k = t->keys; k->name; k++)
        if (k->choice)
            names[n++] = k->name;
    return words_joined(a, names);
}

static void tell_misfits(struct reading *r, const struct table *t, const struct node *map, const struct node *chosen)
{
    unsigned choice = 1u << key_find(t, chosen->key)->choice;
    for (const struct node *c = map->first; c; c = c->next) {
        const struct key *k = c->told ? NULL : key_find(t, c->key);
        if (k && k->with && !(k->with & choice))
            mistake_at(r, c->key_at, "%s has no meaning beside %s", shown(c->key).z, shown(chosen->key).z);
    }
}

// Exactly one of the keys that exclude each other.
static void settle_choice(struct reading *r, const struct table *t, const struct node *map, struct place p,
                          uint64_t meant, char *at)
{
    const struct node *chosen = NULL;
    for (const struct key *k = t->keys; k->name; k++)
        if (k->choice && meant & UINT64_C(1) << (k - t->keys))
            return;
    for (const struct node *c = map->first; c; c = c->next) {
        const struct key *k = c->told ? NULL : key_find(t, c->key);
        if (!k || !k->choice)
            continue;
        if (chosen)
            mistake_at(r, c->key_at, "%s cannot stand beside %s", shown(c->key).z, shown(chosen->key).z)->hint =
                str_f(r->arena, "one of " STR_F, STR_A(choices_of(r->arena, t)));
        else
            chosen = c;
    }
    if (!chosen) {
        mistake_at(r, p, "%s: one of " STR_F " is needed", t->noun, STR_A(choices_of(r->arena, t)));
        return;
    }
    int choice = key_find(t, chosen->key)->choice;
    memcpy(at + t->choice_at, &choice, sizeof choice);
    tell_misfits(r, t, map, chosen);
}

static void tell_missing(struct reading *r, const struct table *t, uint64_t seen, struct str of, struct place p)
{
    for (const struct key *k = t->keys; k->name; k++) {
        if (!k->must || seen & UINT64_C(1) << (k - t->keys))
            continue;
        struct mistake *m = mistake_at(r, p, "%s%s%s is missing", shown_bare(of).z, of.n ? ": " : "", k->name);
        if (k->example)
            m->hint = str_f(r->arena, "for example %s: %s", k->name, k->example);
    }
}

void decode_map(struct reading *r, const struct table *t, const struct node *map, void *at)
{
    uint64_t seen = 0, meant = 0;       // bits of keys: those that stand there, those that a mistyped one is near to
    struct place p = map->key.n ? map->key_at : map->at;
    fill_defaults(r, t, at);
    for (const struct node *c = map->first; c; c = c->next) {
        const struct key *k = key_find(t, c->key);
        assert(!k || k - t->keys < 64);
        if (k)
            seen |= UINT64_C(1) << (k - t->keys);
        if (c->told)
            continue;
        if (!k && (k = unknown(r, t, c)))
            meant |= UINT64_C(1) << (k - t->keys);
        else if (!k)
            continue;
        else if (k->type == KEY_LATER)
            mistake_at(r, c->key_at, "\"%s\" is not part of this version", k->name)->hint = S("leave it out for now");
        else
            (takes[k->type] ? takes[k->type] : take_scalar)(r, k, c, (char *)at + k->at);
    }
    // A key that was mistyped is one mistake, not a missing one as well.
    tell_missing(r, t, seen | meant, map->key, p);
    if (t->choices)
        settle_choice(r, t, map, p, meant, at);
    if (t->settle)
        t->settle(r, map, at);
}
