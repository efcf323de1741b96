// target.h: the request target ("/api/v1/releases/web?limit=5") cut into decoded pieces, or a reason why not.
//
//     struct target t;
//     const char *why = target_cut(arena, str, &t);       // NULL: well cut
//
// What it passes decodes in one way only: no "//", no dot segments, no encoded slash or NUL, UTF-8 throughout.
#pragma once
#include "web/web.h"

enum { TARGET_MAX = 4096, SEGMENTS_MAX = 16, QUERY_MAX = 64 };

struct target {
    struct strs segments;       // "/" has none; a trailing slash gives an empty last one
    struct pairs query;         // in order, repeated names stay
    bool has_query;
};

const char *target_cut(struct arena *a, struct str target, struct target *out);
