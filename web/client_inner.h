// client_inner.h: what answers that are whole (client.c) and answers that are read as they come (flow.c) have in common.
#pragma once
#include "web/client.h"
#include "web/far.h"

struct wish {               // one request
    const char *data, *method, *path, *match;
    struct str body;
};

// To the house's socket, or to another machine.
bool client_connect(struct arena *a, const char *data, int64_t until, struct far *out, struct err *e) MUST_USE;
// The request as it is sent: with the token where it goes far, with a key where it is no GET.
bool client_text(struct arena *a, struct buf *b, const struct wish *w, struct err *e) MUST_USE;
// An error object as the error that the handler told; always false.
bool client_refused(struct str body, int status, struct err *e);
