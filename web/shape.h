// shape.h: what answers look like: the shapes that rows of routes name, parsed once from their text.
//
//     {"Release", "service: text, number: int, kind: release|rollback, rev: text?, took_ms: int?", "one release"},
//     {"ReleaseShown", "...Release, steps: [Step], by_host: {*: text}", "one release with its steps"},
//     {GET, "/releases", SEE, .out = "{items: [Release], next: int?}", ...},
//
//     text int number bool time           time: RFC 3339 as base/clock.h writes it
//     plain any                           a text, number, bool or null; whatever there is
//     Name                                a shape; one whose fields are taken over with ... stands before
//     [of]   {name: of, name?: of}   {*: of}      a list; an object, whose fields with ? may be missing; a map
//     {}                                  an object without fields
//     Name[kind]                          the field of that shape which `kind`, a text beside it, names
//     word|word                           one of these texts
//     of?                                 or null
//     of or of                            one of several: lines of an answer that is told line by line
//
// A shape's own text is the inside of an object, whose fields' names may have dots in them. Integers beyond 2^53 are
// texts of digits, as the API promises, and still an int here. An answer has no field that its shape does not have.
#pragma once
#include "web/web.h"
struct json_t;                  // of jansson

enum form_kind {
    FORM_TEXT, FORM_INT, FORM_NUMBER, FORM_BOOL, FORM_TIME, FORM_PLAIN, FORM_ANY, FORM_WORDS, FORM_NAMED, FORM_EITHER,
    FORM_LIST, FORM_MAP, FORM_CHOICE, FORM_OBJECT
};

struct form;
struct form_field { struct str name; bool may_miss; const struct form *form; };
struct form {
    enum form_kind kind;
    bool or_null;
    struct str name;                            // FORM_NAMED, FORM_CHOICE
    struct str by;                              // FORM_CHOICE: the field beside it
    struct strs words;                          // FORM_WORDS
    const struct form *of;                      // FORM_NAMED, FORM_CHOICE, FORM_LIST, FORM_MAP
    struct { struct form_field *at; size_t n, cap; } fields;
    struct { const struct form **at; size_t n, cap; } either;   // FORM_EITHER
};

struct named { const struct shape *row; struct form *form; };
struct shapes { struct named *at; size_t n, cap; };

// Texts are ours: a mistake in one stops the program at its start. tables: NULL, or NULL-ended.
struct shapes shapes_make(struct arena *a, const struct shape *const *tables);
const struct form *form_make(struct arena *a, const struct shapes *all, const char *text);

// Is the answer what the form says? ERR_BUG names the place: "items[3].rev: expected text, got null".
bool form_check(const struct form *f, struct json_t *answer, struct err *e) MUST_USE;

// JSON schema, as OpenAPI 3.1 has it; named shapes are references to #/components/schemas.
void form_schema(struct buf *out, const struct form *f);
void form_schema_fields(struct buf *out, const struct form *f);     // into an object that is open
// TypeScript.
void form_type(struct buf *out, const struct form *f);
void form_type_field(struct buf *out, const struct form_field *x);
