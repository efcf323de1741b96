// relay.h: carries out what rows.h promises: one answer that another role gives.
#pragma once
#include "web/request.h"

enum { RELAYS_MAX = 64, RELAYS_EACH = 16 };     // at once, in all and of one person; above it `limit`, 429

// Takes the request, whose ask.rows is set, until its answer is over. false: it does not, *e (and the request's code)
// say why.
bool relay_begin(struct request *r, struct err *e) MUST_USE;
// Ends the answers of those who may not have them any more.
void relays_ask_who(struct web *w);
