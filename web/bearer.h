// bearer.h: API tokens: "rsb_", 40 letters or digits by chance, 6 more that are a CRC-32 of what stands before, so that
// scanners of repositories find them and can tell a real one. Kept is only a hash; shown once, when it is made.
#pragma once
#include "web/web.h"

enum { BEARER_TEXT = 50, BEARER_DAYS = 90, BEARER_DAYS_MAX = 365 };

struct bearer_hash { unsigned char at[32]; };

// Sodium must have been started. out has room for BEARER_TEXT bytes and a NUL.
void bearer_make(char *out, struct bearer_hash *hash);
// false: it is no token, or was typed wrong; no need to look for it.
bool bearer_parse(struct str text, struct bearer_hash *hash);
// "Bearer rsb_..." of an Authorization header; empty when it is something else.
struct str bearer_of_header(struct str authorization);

// Who this token stands for, at this moment: never more than its owner may. ERR_SIGNED_OUT when unknown or over.
bool bearer_who(struct ask *q, struct str text, struct who *out, struct err *e) MUST_USE;
// What it stands for now. false with e->kind untouched: it is over.
bool bearer_standing(struct arena *a, struct db *db, int64_t id, enum standing *out, struct err *e) MUST_USE;
