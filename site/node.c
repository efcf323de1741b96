// node.c: libyaml's events become a tree. What YAML offers beyond maps, lists and texts is refused here, each
// with a sentence, so that a file means what it looks like.
#include "site/node.h"
#include "site/syntax.h"
#include <assert.h>

struct level {
    struct node *node;
    struct map keys;            // from a key to its node, to see the second
};

struct builder {
    struct reading *r;
    yaml_parser_t yaml;
    struct level open[NODE_DEPTH_MAX];
    size_t depth, texts, groups;        // groups: lists and maps
    struct node *root;
    struct str key;             // read, waiting for its value
    struct place key_at;
    bool have_key, stop, done;
    int documents;
};

struct node *node_new(struct arena *a, enum node_kind kind)
{
    struct node *n = NEW(a, struct node);
    n->kind = kind;
    n->text = S("");
    n->key = S("");
    return n;
}

void node_put(struct node *parent, struct str key, struct node *child)
{
    child->key = key;
    *(parent->last ? &parent->last->next : &parent->first) = child;
    parent->last = child;
    parent->count++;
}

// Stops reading: what follows could not be understood without this.
static struct mistake *give_up(struct builder *b, struct place p, const char *what)
{
    b->stop = true;
    return mistake_at(b->r, p, "%s", what);
}

static void see_key_twice(struct builder *b, struct level *l, struct node *n)
{
    const struct node *first = map_put(b->r->scratch, &l->keys, n->key, n);
    if (!first)
        return;
    mistake_at(b->r, n->key_at, "%s stands here twice", shown(n->key).z)->hint =
        str_f(b->r->arena, "the first is on line %d", first->key_at.line);
    n->told = true;
}

static void attach(struct builder *b, struct node *n)
{
    if (b->depth == 0) {
        b->root = n;
        return;
    }
    struct level *l = &b->open[b->depth - 1];
    n->key_at = l->node->kind == NODE_MAP ? b->key_at : n->at;
    node_put(l->node, l->node->kind == NODE_MAP ? b->key : S(""), n);
    if (l->node->kind != NODE_MAP)
        return;
    b->have_key = false;
    if (str_eq(n->key, S("<<"))) {
        mistake_at(b->r, n->key_at, "merge keys (<<) are not allowed here")->hint = S("write the keys out");
        n->told = true;
        return;
    }
    see_key_twice(b, l, n);
}

static bool key_due(const struct builder *b)
{
    return b->depth && b->open[b->depth - 1].node->kind == NODE_MAP && !b->have_key;
}

static void refuse_decorations(struct builder *b, struct place p, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor)
        mistake_at(b->r, p, "anchors (&%s) are not allowed here", shown_bare(str_z((const char *)anchor)).z)->hint =
            S("write the value out at each place");
    if (tag)
        mistake_at(b->r, p, "tags are not allowed here, got %s", shown(str_z((const char *)tag)).z)->hint =
            S("leave the tag out; each key knows the type of its value");
}

static bool room_for_one(struct builder *b, size_t *count, struct place p)
{
    if ((*count)++ < NODE_VALUES_MAX)
        return true;
    give_up(b, p, "more than 10,000 values");
    return false;
}

static void take_alias(struct builder *b, const yaml_event_t *ev)
{
    struct place p = place_of_mark(ev->start_mark);
    struct mistake *m = mistake_at(b->r, p, "aliases (*name) are not allowed here");
    m->hint = S("write the value out; text that starts with * needs quotes");
    b->stop = key_due(b);
    if (b->stop || !room_for_one(b, &b->texts, p))
        return;
    struct node *n = node_new(b->r->scratch, NODE_TEXT);
    n->at = p;
    n->told = true;
    attach(b, n);
}

static void take_text(struct builder *b, const yaml_event_t *ev)
{
    struct place p = place_of_mark(ev->start_mark);
    bool plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    refuse_decorations(b, p, ev->data.scalar.anchor, ev->data.scalar.tag);
    struct str text = str_dup(b->r->arena, (struct str){(const char *)ev->data.scalar.value, ev->data.scalar.length});
    if (key_due(b)) {
        b->key = text;
        b->key_at = p;
        b->have_key = true;
        return;
    }
    if (!room_for_one(b, &b->texts, p))
        return;
    struct node *n = node_new(b->r->scratch, NODE_TEXT);
    n->at = p;
    n->plain = plain;
    n->text = text;
    place_note(b->r, &n->text, &n->at);
    attach(b, n);
}

static void open_level(struct builder *b, enum node_kind kind, struct place p)
{
    if (key_due(b)) {
        give_up(b, p, "a key must be a word, not a list or map")->hint = S("text that starts with { or [ needs quotes");
        return;
    }
    if (b->depth == NODE_DEPTH_MAX) {
        give_up(b, p, "more than 64 levels");
        return;
    }
    if (!room_for_one(b, &b->groups, p))
        return;
    struct node *n = node_new(b->r->scratch, kind);
    n->at = p;
    attach(b, n);
    b->open[b->depth++] = (struct level){.node = n};
}

static void take_list(struct builder *b, const yaml_event_t *ev)
{
    struct place p = place_of_mark(ev->start_mark);
    refuse_decorations(b, p, ev->data.sequence_start.anchor, ev->data.sequence_start.tag);
    open_level(b, NODE_LIST, p);
}

static void take_map(struct builder *b, const yaml_event_t *ev)
{
    struct place p = place_of_mark(ev->start_mark);
    refuse_decorations(b, p, ev->data.mapping_start.anchor, ev->data.mapping_start.tag);
    open_level(b, NODE_MAP, p);
}

static void take_end(struct builder *b, const yaml_event_t *ev)
{
    (void)ev;
    assert(b->depth > 0);
    b->depth--;
}

static void take_document(struct builder *b, const yaml_event_t *ev)
{
    if (++b->documents > 1)
        give_up(b, place_of_mark(ev->start_mark), "a second document starts here")->hint =
            S("one file describes one site; leave --- out");
}

static void take_stream_end(struct builder *b, const yaml_event_t *ev)
{
    (void)ev;
    b->done = true;
}

static void (*const takes[])(struct builder *, const yaml_event_t *) = {
    [YAML_DOCUMENT_START_EVENT] = take_document,
    [YAML_ALIAS_EVENT] = take_alias,
    [YAML_SCALAR_EVENT] = take_text,
    [YAML_SEQUENCE_START_EVENT] = take_list,
    [YAML_SEQUENCE_END_EVENT] = take_end,
    [YAML_MAPPING_START_EVENT] = take_map,
    [YAML_MAPPING_END_EVENT] = take_end,
    [YAML_STREAM_END_EVENT] = take_stream_end,
};

static void step(struct builder *b, struct str text)
{
    yaml_event_t ev;
    if (!yaml_parser_parse(&b->yaml, &ev)) {
        syntax_tell(b->r, &b->yaml, text);
        b->stop = true;
        return;
    }
    if ((size_t)ev.type < ARRAY_LEN(takes) && takes[ev.type])
        takes[ev.type](b, &ev);
    yaml_event_delete(&ev);
}

bool node_read(struct reading *r, struct str text, struct node **root)
{
    struct builder b = {.r = r};
    *root = NULL;
    if (!syntax_utf8(r, text))
        return false;
    int ok = yaml_parser_initialize(&b.yaml);
    assert(ok && "out of memory");
    yaml_parser_set_encoding(&b.yaml, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&b.yaml, (const unsigned char *)text.p, text.n);
    while (!b.stop && !b.done)
        step(&b, text);
    yaml_parser_delete(&b.yaml);
    if (!b.stop && !b.root) {
        b.root = node_new(r->scratch, NODE_MAP);
        b.root->at = (struct place){1, 1};
    }
    *root = b.root;
    return !b.stop;
}

bool node_empty(const struct node *n)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    if (n->kind != NODE_TEXT || !n->plain)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq(n->text, str_z(words[i])))
            return true;
    return false;
}

struct shown node_shown(const struct node *n)
{
    if (n->kind == NODE_LIST)
        return (struct shown){"a list"};
    if (n->kind == NODE_MAP)
        return (struct shown){"a map"};
    return node_empty(n) ? (struct shown){"nothing"} : shown(n->text);
}
