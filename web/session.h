// session.h: who is signed in at a browser: 32 random bytes in a cookie, of which the store has only a hash.
//
// A session ends 12 hours after it was last used, 7 days after it began, with its account, or when somebody ends it.
// The cookie is __Host-rusuban: for this host and this origin only, never for scripts, never sent along by other sites.
#pragma once
#include "web/web.h"

enum { SESSION_TEXT = 43, SESSIONS_MAX = 50 };     // 50 of one account; the one used least goes

// Begins one for this account in the handler's transaction; q->cookie brings it to the browser.
bool session_begin(struct ask *q, int64_t account, struct err *e) MUST_USE;
// The value of our cookie in a Cookie header; empty when there is none or it cannot be one.
struct str session_cookie(struct str header);
// Whose it is. ERR_SIGNED_OUT when it is over or unknown.
bool session_who(struct ask *q, struct str cookie, struct who *out, struct err *e) MUST_USE;
// What it stands for now. false with e->kind untouched: it is over.
bool session_standing(struct arena *a, struct db *db, int64_t id, enum standing *out, struct err *e) MUST_USE;
// Is this person, or anybody (""), signed in at this address? A store that cannot be asked counts as no.
bool session_is_from(struct ask *q, struct str from, struct str name);
// Its password was typed just now.
bool session_step_up(struct ask *q, struct err *e) MUST_USE;
// Makes the browser forget it.
void session_forget(struct ask *q);
