// hash.c: the keys of hash.h and wide.h.
#include "log/wide.h"
#include <pthread.h>
#include <sodium.h>

uint64_t hash_key[3];
struct wide_key wide_key;

static void make_wide_key(void)
{
    randombytes_buf(wide_key.block, sizeof wide_key.block);
    for (size_t i = WIDE_BLOCKS; i-- > 0;)
        for (size_t k = 0; k < 2; k++)
            wide_key.empty[i][k] = wide_key.empty[i + 1][k]
                + (uint64_t)wide_key.block[i][2 * k] * wide_key.block[i][2 * k + 1];
}

static void make_key(void)
{
    randombytes_buf(hash_key, sizeof hash_key);
    hash_key[0] |= 1;
    make_wide_key();
}

void hash_ready(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_key);
}
