// commands.h: the inside of the house folder: what main.c gave, and one function per command.
#pragma once
#include "house/house.h"

extern const struct house *the_house;
const struct role *role_find(struct str name);      // NULL when unknown
const char *counted(struct arena *a, int64_t n, const char *noun);  // "1 host", "2 hosts"

bool cmd_serve(struct call *c, struct err *e);
bool cmd_status(struct call *c, struct err *e);
bool cmd_doctor(struct call *c, struct err *e);
bool cmd_secret_set(struct call *c, struct err *e);
bool cmd_secret_list(struct call *c, struct err *e);
bool cmd_secret_drop(struct call *c, struct err *e);
bool cmd_host_trust(struct call *c, struct err *e);
bool cmd_host_key(struct call *c, struct err *e);
bool cmd_api_spec(struct call *c, struct err *e);
bool cmd_api_types(struct call *c, struct err *e);
bool cmd_version(struct call *c, struct err *e);
bool cmd_help(struct call *c, struct err *e);

bool api_home(struct ask *q, struct err *e);             // home_api.c
bool api_palette(struct ask *q, struct err *e);          // palette_api.c

// rolerow.c: what the store remembers about a role.
enum role_state { ROLE_UP, ROLE_WAITING, ROLE_STOPPED };
bool role_write(struct db *db, const char *name, enum role_state state, int64_t pid, unsigned restarts,
                const char *why, struct err *e) MUST_USE;
