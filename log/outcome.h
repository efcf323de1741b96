// outcome.h: what rusuban-sql says about a question, frame by frame, made into what the API answers.
//
//     struct outcome o = {.arena = a, .form = OUTCOME_LINES};
//     switch (outcome_take(&o, came, &used, out, e)) ...
//
// As lines: {"columns": [{"name", "type"}], "note", "estimate"}, one array a row, {"done": {...}}. As CSV: names and rows
// as `rusuban log sql --csv` writes them, or with --exact. As an estimate: one object, and the question is not carried out.
#pragma once
#include "log/values.h"

enum outcome_form { OUTCOME_LINES, OUTCOME_CSV, OUTCOME_EXACT, OUTCOME_ESTIMATE };
enum outcome_step { OUTCOME_MORE, OUTCOME_DONE, OUTCOME_FAILED };

enum { OUTCOME_FRAME = 2 << 20 };       // bytes of a frame, so of a row; the web role holds no more of an answer

struct outcome {
    struct arena *arena;
    enum outcome_form form;
    struct ask_column *columns;
    size_t n;
    struct str note;                    // what the person should know of the range
    struct ask_estimate estimate;
    bool estimated, headed;
    uint64_t rows;                      // out: so many were passed on
    int line, col;                      // out, of a failure: where in the question; 0: not known
};

// Takes whole frames from the front of `came`; *used bytes are done with. After OUTCOME_FAILED *e says why, without a
// path of this machine.
enum outcome_step outcome_take(struct outcome *o, struct str came, size_t *used, struct buf *out, struct err *e);
