// catalog.h: which files a dataset consists of at this moment, and where they are.
//
// The log server writes it, everybody who asks reads it: a reader takes one manifest and opens exactly its files, never
// a glob, so every row is met once while files are merged beneath it. Two copies: `manifest` is renamed into place
// whenever rows become visible, `manifest.durable` only when the files it names are flushed; recovery trusts that one.
//
//     LAKE/NAME/manifest, manifest.durable                        JSON, one object; names the month files
//     LAKE/NAME/months/2018-02.g812.json                          the sealed files of a month
//     LAKE/NAME/live/dt=2018-02-15/hour=11/h-....parquet          hot: until the next commit
//     LAKE/NAME/live/dt=2018-02-15/hour=11/m-....parquet          committed: until its hour is sealed
//     LAKE/NAME/dt=2018-02-15/hour=11/log-0001.parquet            sealed: never changes
//     LAKE/NAME_bad/...                                           the same for lines that could not be read
//
//     struct catalog m;
//     if (!catalog_read(a, str_zf(a, "%s/access/manifest", lake), &m, e))   // ERR_NOT_FOUND: nothing was ever written
//     for (size_t i = 0; i < m.files.n; i++) ... m.files.at[i].path
#pragma once
#include "log/label.h"

enum file_state { FILE_HOT, FILE_COMMITTED, FILE_SEALED };

struct lake_file {
    struct str path;                    // below LAKE/NAME
    enum file_state state;
    int32_t hour;                       // hours since 1970 in the site's zone: what dt= and hour= say
    int64_t rows, bytes;
    int64_t low_us, high_us;            // of `time`
    int schema;                         // columns that it has: the first so many of the manifest's schema
    VEC(int64_t) column_bytes;          // compressed, column by column of the schema
    uint32_t crc;                       // crc32c of the whole file; 0: not known (hot)
};

struct month {
    int32_t number;                     // years since 1970 * 12 + month
    struct str name;                    // below LAKE/NAME; "" until it is written
    bool stale;                         // its files changed since: catalog_write writes a new one
};

struct catalog {
    uint64_t generation;                // the writer counts it up with every change of either copy
    uint64_t done;                      // LSN: every record before it is in these files
    struct schema schema;
    VEC(struct lake_file) files;        // by hour, then by state
    VEC(struct month) months;
};

// ERR_NOT_FOUND: there is none. ERR_CHECK: it is damaged, and where.
bool catalog_read(struct arena *a, const char *path, struct catalog *out, struct err *e) MUST_USE;
// Writes stale months (flushed), then renames it into place; durable: after fsync of file and directory.
bool catalog_write(struct arena *a, const char *path, struct catalog *m, bool durable, struct err *e) MUST_USE;
// The month of that hour will be written anew.
void catalog_touch(struct arena *a, struct catalog *m, int32_t hour);
// "dt=2018-02-15/hour=11"; the hour in the site's zone.
#define HOUR_DIR_MAX 32
const char *hour_dir(int32_t hour, char out[HOUR_DIR_MAX]);
int32_t hour_month(int32_t hour);
