// question.h: the inside of a session: session.c hears and answers a question, period.c finds out which time it is
// about, tables.c makes what it may name, statement.c what is run.
#pragma once
#include "log/ask.h"
#include "log/view.h"
#include "sql/session.h"

struct question {
    struct session *s;
    struct arena *a;
    struct ask_job job;                 // its query with $name where {{name}} was
    struct params open;                 // with their values
    int64_t *moments;                   // of those that are days (since 1970) or times (microseconds)
    struct strs names, view_names;      // datasets and their views
    struct strs used;                   // views that it names
    struct strs tables, columns;        // for suggestions
    struct view *views;
    size_t views_n;
    struct range range;
    const char *note;                   // what the person should know of the range
    bool reads_lake;
    bool deed;                          // no question (test builds only): it is done, and there are no rows
    int64_t began;
    struct str wrapped;                 // what is run
    size_t shift;                       // bytes of it before the question
};

// Columns of the answer.
struct shape { struct ask_column *at; size_t n; };

// session.c
void question_send(struct question *q, enum ask_type type, struct str payload);

// param.c: what the question leaves open gets its values. Before anything else looks at the query.
bool question_params(struct question *q, struct err *e) MUST_USE;
bool question_bind(const struct question *q, duckdb_prepared_statement p, struct err *e) MUST_USE;
// In the tree of json_serialize_sql: values in the place of parameters, for whoever only reads it.
void question_params_shown(const struct question *q, json_t *ast);

// period.c
// A day (since 1970) or a moment (microseconds) as people write it: 2026-11-20, today, yesterday; '2026-11-20 14:30'.
bool question_day(struct question *q, const char *name, struct str text, int64_t *out, struct err *e) MUST_USE;
bool question_time(struct question *q, const char *name, struct str text, int64_t *out, struct err *e) MUST_USE;
// into q->range, with q->note, q->used and q->reads_lake
bool question_range(struct question *q, struct err *e) MUST_USE;

// tables.c
void question_names(struct question *q);                    // of datasets, for suggestions too
// What the store knows: releases, and the names of pages. *pages: there are some.
bool question_known(struct question *q, struct str setup, bool *pages, struct err *e) MUST_USE;
// A view for each dataset that it names, under a lease that lasts as long as the process.
bool question_views(struct question *q, struct err *e) MUST_USE;
// Rows of the largest chosen file teach page(), so that a page has one name from the first row on.
bool question_learn(struct question *q, const struct view *v, struct err *e) MUST_USE;
// When no file of the time that it is about has a line: which days have some, into q->note.
void question_no_lines(struct question *q);
bool question_narrow(struct question *q, struct err *e) MUST_USE;       // other datasets cannot be opened any more

// statement.c
// Prepares it as typed, for its errors and columns, then as it is run. The columns are sent.
bool question_prepare(struct question *q, duckdb_prepared_statement *p, struct shape *shape, struct err *e) MUST_USE;
// What the engine said, in people's words; always false. shift: bytes of the statement before the question.
bool question_told(struct question *q, const char *said, size_t shift, struct err *e);
