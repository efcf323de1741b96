// agent_status.c: what an agent tells of itself and of its files.
#include "log/agent_inner.h"
#include "base/clock.h"
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static int64_t resident_bytes(void)
{
    long pages = 0, skip;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f && fscanf(f, "%ld %ld", &skip, &pages) != 2)
        pages = 0;
    if (f)
        fclose(f);
    return pages * sysconf(_SC_PAGESIZE);
}

// A file that is on its way to its place counts as behind: a rotated one may wait for long. Of one that is not matched
// with a stream yet nobody can say anything, and of half a first line there is nothing to say.
static bool is_told(const struct source *s)
{
    if (s->state == SOURCE_SHIPPING)
        return true;
    return s->state != SOURCE_UNKNOWN && (s->id || s->f->packed || tailfile_begun(s->f));
}

static void tell_file(struct wire_status *m, const struct source *s)
{
    if (!s || m->n == STATUS_FILES || !is_told(s))
        return;
    const struct tailfile *f = s->f;
    bool ships = s->state == SOURCE_SHIPPING, open = f->packed && !f->ended;
    bool even = ships && !open && (s->acked >= f->size || (s->waited == f->size && s->acked == f->at));
    uint64_t offset = ships ? s->acked : s->id ? s->go_to : 0, size = open ? f->at : f->size;
    int64_t since = s->even_us ? s->even_us : f->btime_us ? f->btime_us : f->mtime_us;
    m->at[m->n++] = (struct wire_file){.stream = s->id, .size = size > offset ? size : offset, .offset = offset,
                                       .path = str_z(f->path), .oldest_us = even ? 0 : since, .open = open};
}

// Nothing came that is not durable.
static bool is_even(const struct source *s)
{
    const struct tailfile *f = s->f;
    if (s->state != SOURCE_SHIPPING)
        return f->size == 0;
    return s->acked >= f->size || (s->waited == f->size && s->acked == f->at);
}

// Lines that this file got before it are durable; 0: nobody can say.
static int64_t source_until(const struct source *s, int64_t now_us)
{
    if (is_even(s) && !s->is_cut && !s->f->packed)
        return now_us;
    return s->even_us ? s->even_us : s->f->btime_us;
}

// A path of which something is not looked at yet, or that cannot be read, may have anything.
static int64_t follow_until(const struct follow *fo, int64_t now_us)
{
    int64_t until = now_us;
    if (!fo->heard || fo->rescan || fo->unsettled || (!fo->live && fo->trouble[0]))
        return 0;
    if (fo->live)
        until = source_until(fo->live, now_us);
    for (const struct source *s = fo->older; s; s = s->next) {
        int64_t its = source_until(s, now_us);
        until = its < until ? its : until;
    }
    return until;
}

void agent_on_status(evutil_socket_t fd, short what, void *arg)
{
    static struct wire_status m;        // 14 KiB
    struct agent *a = arg;
    struct rusage u;
    OWN_BUF struct buf b = buf_make(FRAME_MAX);
    (void)fd, (void)what;
    if (!link_up(a->talk.link) || link_waiting(a->talk.link) >= LINK_ROOM)
        return;
    getrusage(RUSAGE_SELF, &u);
    // Taken before the look: whatever is younger than this is not told of.
    m.now_us = now_ms() * 1000;
    m.cpu_us = (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
    m.rss = resident_bytes();
    m.n = 0;
    m.until_us = m.now_us;
    m.trouble = S("");
    agent_tick(a);
    for (struct follow *fo = a->talk.follows; fo; fo = fo->next) {
        if (!fo->live && fo->trouble[0])
            m.trouble = str_z(fo->trouble);
        else if (fo->shut[0] && !m.trouble.n)
            m.trouble = str_z(fo->shut);
        tell_file(&m, fo->live);
        for (struct source *s = fo->older; s; s = s->next)
            tell_file(&m, s);
        int64_t until = follow_until(fo, m.now_us);
        m.until_us = until < m.until_us ? until : m.until_us;
    }
    wire_status_put(&b, &m);
    link_send(a->talk.link, FRAME_STATUS, buf_str(&b));
}
