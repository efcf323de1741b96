// pace.c: see pace.h.
#include "log/pace.h"
#include <stdlib.h>

static const struct { const char *name; int64_t ms; } paces[PACES] = {
    [PACE_HOT] = {"RUSUBAN_PACE_HOT", 500},         [PACE_COMMIT] = {"RUSUBAN_PACE_COMMIT", 60000},
    [PACE_SEAL] = {"RUSUBAN_PACE_SEAL", 300000},    [PACE_LATE] = {"RUSUBAN_PACE_LATE", 3600000},
    [PACE_RETRY] = {"RUSUBAN_PACE_RETRY", 60000},
    [PACE_STEADY] = {"RUSUBAN_PACE_STEADY", 3600000},
    [PACE_STALE] = {"RUSUBAN_PACE_STALE", 10000},   [PACE_QUIET] = {"RUSUBAN_PACE_QUIET", 60000},
    [PACE_FLUSH] = {"RUSUBAN_PACE_FLUSH", 5000},
};

int64_t pace_ms(enum pace p)
{
#ifdef RUSUBAN_FAULTS
    const char *text = getenv(paces[p].name);
    if (text)
        return strtoll(text, NULL, 10);
#endif
    return paces[p].ms;
}
