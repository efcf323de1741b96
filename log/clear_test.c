// clear_test.c: the same clear text whatever it is packed in, and a cut or changed file says where it ends.
#include "base/fault.h"
#include "base/file.h"
#include "base/test.h"
#include "log/clear.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { ROOM = 1 << 20 };

static void add_gzip(struct buf *b, struct str clear)
{
    unsigned char out[64 << 10];
    z_stream z = {0};
    CHECK(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    z.next_in = (unsigned char *)(uintptr_t)clear.p;
    z.avail_in = (unsigned)clear.n;
    z.next_out = out;
    z.avail_out = sizeof out;
    CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
    buf_add(b, (struct str){(char *)out, sizeof out - z.avail_out});
    deflateEnd(&z);
}

static void add_zstd(struct buf *b, struct str clear)
{
    char out[64 << 10];
    ZSTD_CCtx *z = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);      // as the program zstd writes it
    size_t n = ZSTD_compress2(z, out, sizeof out, clear.p, clear.n);
    CHECK(!ZSTD_isError(n));
    buf_add(b, (struct str){out, n});
    ZSTD_freeCCtx(z);
}

static void add_plain(struct buf *b, struct str clear)
{
    buf_add(b, clear);
}

static void (*const adders[])(struct buf *, struct str) = {[CLEAR_PLAIN] = add_plain, [CLEAR_GZIP] = add_gzip,
                                                         [CLEAR_ZSTD] = add_zstd};

static const char *file_of(struct arena *a, struct str bytes)
{
    struct err e;
    const char *path = str_zf(a, "%s/access.log", test_dir());
    CHECK(file_write(path, bytes, 0600, &e));
    return path;
}

// Reads all in pieces of `step`; false: *e says why, and *out has what came before.
static bool read_all(const char *path, size_t step, uint64_t skip, struct buf *out, enum clear_kind *kind,
                     struct err *e)
{
    char piece[4096];
    size_t n = 1;
    struct clear *c = clear_open(path, e);
    buf_clear(out);
    if (!c)
        return false;
    *kind = clear_kind(c);
    bool ok = !skip || clear_skip(c, skip, e);
    while (ok && n && (ok = clear_read(c, piece, step, &n, e)))
        buf_add(out, (struct str){piece, n});
    CHECK(!ok || clear_at(c) == out->n + skip);
    clear_close(c);
    return ok;
}

static struct str some_lines(struct buf *b)
{
    for (int i = 0; i < 900; i++)
        buf_addf(b, "time:2018-02-15T11:38:%02d+09:00\turi:/works/%d\tstatus:200\n", i % 60, i * i);
    return buf_str(b);
}

TEST(plain_gzip_and_zstd_give_the_same_text_in_pieces_of_any_size)
{
    static const size_t steps[] = {1, 7, 1000, 4096};
    OWN_ARENA struct arena a = arena_make(ROOM);
    OWN_BUF struct buf clear = buf_make(ROOM), packed = buf_make(ROOM), got = buf_make(ROOM);
    struct str text = some_lines(&clear);
    struct err e = {0};
    for (enum clear_kind k = CLEAR_PLAIN; k <= CLEAR_ZSTD; k++) {
        enum clear_kind told;
        buf_clear(&packed);
        for (size_t at = 0; at < text.n; at += 20000)       // members and frames, an empty one among them
            adders[k](&packed, str_head(str_from(text, at), 20000)), adders[k](&packed, S(""));
        const char *path = file_of(&a, buf_str(&packed));
        for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
            CHECK(read_all(path, steps[i], 0, &got, &told, &e));
            CHECK(told == k && str_eq(buf_str(&got), text));
        }
        CHECK(read_all(path, 4096, 33333, &got, &told, &e));
        CHECK(str_eq(buf_str(&got), str_from(text, 33333)));
        CHECK(!read_all(path, 4096, text.n + 5, &got, &told, &e));
        CHECK(e.kind == ERR_INPUT && strstr(e.text, " 5 before"));
    }
}

TEST(a_cut_file_gives_what_is_there_and_says_after_which_byte_it_ends)
{
    OWN_ARENA struct arena a = arena_make(ROOM);
    OWN_BUF struct buf clear = buf_make(ROOM), packed = buf_make(ROOM), got = buf_make(ROOM);
    struct str text = some_lines(&clear);
    struct err e;
    for (enum clear_kind k = CLEAR_GZIP; k <= CLEAR_ZSTD; k++) {
        enum clear_kind told;
        buf_clear(&packed);
        adders[k](&packed, text);
        for (size_t n = 6; n < packed.n; n += 97) {
            const char *path = file_of(&a, str_head(buf_str(&packed), n));
            CHECK(!read_all(path, 4096, 0, &got, &told, &e));
            CHECK(e.kind == ERR_INPUT && strstr(e.text, "in the middle of a"));
            CHECK(strstr(e.text, str_zf(&a, "after clear byte %zu:", got.n)));
            CHECK(str_starts(text, buf_str(&got)));
        }
    }
}

TEST(a_frame_that_holds_less_than_it_says_is_damage_in_pieces_of_any_size)
{
    static const char frame[] = "\x28\xb5\x2f\xfd\x80\x34\2\1\0\0\1\0";       // 258 bytes, it says, and has none
    static const size_t steps[] = {1, 100, 4096};
    OWN_ARENA struct arena a = arena_make(ROOM);
    OWN_BUF struct buf got = buf_make(ROOM);
    const char *path = file_of(&a, (struct str){frame, sizeof frame});
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        enum clear_kind told;
        struct err e = {0};
        CHECK(!read_all(path, steps[i], 0, &got, &told, &e) && e.kind == ERR_INPUT && got.n == 0);
    }
}

TEST(a_changed_bit_is_damage_and_never_a_crash)
{
    OWN_ARENA struct arena a = arena_make(ROOM << 2);
    OWN_BUF struct buf clear = buf_make(ROOM), packed = buf_make(ROOM), got = buf_make(ROOM);
    struct str text = some_lines(&clear);
    struct err e;
    for (enum clear_kind k = CLEAR_GZIP; k <= CLEAR_ZSTD; k++) {
        enum clear_kind told;
        buf_clear(&packed);
        adders[k](&packed, text);
        for (size_t i = 12; i < packed.n; i += 61) {
            packed.p[i] ^= 16;
            bool ok = read_all(file_of(&a, buf_str(&packed)), 4096, 0, &got, &told, &e);
            CHECK(!ok && e.kind == ERR_INPUT && strstr(e.text, "damaged after clear byte"));
            packed.p[i] ^= 16;
        }
    }
}

TEST(small_and_odd_files)
{
    static const struct { const char *bytes; size_t n; bool ok; enum clear_kind kind; } rows[] = {
        {"", 0, true, CLEAR_PLAIN}, {"\x1f", 1, true, CLEAR_PLAIN}, {"abc\n", 4, true, CLEAR_PLAIN},
        {"\x28\xb5\x2f", 3, true, CLEAR_PLAIN}, {"\x1f\x8b", 2, false, CLEAR_GZIP},
        {"\x28\xb5\x2f\xfd", 4, false, CLEAR_ZSTD}, {"\x1f\x8bzzzzzzzzzz", 12, false, CLEAR_GZIP},
        {"\x50\x2a\x4d\x18\4\0\0\0abcd", 12, true, CLEAR_ZSTD},
    };
    OWN_ARENA struct arena a = arena_make(ROOM);
    OWN_BUF struct buf got = buf_make(ROOM);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e;
        enum clear_kind kind;
        CHECK_INT(read_all(file_of(&a, (struct str){rows[i].bytes, rows[i].n}), 4096, 0, &got, &kind, &e), rows[i].ok);
        CHECK_INT(kind, rows[i].kind);
    }
}

TEST(what_another_program_packed_is_told_by_its_name)
{
    static const struct { const char *bytes; size_t n; const char *by, *way; } rows[] = {
        {"\xfd" "7zXZ\0\0\4abcdef", 14, "is packed by xz", "xz -dc FILE | rusuban log import -"},
        {"BZh61AY&SYabc", 13, "is packed by bzip2", "bzip2 -dc FILE"},
        {"PK\3\4abcdef", 10, "is packed by zip", "unpack it"},
    };
    OWN_ARENA struct arena a = arena_make(ROOM);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e = {0};
        CHECK(!clear_open(file_of(&a, (struct str){rows[i].bytes, rows[i].n}), &e) && e.kind == ERR_INPUT);
        CHECK(strstr(e.text, rows[i].by) && strstr(e.hint, rows[i].way));
    }
}

TEST(zeros_behind_a_member_are_padding_and_anything_else_is_damage)
{
    OWN_ARENA struct arena a = arena_make(ROOM);
    OWN_BUF struct buf packed = buf_make(ROOM), got = buf_make(ROOM);
    enum clear_kind kind;
    struct err e;
    add_gzip(&packed, S("one\n"));
    buf_addn(&packed, 0, 512);
    CHECK(read_all(file_of(&a, buf_str(&packed)), 100, 0, &got, &kind, &e));
    CHECK_STR(buf_str(&got), S("one\n"));
    buf_addz(&packed, "x");
    CHECK(!read_all(file_of(&a, buf_str(&packed)), 100, 0, &got, &kind, &e));
    CHECK(strstr(e.text, "after clear byte 4: what follows"));
}

TEST(what_cannot_be_opened_or_read_says_so)
{
    OWN_ARENA struct arena a = arena_make(ROOM);
    struct err e;
    char piece[64];
    size_t n;
    CHECK(!clear_open(str_zf(&a, "%s/none", test_dir()), &e) && e.kind == ERR_NOT_FOUND);
    CHECK(!clear_open(test_dir(), &e) && e.kind == ERR_INPUT && strstr(e.text, "directory"));
    struct clear *c = clear_open(file_of(&a, S("one\ntwo\nthree\n")), &e);
    CHECK(c && clear_read(c, piece, 4, &n, &e) && n == 4);
    CHECK(clear_read(c, piece, sizeof piece, &n, &e) && n == 10);
#ifdef RUSUBAN_FAULTS
    fault_set(FAULT_FILE, 1);
    CHECK(!clear_read(c, piece, sizeof piece, &n, &e) && e.kind == ERR_IO);
    fault_set(FAULT_FILE, 0);
    CHECK(!clear_read(c, piece, sizeof piece, &n, &e) && e.kind == ERR_IO);
#endif
    clear_close(c);
}

TEST(a_pipe_is_read_as_a_file_is)
{
    OWN_BUF struct buf packed = buf_make(ROOM);
    struct err e;
    char piece[64];
    size_t n = 0;
    int ends[2];
    CHECK(pipe2(ends, O_CLOEXEC) == 0);
    add_gzip(&packed, S("through a pipe\n"));
    CHECK(fd_write_all(ends[1], buf_str(&packed), &e));
    close(ends[1]);
    struct clear *c = clear_of(ends[0], "standard input", &e);
    CHECK(c && clear_skip(c, 8, &e) && clear_read(c, piece, sizeof piece, &n, &e));
    CHECK_STR(((struct str){piece, n}), S("a pipe\n"));
    clear_close(c);
}
