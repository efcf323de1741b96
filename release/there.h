// there.h: a verb for a lane's host, and what is remembered of hosts (rows of release_host).
#pragma once
#include "release/run.h"

struct verb there_verb(struct lane *l, const char *name, int64_t deadline_ms);
bool there_remember(struct db *db, struct str service, struct str host, const struct host_state *s,
                    struct err *e) MUST_USE;
bool there_failed(struct db *db, struct str service, struct str host, const struct err *why, struct err *e) MUST_USE;
