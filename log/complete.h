// complete.h: until when the lines of a host are complete in what a release is told of its service (store table
// traffic_mark).
//
// A host's agent says until when everything it had was durable here; that goes through the writer's queue and a mark,
// so that when it comes to the lake's thread, all those lines have come there, too. Once they are stored, it is stored.
//
//     complete_take(c, part);                     // at every mark; after the part's figures were taken
//     if (!complete_store(c, db, e))              // when all figures that were taken are stored
#pragma once
#include "log/reader.h"
#include "store/store.h"

struct completes;
struct completes *completes_new(struct tables *t);
void completes_free(struct completes *c);
void complete_take(struct completes *c, struct part *p);
bool complete_store(struct completes *c, struct db *db, struct err *e) MUST_USE;
