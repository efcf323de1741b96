// hashers.c: two threads, a list of what waits and a list of what is done. They share nothing else with the loop: no
// arena, no store, no libevent; an eventfd tells it that something is done.
#include "web/hashers.h"
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

// 94 ms on the machine of the design; RFC 9106's second recommendation with less parallelism.
enum { OPS = 3, MEMORY = 64 << 20 };

struct hashers {
    pthread_mutex_t lock;
    pthread_cond_t more;
    pthread_t threads[HASHERS];
    int running, fd;
    bool stopping;
    unsigned waiting_n;
    STAILQ_HEAD(, hash_job) waiting, done;
    struct event *event;
};

static bool make(char *out, const char *word)
{
    return crypto_pwhash_str_alg(out, word, strlen(word), OPS, MEMORY, crypto_pwhash_ALG_ARGON2ID13) == 0;
}

static void work(struct hash_job *j)
{
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

static void *run(void *arg)
{
    struct hashers *h = arg;
    pthread_mutex_lock(&h->lock);
    while (!h->stopping) {
        struct hash_job *j = STAILQ_FIRST(&h->waiting);
        if (!j) {
            pthread_cond_wait(&h->more, &h->lock);
            continue;
        }
        STAILQ_REMOVE_HEAD(&h->waiting, next);
        h->waiting_n--;
        pthread_mutex_unlock(&h->lock);
        work(j);
        pthread_mutex_lock(&h->lock);
        STAILQ_INSERT_TAIL(&h->done, j, next);
        eventfd_write(h->fd, 1);
    }
    pthread_mutex_unlock(&h->lock);
    return NULL;
}

static struct hash_job *next_done(struct hashers *h)
{
    pthread_mutex_lock(&h->lock);
    struct hash_job *j = STAILQ_FIRST(&h->done);
    if (j)
        STAILQ_REMOVE_HEAD(&h->done, next);
    pthread_mutex_unlock(&h->lock);
    return j;
}

static void on_done(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    eventfd_t n;
    eventfd_read(fd, &n);
    for (struct hash_job *j; (j = next_done(arg));)
        j->done(j);
}

// Signals are the loop's affair.
static bool start_threads(struct hashers *h)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    while (h->running < HASHERS && pthread_create(&h->threads[h->running], NULL, run, h) == 0)
        h->running++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return h->running == HASHERS;
}

struct hashers *hashers_start(struct event_base *base, struct err *e)
{
    struct hashers *h = calloc(1, sizeof *h);
    assert(h);
    STAILQ_INIT(&h->waiting);
    STAILQ_INIT(&h->done);
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->more, NULL);
    h->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    h->event = h->fd < 0 ? NULL : event_new(base, h->fd, EV_READ | EV_PERSIST, on_done, h);
    if (h->event && event_add(h->event, NULL) == 0 && start_threads(h))
        return h;
    err_set(e, ERR_IO, "start the threads for passwords: %m");
    hashers_stop(h);
    return NULL;
}

bool hashers_take(struct hashers *h, struct hash_job *job)
{
    pthread_mutex_lock(&h->lock);
    bool room = h->waiting_n < HASHERS_QUEUE;
    if (room) {
        h->waiting_n++;
        STAILQ_INSERT_TAIL(&h->waiting, job, next);
        pthread_cond_signal(&h->more);
    }
    pthread_mutex_unlock(&h->lock);
    return room;
}

void hashers_stop(struct hashers *h)
{
    if (!h)
        return;
    pthread_mutex_lock(&h->lock);
    h->stopping = true;
    pthread_cond_broadcast(&h->more);
    pthread_mutex_unlock(&h->lock);
    for (int i = 0; i < h->running; i++)
        pthread_join(h->threads[i], NULL);
    if (h->event)
        event_free(h->event);
    if (h->fd >= 0)
        close(h->fd);
    pthread_mutex_destroy(&h->lock);
    pthread_cond_destroy(&h->more);
    free(h);
}
