// steady.h: may what is old be deleted? Not before the clock has stood where it is for an hour.
//
// A clock that jumps ahead makes everything old at once, and what was deleted then does not come back when somebody
// sets it right. So whoever deletes by age asks here first. The hour begins when the program starts, and again with
// each jump of more than a minute.
#pragma once
#include <stdbool.h>

bool clock_steady(void);            // from any thread
