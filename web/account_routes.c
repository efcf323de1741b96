// account_routes.c: the route table of accounts: sessions, tokens, people, invitations, the audit log.
#include "web/account_api.h"
#include "web/bearer.h"
#include "web/hashers.h"

#define IN(table, type) FIELDS(table), .in_size = sizeof(struct type)
#define AT(type, member)    offsetof(struct type, member)
#define NAME    .low = 1, .high = PERSON_NAME_MAX
#define WORD    .required = true, .low = 1, .high = PASSWORD_MAX, .text = TEXT_ANY

static const struct field sign_in_fields[] = {
    {"name", F_STR, AT(sign_in, name), .required = true, .low = 1, .high = 64, .help = "of the account"},
    {"password", F_STR, AT(sign_in, password), WORD, .help = "its password"},
};
static const struct field step_up_fields[] = {
    {"password", F_STR, AT(sign_in, password), WORD, .help = "of the account that is signed in"},
};
static const struct field password_fields[] = {
    {"old", F_STR, AT(password_in, old), WORD, .help = "the password so far"},
    {"password", F_STR, AT(password_in, password), WORD, .help = "the new one, 10 bytes at least"},
};
static const struct field me_fields[] = {
    {"language", F_STR, AT(me_in, language), .required = true, .high = 8, .help = "en or ja"},
    {"theme", F_STR, AT(me_in, theme), .required = true, .high = 8, .help = "auto, light or dark"},
    {"single_keys", F_BOOL, AT(me_in, single_keys), .required = true, .help = "single letters act outside of fields"},
};
static const struct field sessions_fields[] = {
    {"all", F_BOOL, AT(sessions_in, all), .help = "of everybody, for admins; others see their own"},
};
static const struct field token_fields[] = {
    {"name", F_STR, AT(token_in, name), .required = true, .low = 1, .high = 64, .help = "what it is for"},
    {"role", F_STR, AT(token_in, role), .high = 16, .help = "at most yours, which it is unless said"},
    {"services", F_STRS, AT(token_in, services), .help = "what it may act on; none: all that you may"},
    {"days", F_INT, AT(token_in, days), .low = 1, .high = BEARER_DAYS_MAX, .help = "until it ends; 90"},
};
static const struct field invite_fields[] = {
    {"name", F_STR, AT(invite_in, name), .required = true, NAME, .help = "of the account to be"},
    {"role", F_STR, AT(invite_in, role), .required = true, .high = 16, .help = "viewer, analyst, developer or admin"},
    {"services", F_STRS, AT(invite_in, services), .help = "what they may act on; none: all"},
};
static const struct field accept_fields[] = {
    {"name", F_STR, AT(accept_in, name), .high = PERSON_NAME_MAX, .help = "where the invitation leaves it open"},
    {"password", F_STR, AT(accept_in, password), WORD, .help = "10 bytes at least"},
};
static const struct field person_fields[] = {
    {"role", F_STR, AT(person_in, role), .required = true, .high = 16, .help = "viewer, analyst, developer or admin"},
    {"services", F_STRS, AT(person_in, services), .help = "what they may act on; none: all"},
};
static const struct field audit_fields[] = {
    {"who", F_STR, AT(audit_in, who), .high = 64, .help = "only this person's"},
    {"verb", F_STR, AT(audit_in, verb), .high = 100, .help = "only this verb: release approve"},
    {"after", F_INT, AT(audit_in, after), .low = 1, .high = INT64_MAX, .help = "cursor: `next` of the page before"},
    {"limit", F_INT, AT(audit_in, limit), .low = 1, .high = 500, .help = "at most; 50"},
};
static const struct field verify_fields[] = {
    {"head", F_STR, AT(verify_in, head), .high = 64, .help = "a hash that you noted: some line must have it"},
};

const struct route account_routes[] = {
    {POST, "/session", PUBLIC, IN(sign_in_fields, sign_in), .flags = R_SECRET, .first = first_sign_in,
     .run = api_sign_in, .out = "SignedIn", .help = "sign in: answers with the cookie of a session"},
    {GET, "/sign-in", PUBLIC, .run = api_sign_in_ways, .out = "{password: bool, oidc: Provider?}",
     .help = "the ways in: password, a provider where there is one"},
    {DELETE, "/session", OWN, .flags = R_SECRET, .run = api_sign_out, .out = "{}", .help = "sign out"},
    {POST, "/step-up", OWN, IN(step_up_fields, sign_in), .flags = R_SECRET, .first = first_step_up,
     .run = api_step_up, .out = "{}", .help = "the password once more: for ten minutes, what takes it is allowed"},
    {GET, "/me", SELF, .flags = R_PAGE, .run = api_me, .out = "Me", .help = "who I am, what I may, how I like it"},
    {PUT, "/me", OWN, IN(me_fields, me_in), .flags = R_QUIET, .run = api_me_set, .out = "{}",
     .help = "language, theme, keys"},
    {POST, "/me/password", OWN, IN(password_fields, password_in), .flags = R_SECRET, .first = first_password,
     .run = api_password, .out = "{sessions_ended: int}", .help = "another password; other sessions end"},
    {GET, "/sessions", OWN, IN(sessions_fields, sessions_in), .flags = R_LIST, .run = api_sessions,
     .out = LIST_OF("Session"), .cli = "session list", .help = "where I am signed in"},
    {DELETE, "/sessions/{id}", OWN, .run = api_session_end, .out = "{}", .cli = "session revoke {id}",
     .help = "end a session"},
    {GET, "/tokens", OWN, .flags = R_LIST, .run = api_tokens, .out = LIST_OF("Token"), .cli = "token list",
     .help = "my tokens; an admin's: all"},
    {POST, "/tokens", OWN, IN(token_fields, token_in), .flags = R_SECRET | R_STEP_UP, .run = api_token_new,
     .out = "NewToken", .cli = "token make NAME", .help = "a token for a script; shown once"},
    {DELETE, "/tokens/{id}", OWN, .flags = R_STEP_UP, .run = api_token_end, .out = "{}", .cli = "token revoke {id}",
     .help = "end a token"},
    {GET, "/people", SEE, .flags = R_LIST | R_PAGE, .run = api_people, .out = LIST_OF("Person"), .cli = "people",
     .help = "who may do what, and who is invited"},
    {PUT, "/people/{name}", PEOPLE, IN(person_fields, person_in), .flags = R_STEP_UP, .run = api_person_set,
     .out = "PersonSet", .cli = "people set {name} --role ROLE",
     .help = "another role or other services; needs If-Match"},
    {DELETE, "/people/{name}", PEOPLE, .flags = R_STEP_UP, .run = api_person_drop, .out = "{}",
     .cli = "people remove {name}", .help = "remove an account, its sessions and its tokens, or an invitation"},
    {POST, "/invites", PEOPLE, IN(invite_fields, invite_in), .flags = R_SECRET | R_STEP_UP, .run = api_invite,
     .out = "NewInvite", .cli = "people invite NAME --role ROLE",
     .help = "a link that makes an account, or a new password for one"},
    {GET, "/invites/{token}", PUBLIC, .flags = R_SECRET, .run = api_invite_show, .out = "Invite",
     .help = "what an invitation offers"},
    {POST, "/invites/{token}", PUBLIC, IN(accept_fields, accept_in), .flags = R_SECRET, .first = first_accept,
     .run = api_accept, .out = "{name: text, role: text}",
     .help = "take an invitation: answers with the cookie of a session"},
    {GET, "/audit", ADMIN, IN(audit_fields, audit_in), .flags = R_LIST | R_PAGE, .run = api_audit,
     .out = "{items: [Deed], next: int?, timezone: text?}", .cli = "audit list", .help = "who did what, newest first"},
    {GET, "/audit/verify", ADMIN, IN(verify_fields, verify_in), .run = api_audit_verify, .out = "Verified",
     .cli = "audit verify", .help = "is the audit log as it was written?"},
    {0}};
