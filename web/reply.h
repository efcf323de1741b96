// reply.h: the two shapes every answer has: the object that a handler wrote, or the error object.
//
//     {"error": {"code": "locked", "message": "web is locked by Kato", "hint": "rusuban lock show web", "lang": "en",
//                "place": null, "details": [], "retry_after_s": null, "request": "8f2c61d0"}}
#pragma once
#include "web/request.h"

// In test builds: is it what the row says of its answers? Elsewhere always.
bool reply_is_as_described(const struct request *r, struct str json, struct err *e) MUST_USE;
void reply_object(struct request *r, struct str json, int status);
void reply_error(struct request *r, const struct err *e);
void reply_empty(struct request *r, int status);
// 303: look there now.
void reply_redirect(struct request *r, struct str location);
// For people who came here by their browser's address line.
void reply_page(struct request *r, struct str html, int status);
// One Set-Cookie more, besides q->cookie.
void reply_cookie(struct request *r, struct str cookie);
// The head of an answer that is sent bit by bit; chunks and their end are the caller's.
void reply_begin(struct request *r, const char *type);
// Our log's line about an answer, where it deserves one; e: it failed.
void reply_log(const struct request *r, int status, const struct err *e);
// The error object alone, and the status that goes with it.
int error_object(struct buf *out, struct request *r, const struct err *e);
