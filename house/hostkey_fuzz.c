// Whatever a stranger answers to ssh-keyscan: a key that is taken can be written as one line of known_hosts and read
// back as the same key.
#include "house/hostkey.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    OWN_ARENA struct arena a = arena_make(64 << 20);
    struct hostkeys keys = {0};
    hostkey_collect(&a, (struct str){(const char *)data, size}, S(""), &keys);
    for (size_t i = 0; i < keys.n; i++) {
        struct hostkey k = keys.at[i], again;
        struct str name, line = str_f(&a, "h " STR_F " " STR_F, STR_A(k.type), STR_A(k.base64));
        assert(!str_has(line, '\n') && k.fingerprint.n == 50);
        assert(hostkey_parse(&a, line, &name, &again));
        assert(str_eq(again.base64, k.base64) && str_eq(again.fingerprint, k.fingerprint));
    }
    return 0;
}
