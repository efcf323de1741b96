// clock.h: the two clocks. Wall time is for people and rows (it may jump); ticks are for deadlines (they never do).
#pragma once
#include "base/buf.h"

int64_t now_ms(void);       // since 1970, UTC
int64_t tick_ms(void);      // CLOCK_MONOTONIC
// RFC 3339 UTC with milliseconds: 2026-11-22T10:12:40.123Z
#define TIME_TEXT_MAX 32
const char *time_text(int64_t at_ms, char out[TIME_TEXT_MAX]);
// For people, with the zone's short name: "2026-11-22 19:12:40 JST", without seconds "2026-11-22 19:12 JST". In the
// zone of the environment's TZ when there is one, else in `zone` ("Asia/Tokyo"; the site file's), else the machine's.
const char *time_local(int64_t at_ms, const char *zone, bool seconds, char out[TIME_TEXT_MAX]);
// What a clock on the wall in that zone shows, whatever TZ says, as if it were UTC, and back. A moment that clocks show
// twice is either of both.
int64_t wall_of_time(int64_t at_ms, const char *zone);
int64_t time_of_wall(int64_t wall_ms, const char *zone);
// The inverse of time_text; 0 when it is none.
int64_t time_parse(const char *rfc3339);
// For people: "340 ms", "1.9 s", "3 min 10 s", "2 h 5 min", "3 days".
const char *took_text(int64_t ms, char out[TIME_TEXT_MAX]);
// The inverse, as site files write it: 500ms, 5s, 15m, 4h, 400d. Bare numbers are refused.
bool duration_parse(struct str s, int64_t *ms) MUST_USE;
