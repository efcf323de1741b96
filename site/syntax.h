// syntax.h: mistakes of a file that is no YAML, or no text.
#pragma once
#include "site/reading.h"
#include <yaml.h>

struct place place_of_mark(yaml_mark_t m);
// Tells what stopped the parser; text is what it was reading.
void syntax_tell(struct reading *r, const yaml_parser_t *y, struct str text);
// False: told.
bool syntax_utf8(struct reading *r, struct str text) MUST_USE;
