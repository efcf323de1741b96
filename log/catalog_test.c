// catalog_test.c: what was written is what is read, and nothing leads out of the lake.
#include "base/file.h"
#include "base/test.h"
#include "log/catalog.h"
#include <string.h>

static struct catalog sample(struct arena *a)
{
    struct catalog m = {.generation = 7, .done = (UINT64_C(42) << 26) + 64, .schema = schema_make()};
    schema_add(&m.schema, S("status"));
    schema_add(&m.schema, S("x_trace"));
    struct lake_file sealed = {.path = S("dt=2018-02-15/hour=11/log-0001.parquet"), .state = FILE_SEALED,
                               .hour = 421739, .rows = 4000000, .bytes = 50000000, .low_us = 1518661133000000,
                               .high_us = 1518664733000000, .schema = 4, .crc = 0xfedcba98};
    vec_push(a, &sealed.column_bytes, 100);
    vec_push(a, &sealed.column_bytes, 200);
    vec_push(a, &m.files, sealed);
    vec_push(a, &m.files, ((struct lake_file){.path = S("live/dt=2018-02-15/hour=12/h-1.parquet"), .hour = 421740,
                                              .rows = 1, .bytes = 900, .schema = 5}));
    catalog_touch(a, &m, 421739);
    return m;
}

TEST(a_manifest_is_read_as_it_was_written)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct err e;
    struct catalog m = sample(&a), got;
    const char *path = str_zf(&a, "%s/manifest", test_dir());
    CHECK(catalog_write(&a, path, &m, true, &e));
    CHECK(catalog_read(&a, path, &got, &e));
    CHECK_INT(got.generation, 7);
    CHECK_INT(got.done, (UINT64_C(42) << 26) + 64);
    CHECK_INT(got.schema.n, 5);
    CHECK(got.schema.at[3].type == COLUMN_INT32 && got.schema.at[4].type == COLUMN_TEXT);
    CHECK_INT(got.files.n, 2);
    const struct lake_file *hot = &got.files.at[0], *sealed = &got.files.at[1];
    CHECK(hot->state == FILE_HOT && hot->rows == 1 && hot->schema == 5);
    CHECK(sealed->state == FILE_SEALED && sealed->crc == 0xfedcba98 && sealed->high_us == 1518664733000000);
    CHECK(sealed->column_bytes.n == 2 && sealed->column_bytes.at[1] == 200);
    CHECK_STR(sealed->path, S("dt=2018-02-15/hour=11/log-0001.parquet"));
}

TEST(a_month_is_written_only_when_it_changed)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct err e;
    struct catalog m = sample(&a), got;
    const char *path = str_zf(&a, "%s/manifest", test_dir());
    CHECK(catalog_write(&a, path, &m, false, &e));
    CHECK_STR(m.months.at[0].name, S("months/2018-02.g7.json"));
    m.generation = 8;
    CHECK(catalog_write(&a, path, &m, false, &e));
    CHECK_STR(m.months.at[0].name, S("months/2018-02.g7.json"));
    catalog_touch(&a, &m, 421739);
    CHECK(catalog_write(&a, path, &m, false, &e));
    CHECK_STR(m.months.at[0].name, S("months/2018-02.g8.json"));
    CHECK(catalog_read(&a, path, &got, &e) && got.files.n == 2);
}

TEST(damaged_manifests_are_refused_with_their_place)
{
    static const char *const bad[] = {
        "", "{", "[]", "{}", "{\"version\":1,\"generation\":1,\"done\":0,\"schema\":[],\"months\":[],\"files\":[]}",
        "{\"generation\":1,\"done\":0,\"schema\":[{\"name\":\"time\",\"type\":0},{\"name\":\"time\",\"type\":0},"
        "{\"name\":\"x\",\"type\":4}],\"months\":[],\"files\":[]}",
        "{\"generation\":1,\"done\":0,\"schema\":[{\"name\":\"time\",\"type\":0},{\"name\":\"server\",\"type\":4},"
        "{\"name\":\"extra\",\"type\":4}],\"months\":[{\"number\":1,\"name\":\"../../etc/passwd\"}],\"files\":[]}",
        "{\"generation\":1,\"done\":0,\"schema\":[{\"name\":\"time\",\"type\":0},{\"name\":\"server\",\"type\":4},"
        "{\"name\":\"extra\",\"type\":4}],\"months\":[],\"files\":[{\"path\":\"/etc/passwd\",\"state\":0,\"hour\":1,"
        "\"rows\":1,\"bytes\":1,\"low_us\":1,\"high_us\":1,\"schema\":3,\"crc\":0,\"columns\":[]}]}",
    };
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct err e;
    struct catalog m;
    const char *path = str_zf(&a, "%s/manifest", test_dir());
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        CHECK(file_write(path, str_z(bad[i]), 0600, &e));
        CHECK(!catalog_read(&a, path, &m, &e));
        CHECK(e.kind == ERR_CHECK && strstr(e.text, path));
    }
    CHECK(!catalog_read(&a, str_zf(&a, "%s/none", test_dir()), &m, &e) && e.kind == ERR_NOT_FOUND);
}

TEST(hours_have_their_directories)
{
    char dir[HOUR_DIR_MAX];
    CHECK_STR(str_z(hour_dir(421739, dir)), S("dt=2018-02-10/hour=11"));
    CHECK_INT(hour_month(421739), 48 * 12 + 1);
}
