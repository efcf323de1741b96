// hashers.c: what a thread does with one password.
#include "web/hashers.h"
#include <string.h>

// 94 ms on the machine of the design; RFC 9106's second recommendation with less parallelism.
enum { OPS = 3, MEMORY = 64 << 20 };

static bool make(char *out, const char *word)
{
    return crypto_pwhash_str_alg(out, word, strlen(word), OPS, MEMORY, crypto_pwhash_ALG_ARGON2ID13) == 0;
}

static void work(struct crew_job *job)
{
    struct hash_job *j = (struct hash_job *)(void *)job;
    char nobody[crypto_pwhash_STRBYTES];
    if (j->compare && j->against[0])
        j->fits = crypto_pwhash_str_verify(j->against, j->typed, strlen(j->typed)) == 0;
    else if (j->compare)
        j->failed = !make(nobody, j->typed);
    if (j->fresh[0] && (!j->compare || j->fits))
        j->failed = !make(j->hash, j->fresh);
    sodium_memzero(j->typed, sizeof j->typed);
    sodium_memzero(j->fresh, sizeof j->fresh);
}

struct crew *hashers_start(struct event_base *base, struct err *e)
{
    struct crew *c = crew_start(base, HASHERS, HASHERS_QUEUE, false, e);
    if (!c)
        err_in(e, "passwords");
    return c;
}

bool hashers_have_room(struct crew *c, bool stranger)
{
    return crew_room(c) > (stranger ? (unsigned)HASHERS_KEPT : 0);
}

bool hashers_take(struct crew *c, struct hash_job *job)
{
    job->job.work = work;
    return crew_take(c, &job->job);
}
