// hash.c: the key of hash.h.
#include "log/hash.h"
#include <pthread.h>
#include <sodium.h>

uint64_t hash_key[3];

static void make_key(void)
{
    randombytes_buf(hash_key, sizeof hash_key);
    hash_key[0] |= 1;
}

void hash_ready(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_key);
}
