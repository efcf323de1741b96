// scenery.h: which pages the lines of generate.h speak of, how often each is asked for, how long it takes and when
// people are about. One table a site.
#pragma once
#include "base/base.h"

enum { SCENERY_WORDS = 64 };
enum scene_way { QUERY = 1, POST = 2, LOGIN = 4 };       // LOGIN: who is not logged in is sent away (302)

struct scene { const char *pattern; unsigned weight, ms, bytes; unsigned ways; };

struct scenery {
    const char *name;
    const struct scene *at;
    size_t n;
    const unsigned *hours;      // percent of the rate, 24 of them; NULL: always the same
    int64_t first_user;
};

extern const char *const scenery_words[SCENERY_WORDS];          // what people search for

// NULL: the first one. NULL comes back when there is none of that name.
const struct scenery *scenery_named(const char *name);
