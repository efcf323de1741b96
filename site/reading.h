// reading.h: one reading of a site file: the mistakes found on the way, and where each text came from.
//
//     mistake_at(r, node->at, "%s: expected a list, got %s", key->name, shown(node->text).z)->hint = S("...");
//     struct place p = place_of(r, group->hosts.at[i], fallback);
#pragma once
#include "base/base.h"
#include "site/site.h"

struct place { int line, col; };

struct reading {
    struct arena *arena;        // of the site: texts and structs
    struct arena *scratch;      // nodes and maps, dropped when the reading is done
    struct mistakes *mistakes;
    struct mistake spare;       // takes what is beyond the first 1,000
    struct map places;          // from the address of a text's bytes to its place
};

// Notes a mistake. The result is valid until the next one: its hint may be set.
struct mistake *mistake_at(struct reading *r, struct place p, const char *format, ...) PRINTF(3, 4);
void mistakes_sort(struct mistakes *m);

// A decoded text borrows the bytes of its node, so the address of the bytes finds the place again. text and p
// must stay where they are until the reading is done.
void place_note(struct reading *r, const struct str *text, struct place *p);
// Where a decoded text stands in the file; `otherwise` when it is a default.
struct place place_of(const struct reading *r, struct str text, struct place otherwise);

// A foreign text for a sentence: on one line, without what a terminal might obey, cut when long; in quotes or bare.
struct shown { char z[128]; };
struct shown shown(struct str s);
struct shown shown_bare(struct str s);
// did you mean "app1"? Empty when nothing is near.
struct str did_you_mean(struct reading *r, struct str word, size_t count,
                        struct str (*name)(const void *list, size_t i), const void *list);
