// journal_test.c: what goes through the writer, in which order, and how often.
#include "base/test.h"
#include "log/journal.h"
#include <unistd.h>
#include <sys/eventfd.h>

static bool no_streams(void *arg, uint64_t *after, struct buf *out)
{
    (void)arg, (void)after, (void)out;
    return false;
}

struct desk { struct streams streams; struct queue reader; struct journal *journal; struct wal *wal; int bell; };

static void sit_down(struct desk *d)
{
    struct err e;
    *d = (struct desk){.bell = eventfd(0, EFD_CLOEXEC)};
    streams_make(&d->streams);
    queue_make(&d->reader, 1 << 20);
    d->wal = wal_open(test_dir(), no_streams, NULL, &e);
    CHECK(d->wal != NULL);
    d->journal = journal_start(&(struct journal_spec){.wal = d->wal, .streams = &d->streams, .readers = &d->reader,
                                                      .n = 1, .bell = d->bell});
}

static void stand_up(struct desk *d)
{
    journal_free(d->journal);
    wal_free(d->wal);
    queue_drop(&d->reader);
    streams_drop(&d->streams);
    close(d->bell);
}

static struct stream *a_stream(struct desk *d)
{
    struct err e;
    return streams_new(&d->streams, S("app1"), &(struct wire_claim){.dataset = 1, .path = S("/a")}, &e);
}

static void put(struct desk *d, enum job_kind kind, struct stream *s)
{
    struct job *j = job_new(kind);
    j->stream = s;
    j->why = DONE_ROTATED;
    j->size = 7;
    journal_put(d->journal, j);
}

TEST(a_stream_that_is_done_twice_ends_once)
{
    struct desk d;
    struct answer answers[8];
    int ended = 0;
    sit_down(&d);
    struct stream *s = a_stream(&d);
    put(&d, JOB_DONE, s);
    put(&d, JOB_DONE, s);
    put(&d, JOB_STREAM, s);             // its file grew again
    put(&d, JOB_DONE, s);
    put(&d, JOB_DONE, s);
    journal_stop(d.journal);
    CHECK_INT(journal_answers(d.journal, answers, ARRAY_LEN(answers)), 5);
    for (struct job *j; (j = queue_take(&d.reader, 0)); job_free(j))
        ended += j->kind == JOB_DONE;
    CHECK_INT(ended, 2);
    CHECK_INT(s->why, DONE_ROTATED);
    stand_up(&d);
}
