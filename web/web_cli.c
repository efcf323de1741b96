// web_cli.c: the command table of accounts: who may ask, and who did what.
#include "web/web_cli.h"
#include "web/web.h"

#define ROLE_OPTIONS                                                                                        \
    {"role", "ROLE", "viewer, analyst, developer or admin"},                                                 \
    {"services", "A,B", "what may be acted on; without it all services"}

static const struct option admin_options[] = {
    ROLE_OPTIONS, {"anywhere", NULL, "the link works on other machines too, for three days"}, HERE_OPTION, {0}};
static const struct option invite_options[] = {ROLE_OPTIONS, AT_OPTIONS, {0}};
static const struct option set_options[] = {{"role", "ROLE", "viewer, analyst, developer or admin; else as it is"},
                                            {"services", "A,B", "what may be acted on, or all; else as it is"},
                                            AT_OPTIONS, {0}};
static const struct option token_options[] = {
    ROLE_OPTIONS, {"for", "DAYS", "90d unless said, 365d at most"}, AT_OPTIONS, {0}};
static const struct option audit_options[] = {{"who", "NAME", "only this person's"},
                                              {"verb", "VERB", "only this verb: \"release approve\""},
                                              {"limit", "N", "at most; 50"},
                                              AT_OPTIONS, {0}};
static const struct option verify_options[] = {
    {"head", "HASH", "a hash that you noted: if no line has it any more, the end was cut off"}, AT_OPTIONS, {0}};

const struct command web_commands[] = {
    {"admin invite", "[NAME]", admin_options, "print a link that makes an account, or a new password for one",
     "rusuban admin invite kato", cmd_admin_invite},
    {"people", "", at_options, "who may do what", "rusuban people", cmd_people},
    {"people invite", "NAME", invite_options, "print a link for somebody who is to have an account",
     "rusuban people invite sato --role developer --services web", cmd_people_invite},
    {"people set", "NAME", set_options, "another role, other services", "rusuban people set sato --role analyst",
     cmd_people_set},
    {"people remove", "NAME", at_options, "remove an account, its sessions and tokens", "rusuban people remove sato",
     cmd_people_remove},
    {"token make", "NAME", token_options, "print a token for a script; it is shown this once",
     "rusuban token make ci --role developer --services web --for 90d", cmd_token_make},
    {"token list", "", at_options, "tokens, and when each was last used", "rusuban token list", cmd_token_list},
    {"token revoke", "ID", at_options, "end a token", "rusuban token revoke 3", cmd_token_revoke},
    {"session list", "", at_options, "who is signed in, and from where", "rusuban session list", cmd_session_list},
    {"session revoke", "ID", at_options, "sign a browser out", "rusuban session revoke 7", cmd_session_revoke},
    {"audit", "", audit_options, "who did what, newest first", "rusuban audit --who kato", cmd_audit_list},
    {"audit list", "", audit_options, "the same, written in full", "rusuban audit list --verb \"release approve\"",
     cmd_audit_list},
    {"audit verify", "", verify_options, "is the audit log as it was written?", "rusuban audit verify",
     cmd_audit_verify},
    {0}};
