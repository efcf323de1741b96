// keeper.h: `rusuban keeper WORDS...`: runs a command so that none of its descendants outlives it.
//
// A child subreaper (prctl(2)): whatever the command leaves behind, also after setsid or double fork, becomes our
// child. When the command ends, or we get TERM, or our parent dies, every descendant gets TERM, 5 s later KILL.
// Exits with the command's status (128 + signal when a signal ended it).
//
// It has its working directory to itself: a second keeper there waits until nobody of the first is left. So a build
// begun again after a crash never meets what is still ending of the one before.
#pragma once
#include "base/def.h"

int keeper_main(char *const *words);
