// manifest_fuzz.c: whatever is accepted can be walked to its end, is sorted, is found, and stays inside its bytes.
//
// A guessed hash never fits, so the target puts the right one in first, from its own slow reading of the layout;
// one input in four keeps the hash it came with, which must then be refused or right.
#include "release/manifest.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 64, ENTRY = 64, TREE_AT = 24 };

static uint64_t number(const unsigned char *p, unsigned bytes)
{
    uint64_t v = 0;
    while (bytes--)
        v = v << 8 | p[bytes];
    return v;
}

// kind, mode, path, size, hash of all entries as manifest.c feeds them. false: some offset points outside.
static bool slow_tree(const unsigned char *p, size_t size, unsigned char tree[32])
{
    crypto_hash_sha256_state sha;
    crypto_hash_sha256_init(&sha);
    uint64_t n = size < HEAD ? 0 : number(p + 8, 4);
    if (size < HEAD || n > (size - HEAD) / ENTRY)
        return false;
    const unsigned char *strings = p + HEAD + ENTRY * n;
    size_t room = size - HEAD - ENTRY * n;
    for (const unsigned char *x = p + HEAD; x < strings; x += ENTRY) {
        uint64_t path = number(x, 4), length = number(x + 4, 2);
        unsigned char zero = 0;
        if (path + length > room)
            return false;
        crypto_hash_sha256_update(&sha, x + 16, 8);         // size
        crypto_hash_sha256_update(&sha, x + 8, 4);          // mode
        crypto_hash_sha256_update(&sha, x + 4, 2);          // path length
        crypto_hash_sha256_update(&sha, x + 6, 1);          // kind
        crypto_hash_sha256_update(&sha, &zero, 1);
        crypto_hash_sha256_update(&sha, strings + path, length);
        crypto_hash_sha256_update(&sha, x + 32, 32);
    }
    crypto_hash_sha256_final(&sha, tree);
    return true;
}

static void must(bool x)
{
    if (!x)
        abort();
}

static void walk(const struct manifest *m, struct str bytes)
{
    uint64_t total = 0;
    struct str before = S("");
    for (uint32_t i = 0; i < m->n; i++) {
        struct entry e = manifest_at(m, i), again;
        must(str_cmp(before, e.path) < 0);
        must(e.path.p >= bytes.p && e.path.p + e.path.n < bytes.p + bytes.n && e.path.p[e.path.n] == 0);
        must(strlen(e.path.p) == e.path.n && e.path.p[0] != '/' && str_find(e.path, S("//")) < 0);
        must(manifest_find(m, e.path, &again) && again.path.p == e.path.p);
        must(strchr("fdl", e.kind) && e.kind);
        must((e.kind == 'l') == (e.link.n > 0) && (e.kind != 'l' || strlen(e.link.p) == e.size));
        total += e.kind == 'f' ? e.size : 0;
        before = e.path;
    }
    must(total == m->bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct manifest m;
    struct err e;
    unsigned char tree[32] = {0};
    char *copy = malloc(size + 1);      // exactly the input's size for AddressSanitizer, less one byte for the mode
    must(copy);
    memcpy(copy, data, size);
    copy = realloc(copy, size ? size : 1);
    bool known = slow_tree(data, size, tree);
    if (known && data[0] && data[size - 1] % 4 != 3)
        memcpy(copy + TREE_AT, tree, sizeof tree);
    struct str bytes = {copy, size};
    if (manifest_read(bytes, &m, &e)) {
        must(known && memcmp(m.tree, tree, sizeof tree) == 0);
        walk(&m, bytes);
        manifest_close(&m);
    } else {
        must(e.kind == ERR_INPUT && e.text[0]);
    }
    free(copy);
    return 0;
}
