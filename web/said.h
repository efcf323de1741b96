// said.h: what the API says to people, in their language. Sentences are made in English, in one place each
// (base/err.h); the table web/said.ltsv has them in Japanese. Codes, names, paths and lines for the command line stay
// what they are.
//
//     struct told t = told_of(r, e->text, e->hint);       // t.language is "ja" only when all of it could be said so
//
// A sentence is recognised by its English, so it may come from anywhere: an error, a row of the store, another role, or
// (rows that begin with duckdb:, yaml: or jansson:) a library.
// Whose language: of pages the one that they show, if it differs (Rusuban-Language), else what somebody chose for their
// account, else what the browser asks for (Accept-Language). Scripts get English unless they ask.
#pragma once
#include "web/request.h"

enum language { ENGLISH, JAPANESE };
const char *language_name(enum language l);     // "en"
enum language language_of(struct request *r);
// RFC 9110 section 12.5.4, as far as we speak; ENGLISH when none is ours.
enum language language_accepted(struct str accept);

struct told { const char *language; struct str text, hint; };
// In the arena of the request. hint may be "".
struct told told_of(struct request *r, struct str text, struct str hint);
// The sentence in Japanese; false: the table does not have it.
bool said_in_japanese(struct arena *a, struct str text, struct str *out);
