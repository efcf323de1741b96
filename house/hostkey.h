// hostkey.h: a host's public key: as ssh-keyscan shows it, as known_hosts pins it, as people compare it.
#pragma once
#include "base/base.h"

struct hostkey {
    struct str type, base64;    // "ssh-ed25519", "AAAA..."
    struct str fingerprint;     // "SHA256:" and 43 characters, as ssh-keygen -l shows it
};
struct hostkeys { struct hostkey *at; size_t n, cap; };

// One line, "NAME TYPE BASE64 [COMMENT]", from a stranger: anything that is not exactly that gives false. The texts
// are cut out of the line.
bool hostkey_parse(struct arena *a, struct str line, struct str *name, struct hostkey *out) MUST_USE;
// Every key in a text of such lines whose name is `name` (all of them when it is empty).
void hostkey_collect(struct arena *a, struct str text, struct str name, struct hostkeys *out);
// The one to prefer: ed25519, then ecdsa, then rsa. NULL when there is none.
const struct hostkey *hostkey_best(const struct hostkeys *keys);
// What known_hosts calls a host: its address, or [address]:port.
struct str hostkey_name(struct arena *a, struct str address, int port);
