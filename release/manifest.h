// manifest.h: what a packed release consists of, one entry a path, sorted by path bytes; a file that is mapped.
//
// Layout, little-endian: 64 bytes header: "RSBMAN1\n", u32 entries (at most 2 M), u32 string bytes, u64 file bytes,
// u8 tree[32], i64 stamp (the pack's second). Then 64-byte entries: u32 path, u16 path length (at most 4,095), u8 kind
// f|d|l, u8 0, u32 mode, u32 link target, u64 size, i64 mtime ns, u8 sha256[32] (of the target for links, zero for
// directories). Then NUL-ended strings. A file that is not exactly this is refused: never trusted, never followed.
#pragma once
#include "base/base.h"

struct entry {
    struct str path, link;          // link: target, kind 'l' only
    char kind;                      // 'f', 'd', 'l'
    uint32_t mode;                  // 07777
    uint64_t size;
    int64_t mtime_ns;
    unsigned char sha256[32];
};

struct manifest {
    const unsigned char *map;
    size_t map_size;
    uint32_t n;
    uint64_t bytes;                 // of all files
    int64_t stamp;
    unsigned char tree[32];
};

bool manifest_open(const char *path, struct manifest *out, struct err *e) MUST_USE;     // ERR_NOT_FOUND, ERR_INPUT
// The same over memory, borrowed.
bool manifest_read(struct str bytes, struct manifest *out, struct err *e) MUST_USE;
struct entry manifest_at(const struct manifest *m, uint32_t i);
bool manifest_find(const struct manifest *m, struct str path, struct entry *out);
void manifest_close(struct manifest *m);
#define OWN_MANIFEST OWN(manifest_close)

// Sorts the entries, computes tree (given back), writes durably.
bool manifest_write(const char *path, struct entry *entries, uint32_t n, int64_t stamp, unsigned char tree[32],
                    struct err *e) MUST_USE;
