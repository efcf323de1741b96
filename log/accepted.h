// accepted.h: losses that a person has looked at and can live with, so that audit's exit code speaks of new ones again.
//
// LAKE/NAME/accepted.jsonl, one line each, flushed, never changed: {"at":"2026-11-22T10:12:40.123Z","by":"kato",
// "because":"..","kind":"unproven","stream":7,"from":1048576,"to":1048576,"bytes":0,"host":"app1","text":".."}. What
// is accepted is that finding at that place of that stream, and no other: one byte more is a new finding. The same line
// stands in the audit log of the house (store/chain.h); if it cannot, nothing is accepted.
//
//     struct acceptances old;
//     if (!accepted_read(a, "LAKE/access", &old, e))          // none when there is no file
//     accepted_find(&old, &finding)                           // NULL: it is open
//     accepted_add(&spec, &finding, e)
#pragma once
#include "log/account.h"

struct acceptance {
    enum finding_kind kind;
    uint64_t stream, from, to;
    int64_t at_ms;
    struct str by, because;
};
struct acceptances { struct acceptance *at; size_t n, cap; };

struct accepted_spec { const char *data, *table_dir; struct str dataset, by, because; };

bool accepted_read(struct arena *a, const char *table_dir, struct acceptances *out, struct err *e) MUST_USE;
const struct acceptance *accepted_find(const struct acceptances *all, const struct finding *f);
bool accepted_add(const struct accepted_spec *s, const struct finding *f, struct err *e) MUST_USE;
const char *finding_word(enum finding_kind kind);       // lost, doubled, unproven
