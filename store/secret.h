// secret.h: secrets by name: sealed in the store (libsodium secretbox), one key per role in DIR/keys/ROLE.key (0600).
//
// The name is public (site files and pages say it), the value never leaves the role that opens it. An unknown
// name is ERR_NOT_FOUND with the command that sets it as the hint.
#pragma once
#include "store/store.h"

bool secret_set(struct db *db, const char *data_dir, const char *role, struct str name, struct str value, struct err *e) MUST_USE;
bool secret_get(struct arena *a, struct db *db, const char *data_dir, const char *role, struct str name, struct str *value, struct err *e) MUST_USE;
