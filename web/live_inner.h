// live_inner.h: the streams, shared by live.c (the ring of events) and feed.c (what is asked for by name).
#pragma once
#include "web/blob.h"
#include "web/bulk.h"
#include "web/live.h"
#include "web/siteword.h"
#include <sys/queue.h>

enum {
    STREAMS_MAX = 1500,
    UNSENT_MAX = 256 << 10,     // octets that a reader may leave unread
    TOPICS_MAX = 16,            // that one stream may ask for by name
    STREAM_ID = 32,             // hex digits
    STREAMS_EACH = 4,           // of one session or token: a browser needs one, however many tabs it has
};

struct feed {                   // a topic that somebody asked for by name
    TAILQ_ENTRY(feed) next;
    struct live *live;
    const struct bulk *row;
    char *topic;
    void *arg;
    unsigned wanted;            // by so many streams
};

struct listener {               // one stream
    TAILQ_ENTRY(listener) next;
    struct live *live;
    struct evhttp_request *ev;
    struct evbuffer *out;
    struct gate *gate;
    enum way way;               // whose it is...
    enum standing role;         // ... as it is known now
    unsigned uid;
    int64_t account, session;   // ids, and of the token
    int64_t token;
    int64_t began_ms;
    int unsure;                 // times in a row that the store could not say who this is
    bool gone;                  // hung up on; evhttp will say when it is closed
    char id[STREAM_ID];
    struct feed **feeds;        // TOPICS_MAX, NULL behind the last; NULL: it asked for none
};

struct live {
    struct web *web;
    struct loop *loop;
    int wake_fd;
    struct event *wake, *look, *again, *welcome, *feeding;      // feeding: while there are feeds
    TAILQ_HEAD(, listener) listeners;
    TAILQ_HEAD(, feed) feeds;
    size_t n;
    int64_t seq;                // every listener has heard everything up to here
    int64_t beat_at;            // tick of the last comment
    struct siteword site;
    bool ending;
};

void listener_tell(struct listener *s, struct blob *b);
// Is it this person's, by the same session or token?
bool listener_is_of(const struct listener *s, const struct who *who);
// It wants nothing by name any more.
void feeds_leave(struct listener *s);
