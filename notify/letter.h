// letter.h: one notice made ready: the child process that carries it to its notifier.
#pragma once
#include "base/child.h"
#include "notify/due.h"
#include "site/site.h"

// Fills *spec; everything it borrows is in the arena. Fails when the notifier or its secret is not there.
bool letter_make(struct arena *a, const struct notice *n, const struct site *site, struct db *db, const char *data,
                 struct child_spec *spec, struct err *e) MUST_USE;
// What `curl --config -` reads: url, headers and body. signature may be empty.
bool letter_curl(struct buf *b, const struct notice *n, struct str url, struct str signature, struct err *e) MUST_USE;
// "sha256=" and the HMAC-SHA256 of the body in hex.
struct str letter_signature(struct arena *a, struct str secret, struct str body);
