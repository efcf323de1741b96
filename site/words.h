// words.h: commands. A command is a list of words, or one string split at blanks; never a line for a shell.
#pragma once
#include "base/base.h"
#include "site/site.h"

enum { COMMAND_WORDS_MAX = 200 };

// Splits at blanks; refuses what a shell would act on, and tells the way out. Words borrow from s.
bool words_split(struct arena *a, struct str s, struct words *out, struct err *e) MUST_USE;
// Words that stood in a list: they may hold anything, but the first must look like a program.
bool words_check(const struct words *w, struct err *e) MUST_USE;
