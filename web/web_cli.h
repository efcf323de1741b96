// web_cli.h: one function per command of accounts.
#pragma once
#include "base/command.h"

typedef bool web_cmd(struct call *c, struct err *e);
web_cmd cmd_admin_invite, cmd_audit_verify;                             // cmd_server.c: on the server itself
web_cmd cmd_token_make, cmd_token_list, cmd_token_revoke;               // cmd_people.c: through the API
web_cmd cmd_people, cmd_people_invite, cmd_people_set, cmd_people_remove;
web_cmd cmd_session_list, cmd_session_revoke;
web_cmd cmd_audit_list;
