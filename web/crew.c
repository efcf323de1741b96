// crew.c: threads, a list of what waits and a list of what is done. They share nothing else with the loop: no arena, no
// store, no libevent; an eventfd tells it that something is done.
#include "web/crew.h"
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct crew {
    pthread_mutex_t lock;
    pthread_cond_t more;
    pthread_t threads[CREW_MAX];
    int running, busy, fd;
    bool stopping, long_ones;
    unsigned waiting_n, waiting_max;
    STAILQ_HEAD(, crew_job) waiting, done;
    struct event *event;
};

static void crew_free(struct crew *c)
{
    if (c->fd >= 0)
        close(c->fd);
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->more);
    free(c);
}

static struct crew_job *next_waiting(struct crew *c)
{
    struct crew_job *j;
    while (!(j = STAILQ_FIRST(&c->waiting)) && !c->stopping)
        pthread_cond_wait(&c->more, &c->lock);
    if (c->stopping)
        return NULL;
    STAILQ_REMOVE_HEAD(&c->waiting, next);
    c->waiting_n--;
    return j;
}

static void *run(void *arg)
{
    struct crew *c = arg;
    struct crew_job *j;
    pthread_mutex_lock(&c->lock);
    while ((j = next_waiting(c))) {
        c->busy++;
        pthread_mutex_unlock(&c->lock);
        j->work(j);
        pthread_mutex_lock(&c->lock);
        c->busy--;
        STAILQ_INSERT_TAIL(&c->done, j, next);
        eventfd_write(c->fd, 1);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

static struct crew_job *next_done(struct crew *c)
{
    pthread_mutex_lock(&c->lock);
    struct crew_job *j = STAILQ_FIRST(&c->done);
    if (j)
        STAILQ_REMOVE_HEAD(&c->done, next);
    pthread_mutex_unlock(&c->lock);
    return j;
}

static void on_done(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    eventfd_t n;
    eventfd_read(fd, &n);
    for (struct crew_job *j; (j = next_done(arg));)
        j->done(j);
}

// Signals are the loop's affair.
static bool start_threads(struct crew *c, int threads)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    while (c->running < threads && pthread_create(&c->threads[c->running], NULL, run, c) == 0)
        c->running++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return c->running == threads;
}

struct crew *crew_start(struct event_base *base, int threads, unsigned queue, bool long_ones, struct err *e)
{
    struct crew *c = calloc(1, sizeof *c);
    assert(c && threads <= CREW_MAX);
    STAILQ_INIT(&c->waiting);
    STAILQ_INIT(&c->done);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->more, NULL);
    c->long_ones = long_ones;
    c->waiting_max = queue;
    c->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    c->event = c->fd < 0 ? NULL : event_new(base, c->fd, EV_READ | EV_PERSIST, on_done, c);
    if (c->event && event_add(c->event, NULL) == 0 && start_threads(c, threads))
        return c;
    err_set(e, ERR_IO, "start threads: %m");
    crew_stop(c);
    return NULL;
}

bool crew_take(struct crew *c, struct crew_job *job)
{
    pthread_mutex_lock(&c->lock);
    bool room = c->waiting_n < c->waiting_max;
    if (room) {
        c->waiting_n++;
        STAILQ_INSERT_TAIL(&c->waiting, job, next);
        pthread_cond_signal(&c->more);
    }
    pthread_mutex_unlock(&c->lock);
    return room;
}

// Threads that wait for another server are left alone with the crew's memory: the process is about to end.
bool crew_stop(struct crew *c)
{
    if (!c)
        return true;
    pthread_mutex_lock(&c->lock);
    c->stopping = true;
    bool leave = c->long_ones && c->busy;
    pthread_cond_broadcast(&c->more);
    pthread_mutex_unlock(&c->lock);
    for (int i = 0; i < c->running; i++)
        if (leave)
            pthread_detach(c->threads[i]);
        else
            pthread_join(c->threads[i], NULL);
    if (c->event)
        event_free(c->event);
    if (!leave)
        crew_free(c);
    return !leave;
}
