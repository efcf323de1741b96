// quote.h: the one place where words become shell text, because ssh joins its words into a line for the far shell.
#pragma once
#include "base/base.h"

// In single quotes, every quote inside closed, escaped and opened again: any bytes but NUL arrive as they are.
void quote_add(struct buf *b, struct str word);
// All words, one blank between two.
struct str quote_words(struct arena *a, const struct strs *words);
