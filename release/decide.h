// decide.h: who may say yes or no to a canary. One place: the API refuses by it, and pages say by it who could.
//
//     if (decide_may(q, svc, r.asked_by) != DECIDE_YES) ...
#pragma once
#include "web/web.h"

// ROLE: no right to approve; SERVICE: not of this service; BY: the site file names others (approve.by); AUTHOR: whoever
// started it does not approve it (approve.not_author).
enum decide { DECIDE_YES, DECIDE_ROLE, DECIDE_SERVICE, DECIDE_BY, DECIDE_AUTHOR };
enum { DECIDERS_NAMED = 4 };        // then "and 3 more"

enum decide decide_may(const struct ask *q, const struct service *svc, struct str asked_by);
// The shape Deciders, as JSON in the arena: whether who asks may, why not, and who may.
bool decide_tell(struct ask *q, const struct service *svc, struct str asked_by, struct str *out, struct err *e) MUST_USE;
