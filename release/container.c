// container.c: names and words for podman(1).
#include "release/container.h"
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

char *container_name(struct arena *a, const char *data, struct str service)
{
    unsigned char hash[16];
    char hex[8];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)data, strlen(data), NULL, 0);
    hex_encode(hash, sizeof hex / 2, hex);
    return str_zf(a, "rusuban-%.8s-" STR_F, hex, STR_A(service));
}

const char *const *container_env(struct arena *a)
{
    static const char *const kept[] = {"CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF", "CONTAINERS_REGISTRIES_CONF",
                                       "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "TMPDIR"};
    const char **env = NEW_N(a, const char *, ARRAY_LEN(kept) + 1);
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        if (getenv(kept[i]))
            env[n++] = str_zf(a, "%s=%s", kept[i], getenv(kept[i]));
    return env;
}

const char **container_remove(struct arena *a, const char *name)
{
    const char *const words[] = {"podman", "rm", "--force", "--ignore", "--time=0", name, NULL};
    const char **argv = NEW_N(a, const char *, ARRAY_LEN(words));
    memcpy(argv, words, sizeof words);
    return argv;
}
