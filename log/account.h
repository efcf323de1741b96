// account.h: the ledgers of a dataset added up: each stream's ranges, and the files that should be there.
//
//     struct account acc = {.arena = a, .done = catalog.done, .to_us = INT64_MAX};
//     if (!account_read(&acc, "LAKE/access", e))
//     acc.streams, acc.files, acc.findings
//
// The ledger's format: ledger.h. What is wrong in it is a finding, never a reason to stop.
#pragma once
#include "base/base.h"

enum finding_kind { FOUND_LOST, FOUND_DOUBLED, FOUND_UNPROVEN };
struct acceptance;
// host: "" when it is the lake's. stream: 0 then; else the place in it, from == to where nobody knows how many bytes.
// accepted: NULL while it is open.
struct finding {
    enum finding_kind kind;
    struct str host, text;
    uint64_t stream, from, to;
    const struct acceptance *accepted;
};

struct account_stream {
    uint64_t id, to;                    // to: committed up to here
    struct str host, path;
    int64_t lines, rows, bad, blank;
    int64_t waiting;                    // bytes that the server has and no commit yet
    bool imported, told;                // told: the server knows it
    bool seen;                          // some of it was committed in the asked time
    uint64_t size;                      // when it ended: of the file
    int why;                            // enum done_why; 0: it lives
};

struct account_file { struct str path; int64_t rows; bool gone; int made_by, gone_by; };    // seals; 0: none

struct account {
    struct arena *arena;
    uint64_t done;                      // commits beyond are still on their way
    uint64_t generation, bad_generation;        // of the catalogs: the same for changes
    int64_t from_us, to_us;             // the asked time
    VEC(struct account_stream *) streams;
    VEC(struct account_file *) files;   // of rows
    VEC(struct finding) findings;
    int64_t commits, rows, bad;
    int seals;
    int64_t dropped, dropped_bad;       // rows that became too old
    uint64_t end;                       // `to` of the last commit
    struct map by_id, by_path;
};

// table_dir: LAKE/access; also reads LAKE/access_bad, for what became too old there. False: it cannot be read at all.
bool account_read(struct account *acc, const char *table_dir, struct err *e) MUST_USE;
void account_find(struct account *acc, enum finding_kind kind, struct str host, const char *format, ...) PRINTF(4, 5);
// The same at a place of a stream.
void account_find_at(struct account *acc, enum finding_kind kind, const struct account_stream *s, uint64_t from,
                     uint64_t to, const char *format, ...) PRINTF(6, 7);
const char *grouped_number(struct arena *a, int64_t n);         // 1,402,112,004
