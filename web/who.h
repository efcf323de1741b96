// who.h: who asks: by the kernel (the socket), by a token, by a session, or by the word of a proxy.
#pragma once
#include "web/request.h"

// Fills r->ask.who. ERR_SIGNED_OUT when nobody is known, with the way in as hint; ERR_DENIED for another user of this
// machine, and for a browser that another site's page sent here.
bool who_settle(struct request *r, struct err *e) MUST_USE;
// What somebody is whom a proxy vouched for and who has no account (0) or this one. false with e->kind untouched:
// nobody any more.
bool who_standing_by_proxy(struct arena *a, struct db *db, const struct site *s, int64_t account,
                           enum standing *out, struct err *e) MUST_USE;
