// ask.h: what passes between somebody who asks (rusuban log sql, the web role) and rusuban-sql.
//
// One connection is one question. The asker sends a job; the other side says that it heard it, may send notes for the person, then an estimate
// (and waits for ASK_GO when it is above the job's confirm_over), then columns and rows, then the end; or at any moment
// that it failed. Hanging up is how a question is cancelled: the process that works on it is killed.
//
// A frame is u32 length of the payload, u8 type, u8[3] 0, and the payload, little-endian.
//
//     ask_put(&b, ASK_JOB, json);
//     size_t n = ask_cut(text, &f, e);        // 0: not whole yet; SIZE_MAX: *e says why the connection must end
#pragma once
#include "log/bytes.h"
#include "log/param.h"

enum {
    ASK_HEAD = 8,
    ASK_JOB_MAX = 1 << 20,              // bytes of a job
    ASK_MAX = 16 << 20,                 // of any payload; a row must fit
    ASK_COLUMNS_MAX = 1000,
};
#define ASK_NULL UINT32_MAX             // as length of a value
#define ASK_NO_LINES "no line is of that time; "

enum ask_type {
    ASK_JOB = 1,    // >  JSON, struct ask_job
    ASK_GO,         // >  do it, large as it is
    ASK_NOTE,       // <  a sentence; one that begins with ASK_NO_LINES goes on with the days that have lines
    ASK_ESTIMATE,   // <  u64 bytes, u64 files, u64 of so many, u8 will wait for ASK_GO
    ASK_COLUMNS,    // <  u16 n, and of each u8 kind, text name
    ASK_ROWS,       // <  u32 n; each value u32 length or ASK_NULL, bytes
    ASK_END,        // <  u64 rows, u8 there are more, u64 bytes read, u64 ms
    ASK_FAIL,       // <  u8 kind of error, text, text hint
    ASK_SETUP,      // inside rusuban-sql: what the store knows
    ASK_HEARD,      // <  the question came and waits for its turn
    ASK_TYPES,
};

enum ask_kind { ASK_TEXT, ASK_WHOLE, ASK_NUMBER, ASK_BOOL, ASK_JSON, ASK_TIME, ASK_KINDS };

struct ask_job {
    struct str query;
    struct str day, from, to;           // as typed; empty when not given
    bool all;
    bool utc;                           // moments as programs read them, RFC 3339 in UTC, else in the site's zone
    int64_t limit;                      // rows; 0 = none
    int64_t confirm_over;               // bytes
    struct params params;               // values of what the query leaves open
    struct str person;                  // who asks; believed of the house's own user and root
};

struct ask_frame { enum ask_type type; struct str payload; };
struct ask_column { enum ask_kind kind; struct str name; };
struct ask_estimate { uint64_t bytes, files, of; bool waits; };
struct ask_end { uint64_t rows, bytes, ms; bool more; };

void ask_put(struct buf *b, enum ask_type type, struct str payload);
void ask_head_put(char head[ASK_HEAD], enum ask_type type, size_t n);
// The payload's length, or SIZE_MAX: this is no head of a frame.
size_t ask_head_read(const char head[ASK_HEAD], enum ask_type *type);
size_t ask_cut(struct str text, struct ask_frame *out, struct err *e) MUST_USE;

void ask_job_put(struct buf *b, const struct ask_job *j);
bool ask_job_read(struct arena *a, struct str payload, struct ask_job *j, struct err *e) MUST_USE;
void ask_estimate_put(struct buf *b, const struct ask_estimate *m);
bool ask_estimate_read(struct str payload, struct ask_estimate *m);
void ask_end_put(struct buf *b, const struct ask_end *m);
bool ask_end_read(struct str payload, struct ask_end *m);
void ask_fail_put(struct buf *b, const struct err *e);
bool ask_fail_read(struct str payload, struct err *e);      // false: it is damaged
// Borrowed from the payload.
bool ask_columns_read(struct arena *a, struct str payload, struct ask_column **out, size_t *n);
