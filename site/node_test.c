// node_test.c: the tree of a YAML file: places, limits, and that printing undoes reading.
#include "site/node.h"
#include "base/test.h"

struct bench {
    struct arena arena, scratch;
    struct mistakes mistakes;
    struct reading r;
    struct node *root;
    bool ok;
};

static void bench_drop(struct bench *b)
{
    arena_drop(&b->arena);
    arena_drop(&b->scratch);
}

static void bench_read(struct bench *b, struct str text)
{
    b->arena = arena_make(16 << 20);
    b->scratch = arena_make(64 << 20);
    b->mistakes = (struct mistakes){0};
    b->r = (struct reading){.arena = &b->arena, .scratch = &b->scratch, .mistakes = &b->mistakes};
    b->ok = node_read(&b->r, text, &b->root);
}

#define OWN_BENCH OWN(bench_drop) struct bench

TEST(each_node_knows_its_place)
{
    OWN_BENCH b;
    bench_read(&b, S("a: 1\nb:\n  - x\n  - {\xE3\x81\x82: y}\n"));
    CHECK(b.ok);
    const struct node *one = b.root->first, *list = one->next, *map = list->first->next;
    CHECK_INT(one->key_at.line, 1);
    CHECK_INT(one->at.col, 4);
    CHECK_INT(list->at.line, 3);
    CHECK_INT(list->count, 2);
    CHECK_INT(map->first->key_at.col, 6);
    CHECK_INT(map->first->at.col, 9);       // characters count, not bytes
    CHECK_INT(place_of(&b.r, map->first->text, (struct place){0, 0}).col, 9);
    CHECK_INT(place_of(&b.r, S("y"), (struct place){7, 8}).line, 7);
}

// n times `piece` between head and tail.
static struct str repeated(struct arena *a, const char *head, const char *piece, size_t n, const char *tail)
{
    OWN_BUF struct buf b = buf_make(4 << 20);
    buf_addz(&b, head);
    while (n--)
        buf_addz(&b, piece);
    buf_addz(&b, tail);
    return str_dup(a, buf_str(&b));
}

TEST(depth_and_number_of_values_have_an_end)
{
    OWN_ARENA struct arena a = arena_make(64 << 20);
    const struct { struct str text; const char *want; } rows[] = {
        {repeated(&a, "", "[", 64, "x" "]"), "this is not YAML"},
        {repeated(&a, "", "[", 65, ""), "more than 64 levels"},
        {repeated(&a, "[", "1,", 10000, "]"), NULL},
        {repeated(&a, "[", "1,", 10001, "]"), "more than 10,000 values"},
        {repeated(&a, "[", "[],", 10001, "]"), "more than 10,000 values"},
        {repeated(&a, "", "- &a [*a]\n", 2000, ""), "anchors"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_BENCH b;
        bench_read(&b, rows[i].text);
        CHECK((b.mistakes.n == 0) == (rows[i].want == NULL));
        if (rows[i].want && b.mistakes.n && !str_starts(b.mistakes.at[0].text, str_z(rows[i].want)))
            test_failed(__FILE__, __LINE__, "row %zu: " STR_F, i, STR_A(b.mistakes.at[0].text));
    }
}

TEST(mistakes_have_an_end_too)
{
    OWN_ARENA struct arena a = arena_make(64 << 20);
    OWN_BENCH b;
    bench_read(&b, repeated(&a, "", "- !!x y\n", 5000, ""));
    CHECK(b.ok);
    CHECK_INT(b.mistakes.n, 1000);
}

TEST(any_text_printed_reads_back)
{
    static const char *const texts[] = {
        "plain", "", " ", "~", "null", "yes", "5", "5.0", "1e3", "12:30", "-", "--", "-x", "---", "...", "a: b", "a #b",
        "#", "&a", "*a", "!t", "@x", "`x", "%x", "a,b", "[x", "{x", "x]", "'", "\"", "\\", "a\nb", "a\tb", "trailing ",
        "http://x/y?z=1&b", "a:", ":a", "?", "? a", "|", ">", "=", "<<", "\xE3\x81\x82", "\xC2\x85", "\xC2\xA0",
        "\xE2\x80\xA8", "\xEF\xBB\xBF", "\xF0\x9F\x98\x80", "\x7F", "\x1B"};
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_BUF struct buf yaml = buf_make(1 << 20);
    struct node *map = node_new(&a, NODE_MAP), *list = node_new(&a, NODE_LIST);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct node *in_list = node_new(&a, NODE_TEXT), *in_map = node_new(&a, NODE_TEXT);
        in_list->text = in_map->text = str_z(texts[i]);
        node_put(list, S(""), in_list);
        node_put(map, str_f(&a, "k%zu", i), in_map);
    }
    node_put(map, S("list"), list);
    node_yaml(&yaml, map);
    OWN_BENCH b;
    bench_read(&b, buf_str(&yaml));
    CHECK(b.ok);
    const struct node *in_map = b.root ? b.root->first : NULL, *in_list = b.root ? b.root->last->first : NULL;
    for (size_t i = 0; i < ARRAY_LEN(texts) && in_map && in_list; i++, in_map = in_map->next, in_list = in_list->next) {
        CHECK_STR(in_map->text, str_z(texts[i]));
        CHECK_STR(in_list->text, str_z(texts[i]));
        CHECK(!node_empty(in_map));
    }
}

TEST(json_knows_numbers_and_truths)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_BUF struct buf json = buf_make(1 << 20);
    struct node *map = node_new(&a, NODE_MAP);
    static const struct { const char *text; bool plain; } rows[] = {
        {"5", true}, {"true", true}, {"5", false}, {"50%", true}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct node *n = node_new(&a, NODE_TEXT);
        n->text = str_z(rows[i].text);
        n->plain = rows[i].plain;
        node_put(map, str_f(&a, "k%zu", i), n);
    }
    node_put(map, S("none"), node_new(&a, NODE_LIST));
    node_json(&json, map);
    CHECK_STR(buf_str(&json), S("{\"k0\":5,\"k1\":true,\"k2\":\"5\",\"k3\":\"50%\",\"none\":[]}"));
}
