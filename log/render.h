// render.h: rows as people and programs want them: a table for a terminal, CSV, JSON lines. What comes is foreign:
// nothing of it moves a cursor, changes a colour or makes a second line.
//
//     struct render *r = render_new(stdout, RENDER_TABLE, width, colour);
//     if (!render_columns(r, payload) || !render_rows(r, payload)) ...     // what came is damaged
//     render_end(r);
//
// A table's columns are as wide as its first 200 rows want and the terminal allows; longer cells end in ….
#pragma once
#include "log/ask.h"
#include <stdio.h>

// RENDER_EXACT: CSV whose cells are the very bytes, also those that a spreadsheet takes for a formula.
enum render_style { RENDER_TABLE, RENDER_CSV, RENDER_JSON, RENDER_EXACT };

struct render;
// width: columns of the terminal; 0: cells are never cut.
struct render *render_new(FILE *to, enum render_style style, size_t width, bool colour);
// Objects of JSON begin with "part": name; plain letters, kept by the caller.
void render_part(struct render *r, const char *name);
bool render_columns(struct render *r, struct str payload);      // of ASK_COLUMNS
bool render_rows(struct render *r, struct str payload);         // of ASK_ROWS
void render_end(struct render *r);                              // what is still kept goes out
void render_break(struct render *r);                            // the same, after a failure: no header without a row
void render_free(struct render *r);
// How many columns of a terminal the text takes, escapes included.
size_t render_width(struct str s);
