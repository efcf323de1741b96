// who.h: who asks: by the kernel (the socket), by a token, by a session, or by the word of a proxy.
#pragma once
#include "web/request.h"

// Fills r->ask.who. ERR_SIGNED_OUT when nobody is known, with the way in as hint; ERR_DENIED for another user of this
// machine, and for a browser that another site's page sent here.
bool who_settle(struct request *r, struct err *e) MUST_USE;
// What somebody who asked earlier may do now; of who: way, account, session and token_id. false with e->kind untouched:
// nobody any more.
bool who_standing(struct web *w, const struct who *who, enum standing *out, struct err *e) MUST_USE;
