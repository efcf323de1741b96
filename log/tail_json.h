// tail_json.h: a line as a program reads it: {"server": "app1", "status": "502", ...}, every value a text, as it came.
//
// Names are those of the labels, and of what the column `extra` has them for: _before, _2.
#pragma once
#include "base/buf.h"

enum { TAIL_LABELS = 256 };

// line: as a tail has it, its host first. Of a label that comes twice the first holds. A line of more labels than that
// is {"server": ..., "line": all of it}; "skipped:N", which stands for lines that the log server left out,
// {"skipped": N}.
void tail_json(struct buf *b, struct str line);
