// peer_streams.c: an agent asks what we know of a path, claims its files, and says when one is over.
//
// What it asks for goes through the writer's queue too (an echo), so that the answer says what is durable, and nothing
// that is still on its way.
#include "log/inner.h"
#include "base/clock.h"
#include "base/say.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

// Answered once it, and all before it, is durable.
static void put_waiting(struct peer *p, struct job *j)
{
    j->peer = p->id;
    p->waiting++;
    journal_put(p->server->journal, j);
}

void peer_unask(struct peer *p, struct asked *a)
{
    STAILQ_REMOVE(&p->asked, a, asked, next);
    free((char *)(uintptr_t)a->open.path.p);
    free(a);
}

bool peer_on_open(struct peer *p, struct str payload, struct err *e)
{
    struct wire_open m;
    if (!wire_open_read(payload, &m, e))
        return false;
    if (!tables_set(p->server->tables, m.dataset) || m.path.n == 0 || m.path.n > PATH_BYTES_MAX)
        return err_set(e, ERR_PEER, "an open of no dataset or path of ours");
    struct asked *a = calloc(1, sizeof *a);
    char *path = strndup(m.path.p, m.path.n);
    assert(a && path);
    a->open = (struct wire_open){m.dataset, {path, m.path.n}};
    STAILQ_INSERT_TAIL(&p->asked, a, next);
    put_waiting(p, job_new(JOB_ECHO));
    return true;
}

void peer_answer_open(struct peer *p)
{
    struct asked *a = STAILQ_FIRST(&p->asked);
    OWN_BUF struct buf b = buf_make(FRAME_MAX);
    if (!a)
        return;
    struct wire_streams m = {.dataset = a->open.dataset, .path = a->open.path,
                             .horizon_us = streams_horizon(&p->server->streams, now_ms() * 1000)};
    streams_untake(&p->server->streams, str_z(p->host), m.dataset, m.path);
    uint64_t before = UINT64_MAX;
    do {
        streams_of(&p->server->streams, str_z(p->host), m.dataset, m.path, before, &m);
        before = m.n ? m.at[m.n - 1].id : 0;
        buf_clear(&b);
        wire_streams_put(&b, &m);
        peer_send(p, FRAME_STREAMS, buf_str(&b));
    } while (m.more);
    peer_unask(p, a);
}

struct stream *peer_stream(struct peer *p, uint64_t id, struct err *e)
{
    struct stream *s = streams_find(&p->server->streams, id);
    if (s && strcmp(s->host, p->host) == 0)
        return s;
    err_set(e, ERR_PEER, "stream %llu is none of this host", (unsigned long long)id);
    return NULL;
}

static bool may_begin(const struct peer *p, uint16_t dataset)
{
    const char *name = tables_set(p->server->tables, dataset)->rows->name;
    return host_writes(p->server->fresh.good, str_z(name), str_z(p->host));
}

bool peer_on_claim(struct peer *p, struct str payload, struct err *e)
{
    struct wire_claim m;
    if (!wire_claim_read(payload, &m, e))
        return false;
    if (!tables_set(p->server->tables, m.dataset) || (m.imported && !p->imports))
        return err_set(e, ERR_PEER, "a claim of no dataset of ours, or of an import by an agent");
    struct stream *s = m.id ? peer_stream(p, m.id, e) : NULL;
    if (m.id && (!s || s->dataset != m.dataset))
        return s ? err_set(e, ERR_PEER, "a claim of a stream of another dataset") : false;
    // A web host that was broken into does not write into the audit's dataset. What it began when it might, it may
    // finish.
    if (!s && !p->local && !may_begin(p, m.dataset))
        return err_set(e, ERR_DENIED, "the site's file gives dataset \"%s\" nothing from %s",
                       tables_set(p->server->tables, m.dataset)->rows->name, p->host);
    if (!s)
        s = streams_twin(&p->server->streams, str_z(p->host), &m);
    if (s)
        stream_claimed(&p->server->streams, s, &m);
    else if (!(s = streams_new(&p->server->streams, str_z(p->host), &m, e)))
        return false;
    struct job *j = job_new(JOB_STREAM);
    j->stream = s;
    put_waiting(p, j);
    return true;
}

void peer_answer_claim(struct peer *p, const struct answer *a)
{
    OWN_BUF struct buf b = buf_make(64);
    struct stream *s = streams_find(&p->server->streams, a->stream);
    if (s && s->imported)
        stream_untake(&p->server->streams, s);
    wire_stream_put(&b, &(struct wire_stream){a->stream, a->offset});
    peer_send(p, FRAME_STREAM, buf_str(&b));
}

bool peer_on_done(struct peer *p, struct str payload, struct err *e)
{
    struct wire_done m;
    if (!wire_done_read(payload, &m, e))
        return false;
    struct stream *s = peer_stream(p, m.stream, e);
    if (!s)
        return false;
    if (s->why)
        return true;            // said before a connection broke
    struct job *j = job_new(JOB_DONE);
    j->stream = s;
    j->size = m.size;
    j->why = m.why;
    if (m.why != DONE_ROTATED && m.why != DONE_IMPORTED)
        say("log.unproven", KV("host", p->host), KV("path", s->path), KV("acked", s->written), KV("size", m.size));
    put_waiting(p, j);
    return true;
}
