// import.h: a file of old lines goes to the log server as an agent would send it: whole lines, every byte once.
//
// Who a file is, is told by its bytes: the first 256, and the 256 before the place up to which it is durable. So an
// import that was killed goes on where it was, and a file that was imported before, or shipped by an agent, is told,
// whatever it is called now and however it is compressed.
//
//     struct import *im = import_open(&spec, e);
//     struct import_told told;
//     if (import_file(im, "old/access.log.3.gz", &told, e)) ...
//     import_settle(im, e);                           // until SQL sees it
//     import_close(im);
#pragma once
#include "log/clear.h"
#include "log/convert.h"
#include "log/wire.h"

struct import_spec {
    const char *data;
    struct str dataset, host;
    const char *format;                 // NULL: told by the first lines
    bool again;                         // though it was imported before
    void (*progress)(void *arg, const char *file, uint64_t bytes);      // of the file as it is; often; may be NULL
    void (*format_told)(void *arg, const char *file, enum log_format f, enum clear_kind packed);    // may be NULL
    void *arg;
};

struct import_sum {
    uint64_t files, clear_bytes, lines, rows, bad, blank, hours;
    int32_t first_hour, last_hour;      // of the rows, if there are any, in the zone of the process
};

// What became of a file.
enum import_fate { IMPORT_ALL, IMPORT_RESUMED, IMPORT_KNOWN, IMPORT_SHIPPED, IMPORT_EMPTY };
struct import_told {
    enum import_fate fate;
    uint64_t from;                      // IMPORT_RESUMED: the byte where it went on
    uint64_t bad, first_bad;            // lines that could not be read; which line of those that came is the first
    int64_t at_us;                      // IMPORT_KNOWN, IMPORT_SHIPPED: when
};

struct import;
// ERR_PEER: the log server does not run; ERR_STATE: another import does.
struct import *import_open(const struct import_spec *spec, struct err *e);
void import_close(struct import *im);
// path "-": standard input, which cannot be resumed. Returns when all of it is durable.
bool import_file(struct import *im, const char *path, struct import_told *out, struct err *e) MUST_USE;
// Waits, some seconds at most, until SQL sees what was imported.
bool import_settle(struct import *im, struct err *e) MUST_USE;
const struct import_sum *import_sum(const struct import *im);
