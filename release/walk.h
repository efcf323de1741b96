// walk.h: the list of what a build left behind, after the rules of pack.h: what is excluded, shared or scratch is gone,
// what may not travel is refused, and the links and the file that every release gets are there.
#pragma once
#include "release/found.h"
#include "release/pack.h"

// tree: a descriptor of the tree's root, still the caller's. Sorted. Hashes of files are still zero.
bool walk_tree(struct arena *a, const struct pack_job *job, int tree, struct founds *out, struct buf *warnings,
               struct err *e) MUST_USE;
// The same without any rule: what stands in a packed tree, with the modes and times it has.
bool walk_plain(struct arena *a, int tree, struct founds *out, struct err *e) MUST_USE;
