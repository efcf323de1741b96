// node.c: libyaml's events become a tree. What YAML offers beyond maps, lists and texts is refused here, each
// with a sentence, so that a file means what it looks like.
#include "site/node.h"
#include <assert.h>
#include <string.h>
#include <yaml.h>

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

static struct place place_of_mark(yaml_mark_t m)
{
    return (struct place){(int)m.line + 1, (int)m.column + 1};
}

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
        mistake_at(b->r, p, "anchors (&%s) are not allowed here", shown(str_z((const char *)anchor)).z)->hint =
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

// libyaml speaks to people who know YAML; these are its commonest complaints and what usually helps.
static const struct { const char *problem, *hint; } hints[] = {
    {"mapping values are not allowed in this context", "a value that holds \": \" needs quotes; is the indent right?"},
    {"could not find expected ':'", "a key ends with a colon and a blank"},
    {"did not find expected key", "look at the indent and at the line above"},
    {"did not find expected ',' or ']'", "a [ is not closed; or text in it needs quotes"},
    {"did not find expected ',' or '}'", "a { is not closed; or text in it needs quotes"},
    {"found a tab character that violates indentation", "indent with blanks, never tabs"},
    {"found character that cannot start any token", "indent with blanks, never tabs; text that starts with @, % or ` needs quotes"},
    {"found unexpected end of stream", "a quote is not closed"},
    {"found unknown escape character", "use 'single quotes' for text with backslashes"},
    {"control characters are not allowed", "only tabs and line ends may stand beside visible characters"},
};

static struct str hint_for(const char *problem)
{
    for (size_t i = 0; i < ARRAY_LEN(hints); i++)
        if (strcmp(problem, hints[i].problem) == 0)
            return str_z(hints[i].hint);
    return S("");
}

// The place of a byte; columns count characters.
static struct place place_of_byte(struct str text, size_t at)
{
    struct place p = {1, 1};
    for (size_t i = 0; i < at && i < text.n; i++) {
        if (text.p[i] == '\n')
            p = (struct place){p.line + 1, 1};
        else if (((unsigned char)text.p[i] & 0xC0) != 0x80)
            p.col++;
    }
    return p;
}

// libyaml's reader knows only the offset, its scanner and parser know the mark.
static void tell_syntax(struct builder *b, struct str text)
{
    const yaml_parser_t *y = &b->yaml;
    struct place p = y->error == YAML_READER_ERROR ? place_of_byte(text, y->problem_offset) : place_of_mark(y->problem_mark);
    const char *problem = y->problem ? y->problem : "it ends in the middle";
    bool told_where = y->context && y->context_mark.line != y->problem_mark.line;
    struct mistake *m = told_where
        ? mistake_at(b->r, p, "this is not YAML: %s %s that starts on line %zu", problem, y->context, y->context_mark.line + 1)
        : mistake_at(b->r, p, "this is not YAML: %s", problem);
    m->hint = hint_for(problem);
    b->stop = true;
}

static void step(struct builder *b, struct str text)
{
    yaml_event_t ev;
    if (!yaml_parser_parse(&b->yaml, &ev)) {
        tell_syntax(b, text);
        return;
    }
    if ((size_t)ev.type < ARRAY_LEN(takes) && takes[ev.type])
        takes[ev.type](b, &ev);
    yaml_event_delete(&ev);
}

// How many bytes at the head are well-formed UTF-8.
static size_t good_bytes(struct str text)
{
    size_t at = 0, n;
    if (str_utf8(text))
        return text.n;
    do {
        for (n = 1; n <= 4 && at + n <= text.n && !str_utf8(str_head(str_from(text, at), n)); n++)
            ;
        at += n;
    } while (n <= 4 && at < text.n);
    return at - n;
}

bool node_read(struct reading *r, struct str text, struct node **root)
{
    struct builder b = {.r = r};
    size_t good = good_bytes(text);
    *root = NULL;
    if (good < text.n) {
        mistake_at(r, place_of_byte(text, good), "this is not UTF-8 text")->hint = S("save the file as UTF-8");
        return false;
    }
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
