// page.c: see page.h. A tree of segments; a leaf that a path ended in has a page number.
#include "log/page.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEGMENT_MAX = 80, NAME_MAX_BYTES = 400, BRACED_MAX = 24 };

struct node {
    char *name;
    size_t name_n;
    struct node **child;
    size_t child_n, child_cap;
    size_t plain_n;             // children whose name is not in braces
    bool folded;                // its plain children are {x} now
    int page;                   // -1: no path ended here
};

struct pages {
    struct node *root;
    struct str *name;           // by page number
    int *now;
    int n, cap;
    unsigned folds;
};

static struct node *node_new(struct str name)
{
    struct node *x = calloc(1, sizeof *x);
    assert(x);
    x->name = malloc(name.n + 1);
    assert(x->name);
    memcpy(x->name, name.p, name.n);
    x->name_n = name.n;
    x->page = -1;
    return x;
}

static void node_free(struct node *x)
{
    for (size_t i = 0; i < x->child_n; i++)
        node_free(x->child[i]);
    free(x->child);
    free(x->name);
    free(x);
}

static int page_add(struct pages *p, struct str name)
{
    if (p->n == p->cap) {
        p->cap = p->cap * 2 + 64;
        p->name = realloc(p->name, (size_t)p->cap * sizeof *p->name);
        p->now = realloc(p->now, (size_t)p->cap * sizeof *p->now);
        assert(p->name && p->now);
    }
    char *copy = malloc(name.n + 1);
    assert(copy);
    memcpy(copy, name.p, name.n);
    p->name[p->n] = (struct str){copy, name.n};
    p->now[p->n] = p->n;
    return p->n++;
}

static void page_name_drop(struct str s)
{
    free((char *)(uintptr_t)s.p);
}

struct pages *pages_new(void)
{
    struct pages *p = calloc(1, sizeof *p);
    assert(p);
    p->root = node_new(S(""));
    page_add(p, S("(other)"));
    return p;
}

void pages_free(struct pages *p)
{
    if (!p)
        return;
    node_free(p->root);
    for (int i = 0; i < p->n; i++)
        page_name_drop(p->name[i]);
    free(p->name);
    free(p->now);
    free(p);
}

// ---- what a segment is ----

static bool all_of(struct str s, bool (*is)(char))
{
    for (size_t i = 0; i < s.n; i++)
        if (!is(s.p[i]))
            return false;
    return s.n > 0;
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool hex(char c)
{
    return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// d a digit, h a hex digit, anything else itself.
static bool looks(struct str s, const char *shape)
{
    size_t n = strlen(shape);
    if (s.n != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (shape[i] == 'd' ? !digit(s.p[i]) : shape[i] == 'h' ? !hex(s.p[i]) : s.p[i] != shape[i])
            return false;
    return true;
}

static bool braced(struct str s)
{
    return s.n && s.p[0] == '{';
}

// Names in braces are ours. A visitor's own brace is written as his browser should have sent it, or "/{x}" would tell
// whoever learns that name that everything beside it is folded.
static struct str kind_of(struct str s, char room[static SEGMENT_MAX])
{
    bool some_digit = false;
    s = str_head(s, SEGMENT_MAX - 8);       // before it is looked at: its name must be of the same kind
    if (braced(s))
        return (struct str){room, (size_t)snprintf(room, SEGMENT_MAX - 8, "%%7B" STR_F,
                                                   STR_A(str_head(str_from(s, 1), 60)))};
    for (size_t i = 0; i < s.n; i++)
        some_digit = some_digit || digit(s.p[i]);
    if (looks(s, "dddd-dd-dd") || (s.n == 8 && all_of(s, digit) && (str_starts(s, S("19")) || str_starts(s, S("20")))))
        return S("{date}");
    if (all_of(s, digit))
        return S("{n}");
    if (looks(s, "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh"))
        return S("{uuid}");
    if (s.n >= 8 && some_digit && all_of(s, hex))
        return S("{hex}");
    return s;
}

// "photo.png" is "{x}.png" when its parent is folded; a long or odd ending is no file's.
static struct str folded_name(struct str s, char out[static SEGMENT_MAX])
{
    size_t dot = s.n;
    while (dot > 0 && s.p[dot - 1] != '.')
        dot--;
    struct str end = dot > 1 ? str_from(s, dot) : S("");
    if (end.n == 0 || end.n > 5 || !str_plain(end, ""))
        return S("{x}");
    size_t n = (size_t)snprintf(out, SEGMENT_MAX, "{x}." STR_F, STR_A(end));
    return (struct str){out, n};
}

// ---- the tree ----

static struct node *child_of(const struct node *x, struct str name)
{
    for (size_t i = 0; i < x->child_n; i++)
        if (x->child[i]->name_n == name.n && memcmp(x->child[i]->name, name.p, name.n) == 0)
            return x->child[i];
    return NULL;
}

static struct node *child_push(struct node *x, struct node *c)
{
    if (x->child_n == x->child_cap) {
        x->child_cap = x->child_cap * 2 + 4;
        x->child = realloc(x->child, x->child_cap * sizeof *x->child);
        assert(x->child);
    }
    x->plain_n += !braced((struct str){c->name, c->name_n});
    x->child[x->child_n++] = c;
    return c;
}

// Everything below `from` joins `to`; pages that both have become one, which keeps the lower number.
static void merge(struct pages *p, struct node *to, struct node *from)
{
    if (from->page >= 0 && to->page >= 0)
        p->now[from->page] = to->page;
    else if (from->page >= 0)
        to->page = from->page;
    to->folded = to->folded || from->folded;
    for (size_t i = 0; i < from->child_n; i++) {
        struct node *c = from->child[i], *same = child_of(to, (struct str){c->name, c->name_n});
        if (same)
            merge(p, same, c);
        else
            child_push(to, c);
    }
    from->child_n = 0;
    node_free(from);
}

static void fold(struct pages *p, struct node *x);

static void fold_below(struct pages *p, struct node *x)
{
    if (x->plain_n > PAGE_NAMES || (x->folded && x->plain_n))
        fold(p, x);
    for (size_t i = 0; i < x->child_n; i++)
        fold_below(p, x->child[i]);
}

static void rename_below(struct pages *p, const struct node *x, char *name, size_t n)
{
    if (x->page >= 0 && !(p->name[x->page].n == n && memcmp(p->name[x->page].p, name, n) == 0)) {
        char *copy = malloc(n + 1);
        assert(copy);
        memcpy(copy, name, n);
        page_name_drop(p->name[x->page]);
        p->name[x->page] = (struct str){copy, n};
    }
    for (size_t i = 0; i < x->child_n; i++) {
        const struct node *c = x->child[i];
        if (n + 1 + c->name_n > NAME_MAX_BYTES)
            continue;
        name[n] = '/';
        memcpy(name + n + 1, c->name, c->name_n);
        rename_below(p, c, name, n + 1 + c->name_n);
    }
}

// The child that this name belongs to where names are folded. Endings are few, whatever visitors ask for.
static struct str folded_below(const struct node *x, struct str name, char room[static SEGMENT_MAX])
{
    struct str now = braced(name) ? name : folded_name(name, room);
    return x->child_n - x->plain_n < BRACED_MAX || child_of(x, now) ? now : S("{x}");
}

// All plain children become {x} or {x}.ending.
static void fold(struct pages *p, struct node *x)
{
    char room[SEGMENT_MAX];
    struct node **old = x->child;
    size_t n = x->child_n;
    x->child = NULL;
    x->child_n = x->child_cap = x->plain_n = 0;
    x->folded = true;
    for (size_t i = 0; i < n; i++) {
        struct str name = {old[i]->name, old[i]->name_n};
        struct str now = folded_below(x, name, room);
        struct node *to = child_of(x, now);
        if (!to)
            to = child_push(x, node_new(now));
        merge(p, to, old[i]);
    }
    free(old);
}

static void follow_moves(struct pages *p)
{
    for (int i = 0; i < p->n; i++)
        while (p->now[i] != p->now[p->now[i]])
            p->now[i] = p->now[p->now[i]];
}

// How a path is followed: new names are learned, or lead nowhere; names in braces are ours, or a visitor's.
struct walk { struct pages *p; bool learns, ours, changed; };

static void fold_now(struct walk *w, struct node *x)
{
    fold(w->p, x);
    fold_below(w->p, x);
    w->changed = true;
}

static struct node *step(struct walk *w, struct node *x, struct str segment)
{
    char kind[SEGMENT_MAX], room[SEGMENT_MAX];
    bool ours = w->ours && braced(segment);
    struct str name = ours ? str_head(segment, SEGMENT_MAX - 8) : kind_of(segment, kind);
    if (ours && w->learns && !x->folded && str_starts(name, S("{x}")))
        fold_now(w, x);             // somebody else has met more of these names than we have
    if (x->folded)
        name = folded_below(x, name, room);
    struct node *c = child_of(x, name);
    if (c || !w->learns)
        return c;
    c = child_push(x, node_new(name));
    if (x->plain_n <= PAGE_NAMES)
        return c;
    fold_now(w, x);
    return child_of(x, folded_below(x, name, room));
}

static int number_of(struct pages *p, struct node *leaf, struct str name, bool changed)
{
    char room[NAME_MAX_BYTES + 1];
    if (leaf->page < 0)
        leaf->page = page_add(p, name);
    if (changed) {
        p->folds++;
        follow_moves(p);
        rename_below(p, p->root, room, 0);
    }
    return leaf->page;
}

// Once there are too many pages nothing new is learned: a node that leads to no page would only take memory.
static int walk(struct pages *p, struct str path, bool learns, bool ours)
{
    struct walk w = {.p = p, .learns = learns && p->n < PAGES_MAX, .ours = ours};
    struct node *x = p->root;
    char name[NAME_MAX_BYTES + 1];
    size_t n = 0, deep = 0;
    path = str_cut(&path, '?');
    if (path.n == 0 || path.p[0] != '/')
        return PAGE_OTHER;
    path = str_from(path, 1);
    for (bool more = true; more; deep++) {
        more = str_has(path, '/') && deep + 1 < PAGE_DEEP;
        x = step(&w, x, str_cut(&path, '/'));
        if (!x)
            return PAGE_OTHER;
        if (n + 1 + x->name_n > NAME_MAX_BYTES)
            break;
        name[n] = '/';
        memcpy(name + n + 1, x->name, x->name_n);
        n += 1 + x->name_n;
    }
    return x->page < 0 && !w.learns ? PAGE_OTHER : number_of(p, x, (struct str){name, n}, w.changed);
}

int pages_of(struct pages *p, struct str path)
{
    return walk(p, path, true, false);
}

int pages_find(struct pages *p, struct str path)
{
    return walk(p, path, false, false);
}

int pages_learn(struct pages *p, struct str name)
{
    return walk(p, name, true, true);
}

int pages_n(const struct pages *p)
{
    return p->n;
}

struct str pages_name(const struct pages *p, int page)
{
    return p->name[pages_now(p, page)];
}

int pages_now(const struct pages *p, int page)
{
    return p->now[page];
}

unsigned pages_folds(const struct pages *p)
{
    return p->folds;
}
