// statcache.h: remembers the hashes of files that did not change since they were read, so that packing a large tree
// again reads only what the build touched.
//
// A file that is not exactly what we wrote is ignored: the cache is an assistant, never a witness. A file that changed
// less than two seconds before it was read is not remembered, because a second change within the same tick of the
// file system's clock would leave no trace.
#pragma once
#include "release/found.h"

struct statcache {
    struct str rest;            // what has not been asked about yet
    struct str path;            // the entry at hand; empty at the end
    struct identity id;
    unsigned char sha256[32];
    size_t n, hits;
};

// The text lives in the arena. Absent or damaged: empty.
void statcache_load(struct arena *a, const char *path, struct statcache *out);
// To be asked in the order of paths.
bool statcache_find(struct statcache *c, struct str path, const struct identity *id, unsigned char sha256[32]);
// Regular files of the tree, read not before read_ns (wall clock).
bool statcache_save(const char *path, const struct founds *f, int64_t read_ns, struct err *e) MUST_USE;
