// plan.h: what a release would do, before it does anything: commits, files, hosts, batches, windows, locks.
//
// Making one fetches into the mirror (a cache of ours) and touches nothing else. It blocks, so the worker runs it as a
// child: `rusuban release make-plan SERVICE REV` prints the JSON.
#pragma once
#include "base/buf.h"
#include "site/site.h"
#include "store/store.h"

bool plan_make(struct arena *a, struct db *db, const char *data, const struct site *site, const struct service *svc,
               struct str wanted, struct buf *json, struct err *e) MUST_USE;
