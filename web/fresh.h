// fresh.h: the site file as it is on disk at this moment, read again only when it changed.
//
//     fresh_look(&f);         // before each request; a stat(2) when nothing changed
//     f.site                  // NULL while the file has mistakes; then f.err is the first of them
//     f.good                  // the last one without mistakes; NULL when there was none
#pragma once
#include "site/site.h"
#include <sys/stat.h>

struct fresh {
    const char *path;
    const struct site *site, *good;
    struct err err;
    struct arena arena;         // of good
    struct stat seen;
    bool looked;
};

void fresh_look(struct fresh *f);
void fresh_drop(struct fresh *f);
