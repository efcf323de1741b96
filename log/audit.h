// audit.h: proves that every byte became a row, a bad line or a blank one, from what lies on disk: ledger, catalog and
// files, and from what the log server knows of streams.
//
//     struct audit a;
//     if (!audit_run(arena, &spec, &a, e))        // something could not be read at all
//     a.findings.n == 0                           // proven; findings that a person accepted say so
//
// Not the log server's word but the sums are believed: ranges of a stream touch; a finished file was read to its size;
// lines are rows, bad and blank ones; rows of the ledger are rows of the catalog; every file is there with its sum.
#pragma once
#include "base/jansson.h"
#include "log/account.h"

struct audit_host {
    struct str name;
    int64_t files, living, bytes, lines, rows, bad, blank, waiting;
    size_t findings, accepted;          // open ones; those that a person accepted (accepted.h)
};

struct audit_spec {
    const char *lake;
    struct str dataset;
    int64_t from_us, to_us;             // only what was committed, and files whose hours are, in this time
    bool deep;                          // pages of files, too
    // Array of streams as the server tells them; called after the ledger was read. NULL: nobody to ask.
    json_t *(*streams)(void *arg, struct err *e);
    void (*progress)(void *arg, int64_t bytes);
    void *arg;
};

struct audit {
    VEC(struct finding) findings;
    VEC(struct audit_host) hosts;
    int64_t commits, files, file_bytes, rows, pages;
};

bool audit_run(struct arena *a, const struct audit_spec *spec, struct audit *out, struct err *e) MUST_USE;
