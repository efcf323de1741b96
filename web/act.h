// act.h: carries out one request whose row, right and fields are settled: the handler, its transaction, its key.
//
// Not a GET: the handler's rows, and the row that remembers an Idempotency-Key with its answer, are one transaction.
// The same key with the same body gets the stored answer and does nothing (r->replayed); with another body or on
// another route it is refused (key_reused). Keys are kept 24 hours and belong to who sent them.
//
// The same transaction has the line of the audit log: if that cannot be written, nothing happened. What a handler
// refuses with q->remark.refused gets a line of its own.
#pragma once
#include "web/request.h"

bool act(struct request *r, struct str body, struct err *e) MUST_USE;
// An answer of another role is over: its second line in the audit log says how much was given. The first was written
// before anything was asked.
void act_over(struct request *r, bool ok, struct str told);
// Somebody whom we know may not do this (403): a line too, as far as refusals.h has one for it.
void act_forbidden(struct request *r, const struct err *e);
// It did not come to a handler, but that somebody tried is a line of the audit log all the same, as far as refusals.h says.
void act_refused(struct request *r);
