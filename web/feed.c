// feed.c: topics that streams ask for by name, each followed once however many want it.
#include "web/live_inner.h"
#include "web/rights.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FEED_MS = 200, FEEDS_MAX = 200 };

static void on_feeding(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct live *l = arg;
    struct feed *f;
    TAILQ_FOREACH(f, &l->feeds, next)
        f->row->look(f->arg, f);
}

static bool wants(const struct listener *s, const struct feed *f)
{
    for (size_t i = 0; s->feeds && i < TOPICS_MAX && s->feeds[i]; i++)
        if (s->feeds[i] == f)
            return true;
    return false;
}

// Lines of bulk may be lost: whoever is slow asks for them again by number, and is not hung up on for them.
void feed_tell(struct feed *to, struct str json)
{
    assert(json.n <= BULK_JSON_MAX);
    struct listener *s;
    OWN_BLOB struct blob *b = blob_bulk(str_z(to->row->prefix), str_z(to->topic), json);
    TAILQ_FOREACH(s, &to->live->listeners, next)
        if (wants(s, to) && standing_has(s->role, to->row->right)
            && evbuffer_get_length(s->out) < UNSENT_MAX / 2)
            listener_tell(s, b);
}

static void feed_drop(struct feed *f)
{
    struct live *l = f->live;
    TAILQ_REMOVE(&l->feeds, f, next);
    f->row->close(f->arg);
    free(f->topic);
    free(f);
    if (!TAILQ_EMPTY(&l->feeds))
        return;
    event_free(l->feeding);
    l->feeding = NULL;
}

// Behind the last one stand NULLs.
static void unwant(struct feed **feeds)
{
    for (size_t i = 0; feeds && i < TOPICS_MAX && feeds[i]; i++)
        if (!--feeds[i]->wanted)
            feed_drop(feeds[i]);
}

void feeds_leave(struct listener *s)
{
    unwant(s->feeds);
    free(s->feeds);
    s->feeds = NULL;
}

static const struct bulk *row_of(const struct web *w, struct str prefix)
{
    for (const struct bulk *const *table = w->bulks; table && *table; table++)
        for (const struct bulk *row = *table; row->prefix; row++)
            if (str_eq(str_z(row->prefix), prefix))
                return row;
    return NULL;
}

static struct feed *find(struct live *l, struct str topic)
{
    struct feed *f;
    TAILQ_FOREACH(f, &l->feeds, next)
        if (str_eq(str_z(f->topic), topic))
            return f;
    return NULL;
}

static struct feed *new_feed(struct live *l, const struct bulk *row, struct str topic, void *arg)
{
    struct feed *f = calloc(1, sizeof *f);
    assert(f);
    *f = (struct feed){.live = l, .row = row, .arg = arg, .topic = strndup(topic.p, topic.n)};
    assert(f->topic);
    TAILQ_INSERT_TAIL(&l->feeds, f, next);
    if (!l->feeding)
        l->feeding = loop_every(l->loop, FEED_MS, on_feeding, l);
    return f;
}

static struct feed *follow(struct live *l, struct ask *q, struct str topic, struct err *e)
{
    struct str name = topic, prefix = str_cut(&name, ':');
    struct feed *f = find(l, topic);
    size_t n = 0;
    void *arg = NULL;
    const struct bulk *row = row_of(l->web, prefix);
    if (!row || !name.n) {
        err_set(e, ERR_NOT_FOUND, "there is no topic \"" STR_F "\"", STR_A(str_head(topic, 100)));
        return NULL;
    }
    if (!standing_has(q->who.role, row->right)) {
        err_set(e, ERR_DENIED, STR_F " (%s) may not hear " STR_F, STR_A(q->who.name), standing_name(q->who.role),
                STR_A(str_head(topic, 100)));
        return NULL;
    }
    if (f)
        return f;
    TAILQ_FOREACH(f, &l->feeds, next)
        n++;
    if (n >= FEEDS_MAX) {
        err_set(e, ERR_LIMIT, "%d topics are followed, more than that are not", FEEDS_MAX);
        return NULL;
    }
    return row->open(q, name, &arg, e) ? new_feed(l, row, topic, arg) : NULL;
}

static struct listener *find_stream(struct live *l, const struct ask *q)
{
    struct listener *s;
    struct str id = ask_param(q, "stream");
    TAILQ_FOREACH(s, &l->listeners, next)
        if (!s->gone && listener_is_of(s, &q->who) && str_eq((struct str){s->id, STREAM_ID}, id))
            return s;
    return NULL;
}

// All of them or none: a page that mistyped one keeps what it had.
static bool follow_all(struct live *l, struct ask *q, const struct strs *topics, struct feed **to, struct err *e)
{
    for (size_t i = 0; i < topics->n; i++) {
        to[i] = follow(l, q, topics->at[i], e);
        if (!to[i] && e->kind == ERR_NOT_FOUND)
            return ask_wrong(q, e, "topics", str_zdup(q->arena, str_z(e->hint)), "%s",
                             str_zdup(q->arena, str_z(e->text)));
        if (!to[i])
            return false;
        to[i]->wanted++;
    }
    return true;
}

bool live_put(struct ask *q, struct err *e)
{
    const struct live_put_in *in = q->in;
    struct live *l = request_of(q)->web->live;
    struct listener *s = find_stream(l, q);
    if (!s)
        return err_set(e, ERR_NOT_FOUND, "there is no such stream of yours; `hello` says its name");
    struct feed **wanted = calloc(TOPICS_MAX, sizeof(struct feed *));
    assert(wanted);
    bool ok = follow_all(l, q, &in->topics, wanted, e);
    if (!ok) {
        unwant(wanted);
        free(wanted);
        return false;
    }
    feeds_leave(s);
    s->feeds = wanted;
    json_open(q->out, '{');
    json_key(q->out, "topics");
    json_open(q->out, '[');
    for (size_t i = 0; i < in->topics.n; i++)
        json_val(q->out, V(in->topics.at[i]));
    json_close(q->out, ']');
    json_close(q->out, '}');
    return true;
}
