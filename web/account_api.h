// account_api.h: the routes of accounts: what each one's fields fill, and one function per route.
#pragma once
#include "web/person.h"
#include "web/rights.h"

struct sign_in { struct str name, password; };
struct password_in { struct str old, password; };
struct me_in { struct str language, theme; bool single_keys; };
struct sessions_in { bool all; };
struct token_in { struct str name, role; struct strs services; int64_t days; };
struct invite_in { struct str name, role; struct strs services; };
struct accept_in { struct str name, password; };
struct person_in { struct str role; struct strs services; };
struct audit_in { struct str who, verb; int64_t after, limit; };
struct verify_in { struct str head; };

typedef bool account_fn(struct ask *q, struct err *e);
account_fn first_sign_in, first_step_up, first_password;                                // login_api.c
account_fn api_sign_in, api_sign_out, api_step_up, api_password, api_me, api_me_set, api_sessions, api_session_end;
account_fn api_tokens, api_token_new, api_token_end;                                    // token_api.c
account_fn first_accept;                                                                // people_api.c
account_fn api_people, api_person_set, api_person_drop, api_invite, api_invite_show, api_accept;
account_fn api_sign_in_ways;                                                            // oidc.c
account_fn api_audit, api_audit_verify;                                                 // audit_api.c

// Both in login_api.c. A try is charged to the account and to the address, and given back when it was right.
bool try_charge(struct ask *q, struct str name, struct err *e) MUST_USE;
bool try_was_right(struct ask *q, struct str name, struct err *e) MUST_USE;
// In people_api.c: an invitation that works for who asks; *known: it is for an account that is there.
bool invite_usable(struct ask *q, struct str text, struct invite *i, bool *known, struct err *e) MUST_USE;
// "role": "developer", "services": ["web"] into an open object.
void put_standing(struct buf *b, enum standing role, const struct strs *services);
void put_moment(struct buf *b, const char *key, int64_t at_ms);       // null when 0
// A role's name and services of the site, or mistakes with their places.
bool standing_of(struct ask *q, struct str role, const struct strs *services, enum standing *out,
                 struct err *e) MUST_USE;
