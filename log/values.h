// values.h: the values of an answer, as they came in frames, for programs: CSV (RFC 4180, but lines end in LF, which
// shells and spreadsheets both take) and JSON. The command line and the API write them with the same functions, so both
// give the same bytes.
//
//     if (!values_open(payload, columns, &b, &rows))      // of ASK_ROWS; false: damaged
//     for (; rows; rows--)
//         for (size_t i = 0; i < columns; i++) {
//             value_next(&b, &v);
//             value_json(out, &column[i], &v);
//         }
#pragma once
#include "log/ask.h"

struct value { struct str text; bool null; };

// What the API calls a kind: "text", "whole", "number", "bool", "json", "timestamp".
const char *value_kind(enum ask_kind kind);

// true: there are rows * columns values in *b, every one whole, and nothing behind them.
bool values_open(struct str payload, size_t columns, struct bytes *b, size_t *rows);
bool value_next(struct bytes *b, struct value *v);
// A NULL is an empty field, an empty text is "". What a spreadsheet would take for a formula, in a column that is no
// number's, gets an apostrophe in front, unless the bytes are wanted exactly as they are.
void value_csv(struct buf *b, enum ask_kind kind, const struct value *v, bool exact);
// Numbers that JSON's readers hold exactly, and truth, as they are; nested values as JSON; everything else as a text.
void value_json(struct buf *b, const struct ask_column *c, const struct value *v);
