// node.h: a YAML file as a small tree in which everything knows its place. The subset is on purpose small: one
// document of maps, lists and texts; anchors, aliases, tags and merge keys are mistakes.
//
//     struct node *root;
//     if (!node_read(r, text, &root))     // the mistake that stopped it is in r
#pragma once
#include "base/base.h"
#include "site/reading.h"

enum node_kind { NODE_TEXT, NODE_LIST, NODE_MAP };

struct node {
    enum node_kind kind;
    struct place at;
    struct str text;            // NODE_TEXT
    bool plain;                 // without quotes
    bool told;                  // its mistake has been told: not to be decoded
    struct str key;             // inside a map
    struct place key_at;
    struct node *first, *last, *next;
    size_t count;               // of children
};

enum { NODE_TEXT_MAX = 1 << 20, NODE_DEPTH_MAX = 64, NODE_VALUES_MAX = 10000 };

// False: the tree is not complete, and at least one mistake says why. Texts live in r->arena, nodes in r->scratch.
bool node_read(struct reading *r, struct str text, struct node **root) MUST_USE;

// A plain ~, null or nothing at all.
bool node_empty(const struct node *n);
// What stands there, for "expected a list, got ...".
struct shown node_shown(const struct node *n);

// Building a tree by hand, for printing.
struct node *node_new(struct arena *a, enum node_kind kind);
void node_put(struct node *parent, struct str key, struct node *child);     // key empty in lists

// As YAML that node_read takes back, and as JSON (plain true, false and whole numbers are typed).
void node_yaml(struct buf *b, const struct node *n);
void node_json(struct buf *b, const struct node *n);
