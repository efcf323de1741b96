// hour.h: the hour in the site's zone (TZ of the process) in which a moment lies: what dt= and hour= of a file say.
#pragma once
#include <stdint.h>

// Offsets of zones change at most at quarters of an hour, so one is asked for at most four times an hour.
struct hour_cache { int64_t quarter, offset_us; };

// Hours since 1970 by the clocks of the zone. cache: zeroed before the first call, one a thread.
int32_t hour_of(struct hour_cache *c, int64_t us);
