// rolekey.h: the key of a role, DIR/keys/ROLE.key. Only secret.c uses it.
#pragma once
#include "base/base.h"
#include <sodium.h>

struct rolekey { unsigned char bytes[crypto_secretbox_KEYBYTES]; };

// With make, a missing key is made (by exactly one of several processes); else it is ERR_NOT_FOUND. A key that others
// may read is ERR_STATE.
bool rolekey_read(const char *data_dir, const char *role, bool make, struct rolekey *out, struct err *e) MUST_USE;
static inline void rolekey_forget(struct rolekey *k) { sodium_memzero(k, sizeof *k); }
#define OWN_ROLEKEY OWN(rolekey_forget)
