// found.h: what a walk found, one struct a path, and two sorted lists side by side.
//
//     struct pairs p = {.founds = &founds, .manifest = &last};
//     struct found *mine;
//     struct entry theirs;
//     while (pairs_next(&p, &mine, &theirs))
//         ...                             // mine NULL: only in the manifest; theirs.kind 0: only found
#pragma once
#include "release/manifest.h"
#include <sys/stat.h>

// While these four stay, a file is the one that was read: ctime cannot be set back by anybody.
struct identity {
    uint64_t ino, size;
    int64_t mtime_ns, ctime_ns;
};

struct found {
    struct entry entry;
    struct identity id;
    struct str text;        // content of a file that we make ourselves; empty for all others
    bool kept;              // equal to the last packed release: its file is used again
    bool touched;           // a directory in which a name came or went
};
struct founds { struct found *at; size_t n, cap; };

struct identity identity_of(const struct stat *st);
bool identity_eq(const struct identity *a, const struct identity *b);

void founds_sort(struct founds *f);
struct found *founds_find(const struct founds *f, struct str path);     // in a sorted list; NULL
// Kind, mode and content; times are not compared.
bool entry_same(const struct entry *a, const struct entry *b);

// Opens a file of the tree for reading. ERR_CONFLICT when it is no longer the file that was found.
bool found_open(const struct found *f, int tree, int *fd, struct err *e) MUST_USE;
// To be asked again after reading: what was read is what was found.
bool found_stayed(const struct found *f, int fd, struct err *e) MUST_USE;

struct pairs {
    const struct founds *founds;
    const struct manifest *manifest;
    size_t i;
    uint32_t j;
};
bool pairs_next(struct pairs *p, struct found **mine, struct entry *theirs);
