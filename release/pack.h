// pack.h: from the build's tree to an immutable OUT/N with a manifest: what exactly will be on every host.
//
// Content, mode and kind equal to the last packed release keep its file (a hard link) and so its old mtime; what
// changed gets this pack's stamp as mtime, a second that only grows from pack to pack. So a path and its mtime name
// one content for ever, and rsync's quick check (size and mtime) is exact.
#pragma once
#include "base/base.h"

struct pack_job {
    struct str tree;                        // the build's working tree; read only
    struct str dir;                         // holds out/, manifests/, stat (made when missing)
    int64_t number;
    struct str service, rev;                // for the file RELEASE at the tree's root
    struct strs exclude, scratch;           // paths below the tree: never packed
    struct strs shared_dirs, shared_files;  // become links ../../shared/PATH, seen from releases/N (deeper: more ../)
    int64_t live;                           // its tree stays however old it is, to compare hosts with; 0: none
    int keep;                               // trees kept in out/, this one included (3)
    int64_t patience_ms;                    // for a killed pack, which may still be ending, deep in a flush
};

struct pack_result {
    char tree[64];                          // hex SHA-256 over kind, mode, path, size, hash of all entries; no NUL
    uint64_t files, bytes, changed;         // changed: against the last packed release, removed ones included
    struct str warnings;                    // sentences, one a line, in the arena
};

// ERR_STATE: another pack runs and did not end in patience_ms.
// ERR_INPUT: the tree holds what may not travel (devices, sockets, links that leave the tree, names with newlines).
// Leaves either a complete flushed out/N and manifests/N or, after a crash, only out/.new-N, which the next call
// removes. A complete out/N whose manifest exists is packed anew only if the tree differs.
bool pack_run(struct arena *a, const struct pack_job *job, struct pack_result *out, struct err *e) MUST_USE;
