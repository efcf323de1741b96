// client.h: the command line's side of the API: one request over DIR/run/web.sock, one answer. Where the data directory
// would be may stand https://HOST[:PORT] (or http): then it is asked there, with the token of RUSUBAN_TOKEN or of
// ~/.config/rusuban/token, which nobody else may be able to read.
//
//     struct answer r;
//     if (!api_ask(c->arena, c->data, "POST", "/api/v1/releases", body, &r, e))
//         return false;               // nobody answers: ERR_PEER with the hint `rusuban serve`; no right to the
//                                     // socket: ERR_DENIED that says whose it is; or the API's own error
//     (api_json parses it: OWN_JSON *root = NULL;)
//
// An error object of the API comes back as the same kind, text and hint that the handler set. POSTs carry an
// Idempotency-Key of their own and are tried again once with the same key when the connection broke. Limits: 30 s
// (ERR_LATE), 16 MiB of answer (ERR_LIMIT); the arena must have room for twice the answer.
#pragma once
#include "base/base.h"
#include "base/jansson.h"
#include "web/answer.h"

// false with a filled *out (status, body) when the API answered with an error.
bool api_ask(struct arena *a, const char *data_dir, const char *method, const char *path, struct str body,
             struct answer *out, struct err *e) MUST_USE;
// The same with an If-Match ("\"r3\""), for what changes something that others may have changed meanwhile.
bool api_change(struct arena *a, const char *data_dir, const char *method, const char *path, const char *match,
                struct str body, struct answer *out, struct err *e) MUST_USE;
// The same and parsed; caller json_decref()s.
bool api_json(struct arena *a, const char *data_dir, const char *method, const char *path, struct str body,
              json_t **out, struct err *e) MUST_USE;

