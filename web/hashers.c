// hashers.c: what a thread does with one password, and whose is next.
#include "web/hashers.h"
#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
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

struct hashers {
    struct crew *crew;
    unsigned at_work;           // never fewer than HASHERS while somebody waits
    struct turns turns;
};

struct hashers *hashers_start(struct event_base *base, struct err *e)
{
    struct hashers *h = calloc(1, sizeof *h);
    assert(h);
    turns_init(&h->turns);
    h->crew = crew_start(base, HASHERS, HASHERS, false, e);
    if (h->crew)
        return h;
    free(h);
    err_in(e, "passwords");
    return NULL;
}

static void begin(struct hashers *h, struct hash_job *job)
{
    bool taken = crew_take(h->crew, &job->job);
    assert(taken);              // as many places as threads
    h->at_work++;
}

static void on_worked(struct crew_job *done)
{
    struct hash_job *job = (struct hash_job *)(void *)done;
    struct hashers *h = job->hashers;
    h->at_work--;
    struct turn *next = turns_next(&h->turns);
    if (next)
        begin(h, (struct hash_job *)(void *)((char *)next - offsetof(struct hash_job, turn)));
    job->done(job);
}

bool hashers_have_room(const struct hashers *h, const struct turn_key *key)
{
    return h->at_work < HASHERS || turns_have_room(&h->turns, key);
}

void hashers_take(struct hashers *h, const struct turn_key *key, struct hash_job *job)
{
    job->job.work = work;
    job->job.done = on_worked;
    job->hashers = h;
    if (h->at_work < HASHERS)
        begin(h, job);
    else
        turns_add(&h->turns, key, &job->turn);
}

void hashers_stop(struct hashers *h)
{
    if (!h)
        return;
    (void)crew_stop(h->crew);
    free(h);
}
