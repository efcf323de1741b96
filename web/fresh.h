// fresh.h: the site file as it is on disk at this moment, read again only when it changed.
//
//     fresh_look(&f);         // before each request; a stat(2) when nothing changed
//     f.site                  // NULL while the file has mistakes; then f.err is the first of them
//     f.good                  // the last one without mistakes; NULL when there was none
//
// A copy of the last good one is kept at DIR/site.good.yaml: a machine that starts again while somebody is in the
// middle of an edit goes on with the addresses that it had.
#pragma once
#include "site/site.h"
#include <sys/stat.h>

struct fresh {
    const char *path, *kept;    // kept: the copy's place, or NULL
    const struct site *site, *good;
    struct err err;
    struct arena arena;         // of good
    struct stat seen;
    bool looked;
    unsigned readings;          // how often it was read: another number means that it may have changed
};

char *fresh_kept(struct arena *a, const char *data);
void fresh_look(struct fresh *f);
// Takes the kept copy as the last good one; f.site stays NULL. false when there is none.
bool fresh_recall(struct fresh *f);
void fresh_drop(struct fresh *f);
