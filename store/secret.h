// secret.h: secrets by name: sealed in the store (libsodium secretbox), one key per role in DIR/keys/ROLE.key (0600).
//
//     struct str value;
//     if (!secret_get(a, db, data, "releaser", S("web_hook"), &value, e))
//         return false;
//     ... use(value) ...
//     secret_forget(&value);
//
// The name is public (site files and pages say it), the value never leaves the role that opens it. An unknown
// name is ERR_NOT_FOUND with the command that sets it as the hint. Names: 1 to 64 of [A-Za-z0-9._-]; values: 1 byte
// to 64 KiB. The key is made when the first secret of a role is set.
#pragma once
#include "store/store.h"

bool secret_set(struct db *db, const char *data_dir, const char *role, struct str name, struct str value,
                struct err *e) MUST_USE;
bool secret_get(struct arena *a, struct db *db, const char *data_dir, const char *role, struct str name,
                struct str *value, struct err *e) MUST_USE;
// Overwrites a value that secret_get gave, and empties it.
void secret_forget(struct str *value);

// ERR_NOT_FOUND when there is none.
bool secret_drop(struct db *db, const char *role, struct str name, struct err *e) MUST_USE;
struct secret_name { struct str name, role; int64_t at; };
struct secret_names { struct secret_name *at; size_t n, cap; };
// By role and name; never a value.
bool secret_list(struct arena *a, struct db *db, struct secret_names *out, struct err *e) MUST_USE;
