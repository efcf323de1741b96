// asking.h: asks rusuban-sql a question and shows the answer: what `rusuban log sql`, top, page and user have in
// common.
//
//     struct asking a = {.call = c, .style = RENDER_TABLE, .job = {.query = sql, .limit = 10000}};
//     if (!asking_run(&a, e)) ...
//
// The house's socket is asked when there is one, else a rusuban-sql of our own that lives as long as the question.
#pragma once
#include "base/command.h"
#include "log/render.h"

enum { TABLE_ROWS = 10000 };
int64_t ask_before(void);           // bytes above which a person is asked first: 2 GB

struct asking {
    struct call *call;
    enum render_style style;
    struct ask_job job;
    const char *part;           // of several answers: what each object of JSON is called
    bool yes;                   // large as it may be
    bool silent;                // no talk about bytes and seconds
    bool mute;                  // no answer either: only how many rows there are
    uint64_t rows;              // out
    const char *no_lines;       // out: "lines are of 2026-11-20": of the time that it is about there is none; or NULL
};

// What --csv, --exact and --json say.
bool asking_style(const struct call *c, enum render_style *out, struct err *e) MUST_USE;
bool asking_run(struct asking *a, struct err *e) MUST_USE;
// Where rusuban-sql is: beside this program, else found in PATH. ERR_PEER and the way out when it is nowhere.
bool sql_program(struct arena *a, const char **path, struct err *e) MUST_USE;
