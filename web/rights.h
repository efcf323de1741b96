// rights.h: who may do what: role by right, which rights no token has, and the services that a person is limited to.
//
//     if (!rights_allow(q, e)) ...        // q->who and q->route are known; the fields are not needed
//     if (!rights_service(q, e)) ...      // and q->in is filled: is it a service that this person may act on?
#pragma once
#include "web/web.h"

bool standing_has(enum standing role, enum right right);
bool standing_parse(struct str word, enum standing *out);       // viewer, analyst, developer, admin
const char *standing_name(enum standing role);
const char *right_name(enum right right);                       // "release_start"
bool right_is_a_persons(enum right right);                      // no token has it, whatever its role
// Does this right count only for services that one is not kept from?
bool right_is_of_a_service(enum right right);

// ERR_DENIED says which roles can, or that it takes a person; code step_up when only the password is missing.
bool rights_allow(struct ask *q, struct err *e) MUST_USE;
bool rights_service(struct ask *q, struct err *e) MUST_USE;
// Has who asks this right, and for this service? For what a row of another right shows more of to some.
bool rights_has(const struct ask *q, enum right right, struct str service);
// Does a row say which service it acts on, by its path or by a field of that name?
bool rights_row_names_service(const struct route *route);

// "web api" to a list and back.
struct strs services_parse(struct arena *a, struct str words);
struct str services_text(struct arena *a, const struct strs *services);
