// pace.h: how often things happen. Test builds take other numbers from the environment: RUSUBAN_PACE_COMMIT=500 makes a
// commit every half second.
#pragma once
#include <stdint.h>

enum pace {
    PACE_HOT,           // rows become visible
    PACE_COMMIT,        // files are flushed, and the write-ahead log below them is free
    PACE_SEAL,          // so long an hour must be over, and still, before it is sealed
    PACE_RETRY,         // so long an hour waits that could not be sealed, and each time as long again
    PACE_LATE,          // so long rows of a sealed hour wait for more of them
    PACE_STALE,         // so long a replaced file stays in any case
    PACE_STEADY,        // so long the clock must not have jumped before anything is deleted for its age
    PACE_QUIET,         // so long a rotated file must be quiet before it is done
    // So long a line may wait in its web server (nginx: access_log ... flush=) before it is in the file.
    PACE_FLUSH,
    PACES,
};

int64_t pace_ms(enum pace p);
