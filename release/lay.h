// lay.h: makes a directory hold exactly the entries wanted: hard links of the last packed release for what is equal,
// copies from the build's tree for what is not.
//
// The directory is empty, or an old packed release that nobody needs any more (recycled): then only the difference is
// touched, and a pack costs what changed, not what exists. Nothing is ever written in place, since files are shared
// with the other packed releases.
#pragma once
#include "release/found.h"

struct lay {
    int tree, stage, last;              // directories; last -1: there is none
    const char *stage_path;             // for errors
    const struct founds *wanted;        // sorted, with hashes and times
    const struct manifest *there;       // what stands in the stage already; NULL or empty: nothing
};

bool lay_run(const struct lay *l, struct err *e) MUST_USE;
