// param.h: what a question leaves open. {{day}} stands for a value that comes with the question, {{app?}} for one that may
// be missing (then it is NULL); {{n:number}}, {{since:time}}, {{on:day}}, {{who:text}} say what it is. Without a word it
// is a text, and a day where the name is "day" or ends in "_day". Values never become part of the text: their places
// become parameters of the engine, as long as they were, so that everything else stays where it is.
//
//     struct params open = {0};
//     if (!params_of(a, query, &text, &open, e) || !params_fill(&open, &given, e)) ...
#pragma once
#include "base/base.h"
#include "base/jansson.h"

enum { PARAMS_MAX = 32, PARAM_NAME_MAX = 32, PARAM_VALUE_MAX = 1000 };

enum param_type { PARAM_UNSAID, PARAM_TEXT, PARAM_DAY, PARAM_NUMBER, PARAM_TIME, PARAM_TYPES };

struct param {
    struct str name, value;             // an empty value is none
    enum param_type type;
    bool optional;
    int line, col;                      // where it stands first
};
struct params { struct param *at; size_t n, cap; };

// Each once, whatever the case of its letters, in the order of the text, which may be at most 2 MB. *out: the text for
// the engine. ERR_INPUT with the place of what is no such parameter, and of the engine's own $a. Texts, quoted names and
// comments are left alone.
bool params_of(struct arena *a, struct str query, struct str *out, struct params *open, struct err *e) MUST_USE;
// ERR_INPUT when one has no value, or not one of its type, or when a value has no place.
bool params_fill(struct params *open, const struct params *given, struct err *e) MUST_USE;
const char *param_type_name(enum param_type t);
struct param *params_find(const struct params *p, struct str name);
// A value that comes with a question. ERR_INPUT: too many, or no name.
bool params_give(struct arena *a, struct params *given, struct str name, struct str value, struct err *e) MUST_USE;
// {"day": "2026-11-20"} and back.
void params_put(struct buf *b, const struct params *p);
bool params_read(struct arena *a, const json_t *o, struct params *given, struct err *e) MUST_USE;
