// show.c: structs become nodes again, by the same rows that read them, and so text that reads back to the same.
#include "site/keys.h"
#include "site/scalar.h"
#include "site/site.h"

static struct node *text_node(struct arena *a, struct str s, bool plain)
{
    struct node *n = node_new(a, NODE_TEXT);
    n->text = s;
    n->plain = plain;
    return n;
}

static struct node *scalar_node(struct arena *a, const struct key *k, const void *at)
{
    const struct scalar *type = scalar_of(k->type);
    OWN_BUF struct buf b = buf_make(1 << 20);
    type->print(k, at, &b);
    return text_node(a, str_dup(a, buf_str(&b)), type->typed);
}

static struct node *list_node(struct arena *a, const struct key *k, const void *at)
{
    const struct strs *list = at;
    struct node *n = node_new(a, NODE_LIST);
    (void)k;
    for (size_t i = 0; i < list->n; i++)
        node_put(n, S(""), text_node(a, list->at[i], false));
    return n;
}

static struct node *command_node(struct arena *a, const struct key *k, const void *at)
{
    const struct words *w = at;
    return list_node(a, k, &(struct strs){w->at, w->n, w->cap});
}

static struct node *commands_node(struct arena *a, const struct key *k, const void *at)
{
    const struct commands *list = at;
    struct node *n = node_new(a, NODE_LIST);
    for (size_t i = 0; i < list->n; i++)
        node_put(n, S(""), command_node(a, k, &list->at[i]));
    return n;
}

static struct node *table_node(struct arena *a, const struct table *t, const void *at);

static struct node *map_node(struct arena *a, const struct key *k, const void *at)
{
    return table_node(a, k->table, at);
}

static struct node *named_node(struct arena *a, const struct key *k, const void *at)
{
    const struct { const char *at; size_t n, cap; } *vec = at;
    struct node *n = node_new(a, NODE_MAP);
    for (size_t i = 0; i < vec->n; i++) {
        const void *element = vec->at + i * k->table->size;
        node_put(n, *(const struct str *)element, table_node(a, k->table, element));
    }
    return n;
}

static struct node *(*const makers[])(struct arena *, const struct key *, const void *) = {
    [KEY_LIST] = list_node,         [KEY_COMMAND] = command_node,   [KEY_COMMANDS] = commands_node,
    [KEY_MAP] = map_node,           [KEY_NAMED] = named_node,
};

static int choice_at(const struct table *t, const char *at)
{
    return t->choices ? *(const int *)(const void *)(at + t->choice_at) : 0;
}

// Is there nothing that could be said? Only what has no default may stay unsaid.
static bool unsaid(const struct key *k, const void *at)
{
    if (k->usual || k->must)
        return false;
    switch (k->type) {
    case KEY_INT:       return *(const int *)at == 0;
    case KEY_SIZE:      return *(const int64_t *)at == 0;
    case KEY_TEXT:      return ((const struct str *)at)->n == 0;
    case KEY_LIST:      return ((const struct strs *)at)->n == 0;
    case KEY_COMMAND:   return ((const struct words *)at)->n == 0;
    case KEY_COMMANDS:  return ((const struct commands *)at)->n == 0;
    default:            return false;
    }
}

static bool left_out(const struct table *t, const struct key *k, const char *at)
{
    int choice = choice_at(t, at);
    if (k->type == KEY_LATER || (k->choice && k->choice != choice) || (k->with && !(k->with & 1u << choice)))
        return true;
    return k->type == KEY_MAP ? table_absent(k->table, at) : unsaid(k, at + k->at);
}

static struct node *table_node(struct arena *a, const struct table *t, const void *at)
{
    struct node *n = node_new(a, NODE_MAP);
    const char *base = at;
    for (const struct key *k = t->keys; k->name; k++)
        if (!left_out(t, k, base))
            node_put(n, str_z(k->name), (makers[k->type] ? makers[k->type] : scalar_node)(a, k, base + k->at));
    return n;
}

void site_yaml(struct arena *a, const struct site *s, struct buf *out)
{
    node_yaml(out, table_node(a, &site_table, s));
}

void site_json(struct arena *a, const struct site *s, struct buf *out)
{
    node_json(out, table_node(a, &site_table, s));
}
