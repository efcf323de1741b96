// manifest.c: writing the table of a packed release, and checking every byte of one before anybody believes it.
//
// The check costs one pass over the entries and one SHA-256 (33,000 entries: about 20 ms), once per opening. Behind it
// the readers below are plain arithmetic: no offset can point outside, no path can leave the tree it describes.
#include "release/manifest.h"
#include "base/fault.h"
#include "base/file.h"
#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[8] = "RSBMAN1\n";
enum { ENTRIES_MAX = 2000000, PATH_LENGTH_MAX = 4095 };

// Both on disk, little-endian; no field needs padding, and the sizes are checked below.
struct disk_head {
    char magic[8];
    uint32_t entries, strings;
    uint64_t bytes;
    unsigned char tree[32];
    int64_t stamp;
};
struct disk_entry {
    uint32_t path;
    uint16_t path_length;
    char kind;
    uint8_t zero;
    uint32_t mode, link;
    uint64_t size;
    int64_t mtime_ns;
    unsigned char sha256[32];
};
_Static_assert(sizeof(struct disk_head) == 64 && sizeof(struct disk_entry) == 64, "the layout of manifest.h");

static struct disk_head head_at(const unsigned char *map)
{
    struct disk_head h;
    memcpy(&h, map, sizeof h);
    h.entries = le32toh(h.entries);
    h.strings = le32toh(h.strings);
    h.bytes = le64toh(h.bytes);
    h.stamp = (int64_t)le64toh((uint64_t)h.stamp);
    return h;
}

static struct disk_entry disk_at(const unsigned char *map, uint32_t i)
{
    struct disk_entry d;
    memcpy(&d, map + sizeof(struct disk_head) + sizeof d * (size_t)i, sizeof d);
    d.path = le32toh(d.path);
    d.path_length = le16toh(d.path_length);
    d.mode = le32toh(d.mode);
    d.link = le32toh(d.link);
    d.size = le64toh(d.size);
    d.mtime_ns = (int64_t)le64toh((uint64_t)d.mtime_ns);
    return d;
}

static const char *strings_of(const unsigned char *map, uint32_t entries)
{
    return (const char *)map + sizeof(struct disk_head) + sizeof(struct disk_entry) * (size_t)entries;
}

static struct entry entry_of(const char *strings, const struct disk_entry *d)
{
    struct entry e = {.path = {strings + d->path, d->path_length}, .link = S(""), .kind = d->kind, .mode = d->mode,
                      .size = d->size, .mtime_ns = d->mtime_ns};
    if (d->kind == 'l')
        e.link = (struct str){strings + d->link, d->size};
    memcpy(e.sha256, d->sha256, sizeof e.sha256);
    return e;
}

// ---- the tree's hash ----

// Fixed-size fields before the path, its length among them: two different lists never hash the same bytes.
static void tree_add(crypto_hash_sha256_state *sha, const struct entry *e)
{
    struct { uint64_t size; uint32_t mode; uint16_t path_length; char kind; uint8_t zero; } fixed = {
        htole64(e->size), htole32(e->mode), htole16((uint16_t)e->path.n), e->kind, 0};
    crypto_hash_sha256_update(sha, (const unsigned char *)&fixed, sizeof fixed);
    crypto_hash_sha256_update(sha, (const unsigned char *)e->path.p, e->path.n);
    crypto_hash_sha256_update(sha, e->sha256, sizeof e->sha256);
}

// ---- checking ----

// Relative, inside the tree, one spelling per place, printable on one line.
static bool path_sound(struct str path)
{
    struct str rest = path;
    if (path.n == 0 || path.n > PATH_LENGTH_MAX || path.p[path.n - 1] == '/')
        return false;
    for (size_t i = 0; i < path.n; i++)
        if ((unsigned char)path.p[i] < 0x20 || path.p[i] == 0x7F)
            return false;
    while (rest.n) {
        struct str name = str_cut(&rest, '/');
        if (name.n == 0 || str_eq(name, S(".")) || str_eq(name, S("..")))
            return false;
    }
    return true;
}

static bool link_sound(struct str target)
{
    return target.n > 0 && target.n <= PATH_LENGTH_MAX && memchr(target.p, 0, target.n) == NULL;
}

// The tree's hash covers a target only through this one.
static bool link_hashed(const struct entry *x)
{
    unsigned char hash[32];
    crypto_hash_sha256(hash, (const unsigned char *)x->link.p, x->link.n);
    return memcmp(hash, x->sha256, sizeof hash) == 0;
}

// The kinds and what each leaves empty.
static bool kind_sound(const struct disk_entry *d)
{
    static const unsigned char none[32];
    if (d->kind == 'd')
        return d->link == 0 && d->size == 0 && memcmp(d->sha256, none, sizeof none) == 0;
    return d->kind == 'l' || (d->kind == 'f' && d->link == 0);
}

// n bytes at `at` and the NUL behind them lie inside the strings.
static bool holds(const char *strings, uint32_t size, uint64_t at, uint64_t n)
{
    return n <= PATH_LENGTH_MAX && at + n < size && strings[at + n] == 0;
}

static bool disk_sound(const char *strings, uint32_t size, const struct disk_entry *d)
{
    if (d->zero != 0 || d->mode > 07777 || !kind_sound(d) || !holds(strings, size, d->path, d->path_length))
        return false;
    if (d->kind == 'l' && !(holds(strings, size, d->link, d->size) &&
                            link_sound((struct str){strings + d->link, d->size})))
        return false;
    return path_sound((struct str){strings + d->path, d->path_length});
}

static bool entries_sound(const unsigned char *map, const struct disk_head *h, struct err *e)
{
    const char *strings = strings_of(map, h->entries);
    crypto_hash_sha256_state sha;
    unsigned char tree[32];
    uint64_t bytes = 0;
    struct str before = S("");
    crypto_hash_sha256_init(&sha);
    for (uint32_t i = 0; i < h->entries; i++) {
        struct disk_entry d = disk_at(map, i);
        if (!disk_sound(strings, h->strings, &d))
            return err_set(e, ERR_INPUT, "entry %u of the manifest is damaged", i);
        struct entry x = entry_of(strings, &d);
        if (x.kind == 'l' && !link_hashed(&x))
            return err_set(e, ERR_INPUT, "the link " STR_F " in the manifest is damaged", STR_A(x.path));
        if (i && str_cmp(before, x.path) >= 0)
            return err_set(e, ERR_INPUT, "entry %u of the manifest is out of order", i);
        if (x.kind == 'f' && __builtin_add_overflow(bytes, x.size, &bytes))
            return err_set(e, ERR_INPUT, "the sizes in the manifest are damaged");
        tree_add(&sha, &x);
        before = x.path;
    }
    crypto_hash_sha256_final(&sha, tree);
    if (bytes != h->bytes || memcmp(tree, h->tree, sizeof tree) != 0)
        return err_set(e, ERR_INPUT, "the manifest does not add up to its own hash");
    return true;
}

bool manifest_read(struct str bytes, struct manifest *out, struct err *e)
{
    const unsigned char *map = (const unsigned char *)bytes.p;
    *out = (struct manifest){0};
    if (bytes.n < sizeof(struct disk_head) || memcmp(map, magic, sizeof magic) != 0)
        return err_set(e, ERR_INPUT, "not a manifest");
    struct disk_head h = head_at(map);
    size_t size = sizeof h + (size_t)h.entries * sizeof(struct disk_entry) + h.strings;
    if (h.entries > ENTRIES_MAX || bytes.n != size)
        return err_set(e, ERR_INPUT, "the manifest has %zu bytes instead of %zu", bytes.n, size);
    if (!entries_sound(map, &h, e))
        return false;
    *out = (struct manifest){.map = map, .n = h.entries, .bytes = h.bytes, .stamp = h.stamp};
    memcpy(out->tree, h.tree, sizeof out->tree);
    return true;
}

// ---- files ----

bool manifest_open(const char *path, struct manifest *out, struct err *e)
{
    *out = (struct manifest){0};
    OWN_FD fd = fault_hit(FAULT_FILE) ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "open %s: %m", path);
    if (!S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(struct disk_head))
        return err_set(e, ERR_INPUT, "%s: not a manifest", path);
    size_t size = (size_t)st.st_size;
    void *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED)
        return err_set(e, ERR_IO, "map %s: %m", path);
    if (!manifest_read((struct str){map, size}, out, e)) {
        munmap(map, size);
        return err_in(e, "%s", path);
    }
    out->map_size = size;
    return true;
}

// map_size is 0 for borrowed bytes.
void manifest_close(struct manifest *m)
{
    if (m->map_size)
        munmap((void *)(uintptr_t)m->map, m->map_size);
    *m = (struct manifest){0};
}

struct entry manifest_at(const struct manifest *m, uint32_t i)
{
    assert(i < m->n);
    struct disk_entry d = disk_at(m->map, i);
    return entry_of(strings_of(m->map, m->n), &d);
}

bool manifest_find(const struct manifest *m, struct str path, struct entry *out)
{
    uint32_t low = 0, high = m->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        struct entry x = manifest_at(m, middle);
        int order = str_cmp(x.path, path);
        if (order == 0) {
            *out = x;
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

// ---- writing ----

static int by_path(const void *a, const void *b)
{
    return str_cmp(((const struct entry *)a)->path, ((const struct entry *)b)->path);
}

static void add_string(struct buf *b, struct str s)
{
    buf_add(b, s);
    buf_addc(b, 0);
}

static void add_entry(struct buf *b, const struct entry *e, size_t *strings)
{
    struct disk_entry d = {.path = htole32((uint32_t)*strings), .path_length = htole16((uint16_t)e->path.n),
                           .kind = e->kind, .mode = htole32(e->mode), .size = htole64(e->size),
                           .mtime_ns = (int64_t)htole64((uint64_t)e->mtime_ns)};
    memcpy(d.sha256, e->sha256, sizeof d.sha256);
    *strings += e->path.n + 1;
    if (e->kind == 'l') {
        d.link = htole32((uint32_t)*strings);
        *strings += e->link.n + 1;
    }
    buf_add(b, (struct str){(const char *)&d, sizeof d});
}

static bool head_fill(struct disk_head *h, const struct entry *entries, uint32_t n, int64_t stamp, struct err *e)
{
    crypto_hash_sha256_state sha;
    uint64_t bytes = 0, strings = 0;
    memcpy(h->magic, magic, sizeof magic);
    crypto_hash_sha256_init(&sha);
    for (uint32_t i = 0; i < n; i++) {
        const struct entry *x = &entries[i];
        assert(path_sound(x->path));
        assert(x->kind != 'l' || (link_sound(x->link) && x->size == x->link.n && link_hashed(x)));
        assert((i == 0 || str_cmp(x[-1].path, x->path) < 0) && "one entry a path");
        strings += x->path.n + 1 + (x->kind == 'l' ? x->link.n + 1 : 0);
        bytes += x->kind == 'f' ? x->size : 0;
        tree_add(&sha, x);
    }
    if (n > ENTRIES_MAX || strings > UINT32_MAX)
        return err_set(e, ERR_LIMIT, "a release holds at most %d files and directories", ENTRIES_MAX);
    crypto_hash_sha256_final(&sha, h->tree);
    h->entries = htole32(n);
    h->strings = htole32((uint32_t)strings);
    h->bytes = htole64(bytes);
    h->stamp = (int64_t)htole64((uint64_t)stamp);
    return true;
}

bool manifest_write(const char *path, struct entry *entries, uint32_t n, int64_t stamp, unsigned char tree[32],
                    struct err *e)
{
    struct disk_head h = {0};
    OWN_BUF struct buf b = buf_make(SIZE_MAX / 4);      // its true bounds: ENTRIES_MAX and 32 bits of strings
    size_t strings = 0;
    if (n)
        qsort(entries, n, sizeof *entries, by_path);
    if (!head_fill(&h, entries, n, stamp, e))
        return false;
    buf_add(&b, (struct str){(const char *)&h, sizeof h});
    for (uint32_t i = 0; i < n; i++)
        add_entry(&b, &entries[i], &strings);
    for (uint32_t i = 0; i < n; i++) {
        add_string(&b, entries[i].path);
        if (entries[i].kind == 'l')
            add_string(&b, entries[i].link);
    }
    memcpy(tree, h.tree, sizeof h.tree);
    return file_write(path, buf_str(&b), 0644, e);
}
