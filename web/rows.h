// rows.h: an answer that another role gives: it is asked over its Unix socket without waiting, and what it says is passed
// on as fast as the client takes it.
//
// A handler of an R_ROWS route sets q->rows and returns true, with q->out empty. web/ connects, sends `ask`, and hands
// what comes to `take`, which makes of it what the client reads. The socket is read again only when that is on its way,
// so an answer of any size needs the memory of one piece. When the client leaves, the socket is closed: that is how the
// other role learns that nobody wants the rest.
//
//     struct row_source *s = NEW(q->arena, struct row_source);
//     *s = (struct row_source){.role = "sql", .socket = "sql.sock", .ask = frame, .form = ROWS_LINES, .hear_ms = 5000,
//                              .wait_ms = 60000, .take = take, .self = mine};
//     q->rows = s;
//
// Before `take` has written its first byte a failure is an error object with its status, as everywhere. Behind it a
// failure is the last line of ROWS_LINES, {"error": {...}}; ROWS_CSV ends without its last chunk, which every client
// sees. A role that is not there, or silent for longer than it may be, is `unreachable`, 503.
//
// Everything lives in the request's arena. The site (q->site) is gone by the time that `take` runs: copy before.
#pragma once
#include "web/web.h"

enum rows_form {
    ROWS_OBJECT,            // one JSON object: nothing is sent before ROWS_DONE
    ROWS_LINES,             // application/x-ndjson
    ROWS_CSV,               // text/csv
};
enum rows_step { ROWS_MORE, ROWS_DONE, ROWS_FAILED };

struct row_source {
    const char *role;               // who is asked, for people
    const char *socket;             // below DATA/run
    struct str ask;                 // bytes that are sent first
    enum rows_form form;
    int64_t hear_ms, wait_ms;       // for the first byte; for any other
    size_t piece_max;               // of what came, `take` may leave so much unused
    // in: what came and was not used yet. *used of it are done with; what the client shall read goes to q->out.
    // ROWS_FAILED: *e says why.
    enum rows_step (*take)(struct ask *q, void *self, struct str in, size_t *used, struct err *e);
    // What the audit log hears when it is over, as JSON; not for R_QUIET rows. NULL: nothing.
    struct str (*told)(struct ask *q, void *self);
    void *self;
};
