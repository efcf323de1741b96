// job.c: see job.h.
#include "log/job.h"
#include "log/cut.h"
#include <assert.h>
#include <stdlib.h>
#include <time.h>

struct job *job_new(enum job_kind kind)
{
    struct job *j = calloc(1, sizeof *j);
    assert(j);
    j->kind = kind;
    return j;
}

void job_free(struct job *j)
{
    if (!j)
        return;
    free((char *)(uintptr_t)j->record.p);
    free(j->room);
    free(j->caught);
    free(j);
}

uint64_t job_lines(const struct job *j)
{
    return UINT64_C(1) + cut_lines((struct str){j->clear, j->block.clear_n});
}

void queue_make(struct queue *q, size_t max_bytes)
{
    pthread_condattr_t attr;
    *q = (struct queue){.max_bytes = max_bytes};
    STAILQ_INIT(&q->jobs);
    pthread_mutex_init(&q->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&q->more, &attr);
    pthread_cond_init(&q->less, &attr);
    pthread_condattr_destroy(&attr);
}

void queue_drop(struct queue *q)
{
    for (struct job *j; (j = STAILQ_FIRST(&q->jobs));) {
        STAILQ_REMOVE_HEAD(&q->jobs, next);
        job_free(j);
    }
    pthread_cond_destroy(&q->more);
    pthread_cond_destroy(&q->less);
    pthread_mutex_destroy(&q->lock);
}

void queue_put(struct queue *q, struct job *j)
{
    pthread_mutex_lock(&q->lock);
    while (j->cost && q->bytes > q->max_bytes)
        pthread_cond_wait(&q->less, &q->lock);
    STAILQ_INSERT_TAIL(&q->jobs, j, next);
    q->bytes += j->cost;
    q->n++;
    pthread_cond_signal(&q->more);
    pthread_mutex_unlock(&q->lock);
}

static struct timespec after(int64_t ms)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += ms % 1000 * 1000000;
    if (t.tv_nsec >= 1000000000)
        t.tv_sec++, t.tv_nsec -= 1000000000;
    return t;
}

struct job *queue_take(struct queue *q, int64_t ms)
{
    struct timespec until = after(ms < 0 ? 0 : ms);
    pthread_mutex_lock(&q->lock);
    while (STAILQ_EMPTY(&q->jobs)) {
        int late = ms < 0 ? pthread_cond_wait(&q->more, &q->lock)
                          : ms == 0 ? 1 : pthread_cond_timedwait(&q->more, &q->lock, &until);
        if (late)
            break;
    }
    struct job *j = STAILQ_FIRST(&q->jobs);
    if (j) {
        STAILQ_REMOVE_HEAD(&q->jobs, next);
        q->bytes -= j->cost;
        q->n--;
        pthread_cond_broadcast(&q->less);
    }
    pthread_mutex_unlock(&q->lock);
    return j;
}
