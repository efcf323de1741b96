// parquet_read_test.c: what our writer writes is whole, and each changed byte of it is seen.
#include "base/test.h"
#include "log/parquet_read.h"
#include "log/sheet.h"
#include <stdlib.h>
#include <string.h>

static struct sheet *sheet;

static void on_batch(void *arg, const struct batch *b)
{
    (void)arg;
    sheet_add(sheet, S("app1"), b, 0, b->rows);
}

// A file of n rows, malloc'ed.
static struct str written(int n)
{
    OWN_BUF struct buf b = buf_make(64 << 20);
    struct schema schema = schema_make();
    struct sheet_part part;
    struct err e;
    buf_addn(&b, '\n', LTSV_SLACK);
    for (int i = 0; i < n; i++)
        buf_addf(&b, "time:2018-02-15T11:%02d:%02d+09:00\turi:/works/%d\tstatus:"
        "%d\n", i / 60 % 60, i % 60, i * 7919, 200 + i % 7);
    size_t end = b.n;
    buf_addn(&b, 0, LTSV_SLACK);
    sheet = sheet_new(&schema, 1, 64 << 20);
    struct ltsv *l = ltsv_new(&schema, on_batch, NULL);
    ltsv_read(l, b.p + LTSV_SLACK, end - LTSV_SLACK);
    CHECK(sheet_file(sheet, NULL, 0, &part, &e));
    char *copy = malloc(part.file.n);
    memcpy(copy, part.file.p, part.file.n);
    struct str file = {copy, part.file.n};
    ltsv_free(l);
    sheet_free(sheet);
    return file;
}

TEST(files_of_ours_are_whole)
{
    static const int sizes[] = {1, 20479, 20481, 130000};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct str file = written(sizes[i]);
        struct parquet_told told = {0};
        struct err e = {0};
        if (!parquet_check(file, &told, &e))
            test_failed(__FILE__, __LINE__, "%s", e.text);
        CHECK_INT(told.rows, sizes[i]);
        CHECK_INT(told.groups, (sizes[i] + GROUP_ROWS - 1) / GROUP_ROWS);
        CHECK(told.pages > 0 && told.summed == told.pages);
        free((char *)(uintptr_t)file.p);
    }
}

TEST(changed_bytes_of_pages_and_cut_files_are_seen)
{
    struct str file = written(3000);
    struct parquet_told told;
    struct err e = {0};
    char *p = (char *)(uintptr_t)file.p;
    uint32_t footer;
    memcpy(&footer, p + file.n - 8, 4);
    size_t pages_end = file.n - 8 - footer, missed = 0, tried = 0;
    for (size_t i = 4; i < pages_end; i += 37, tried++) {
        p[i] ^= 64;
        bool ok = parquet_check(file, &told, &e);
        missed += ok;
        CHECK(ok || (e.kind == ERR_CHECK && strstr(e.text, "damaged at byte")));
        p[i] ^= 64;
    }
    CHECK(missed * 20 < tried);         // bytes of a page's header that say nothing we compare
    for (size_t n = 0; n < file.n; n += 101)
        CHECK(!parquet_check(str_head(file, n), &told, &e));
    free(p);
}
