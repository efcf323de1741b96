// convert_json.h: the inside of convert.c: a JSON object becomes a line of LTSV.
#pragma once
#include "log/line.h"

// false: it is no JSON object (RFC 8259), nested too deep, or the line is full.
bool json_to_ltsv(struct str text, struct line *out);
