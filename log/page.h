// page.h: which page a path belongs to, learned from the paths themselves: "/works/1482/edit" is "/works/{n}/edit".
//
// A segment that is a number, a UUID, eight or more hex digits or a date becomes {n}, {uuid}, {hex}, {date}. Where a
// parent has met more than 64 other names they all become {x}, with what stands behind the last dot kept:
// "/img/{x}.png". What was folded once stays folded, so a page never changes its name into a narrower one; the paths
// that it had join it. Paths are visitors' words: a brace of theirs becomes "%7B", and memory is bounded whatever they
// ask for.
//
//     struct pages *p = pages_new();
//     int page = pages_of(p, S("/works/1482/edit"));
//     struct str name = pages_name(p, page);
#pragma once
#include "base/base.h"

enum {
    PAGES_MAX = 10000,      // then everything new is "(other)"
    PAGE_NAMES = 64,        // different names under one parent before they are folded
    PAGE_DEEP = 12,         // segments; what is deeper belongs to "..." of the last
    PAGE_OTHER = 0,         // its number
};

struct pages;
struct pages *pages_new(void);
void pages_free(struct pages *p);
// The page's number, the same for as long as nothing folds. A query behind '?' does not count.
int pages_of(struct pages *p, struct str path);
// The same, but a path that belongs to no page that is known makes none: PAGE_OTHER.
int pages_find(struct pages *p, struct str path);
int pages_n(const struct pages *p);
struct str pages_name(const struct pages *p, int page);
// After a fold a number may have become part of another one: the number that counts now.
int pages_now(const struct pages *p, int page);
// How often something folded: whoever keeps numbers looks at pages_now again when it changed.
unsigned pages_folds(const struct pages *p);
// The page of a name that was learned before, or by somebody else: {n} in it is ours, and {x} folds what stands beside
// it.
int pages_learn(struct pages *p, struct str name);
