// shelf.h: the packed releases on this machine: DIR/out/N and DIR/manifests/N, and how one becomes complete.
//
// The rule: out/N exists only while it is complete, flushed, and described by manifests/N. Every change keeps it by
// its order: a tree gets its name after its manifest is durable and loses its name before anything in it goes. What a
// crash leaves are names with a dot (out/.new-N, out/.old-N), which the next opening removes, and manifests without a
// tree, which do no harm: they still say which path and time names which content.
#pragma once
#include "release/manifest.h"

struct packed {
    int64_t number;
    bool tree;                  // out/N exists
    struct manifest manifest;
};

struct shelf {
    const char *dir;            // in the arena
    int lock;
    struct { struct packed *at; size_t n, cap; } at;    // newest number first
};

// Makes the directories when missing, takes the lock (ERR_STATE when another pack still has it after patience_ms),
// removes leftovers.
bool shelf_open(struct arena *a, struct str dir, int64_t patience_ms, struct shelf *out, struct err *e) MUST_USE;
void shelf_close(struct shelf *s);
#define OWN_SHELF OWN(shelf_close)

struct packed *shelf_find(const struct shelf *s, int64_t number);       // NULL
// The one packed last, other than `except` (0: none); those with a tree are preferred. NULL when there is none.
struct packed *shelf_last(const struct shelf *s, int64_t except);
int64_t shelf_stamp(const struct shelf *s);     // the highest; 0 when empty

const char *shelf_tree(struct arena *a, const struct shelf *s, int64_t number);
const char *shelf_manifest(struct arena *a, const struct shelf *s, int64_t number);
const char *shelf_stage(struct arena *a, const struct shelf *s, int64_t number);

// The oldest tree, if a new one, `number`, would be one more than `keep`. NULL otherwise, and never the one packed last
// or the one that is live.
struct packed *shelf_spare(const struct shelf *s, int64_t number, int64_t live, int keep);
// Renames a tree that is not needed any more to the stage of `number`, to be worked over.
bool shelf_recycle(const struct shelf *s, struct packed *p, int64_t number, struct err *e) MUST_USE;

// The stage, whose content is flushed, becomes `number`; entries as for manifest_write. tree is given back.
bool shelf_put(const struct shelf *s, int64_t number, struct entry *entries, uint32_t n, int64_t stamp,
               unsigned char tree[32], struct err *e) MUST_USE;
// Removes trees and manifests beyond the `keep` newest numbers; `number` itself and `live` always stay.
bool shelf_prune(const struct shelf *s, int64_t number, int64_t live, int keep, struct err *e) MUST_USE;
