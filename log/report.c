// report.c: how everything is, as JSON: what `rusuban log status` shows.
#include "log/inner.h"
#include "base/clock.h"
#include "base/json.h"
#include <stdio.h>
#include <string.h>

// One answer is one frame; of files that would not fit any more nothing is said.
enum { FILE_TEXT_MAX = 8 * PATH_BYTES_MAX, TROUBLE_MAX = 400 };

static int64_t own_rss(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f)
        return 0;
    if (fscanf(f, "%*s %ld", &pages) != 1)
        pages = 0;
    fclose(f);
    return pages * 4096;
}

static void put_files(struct log_server *s, struct buf *b, const struct wire_status *st)
{
    json_key(b, "files");
    json_open(b, '[');
    for (size_t i = 0; i < st->n && b->n + FILE_TEXT_MAX < b->max; i++) {
        const struct wire_file *f = &st->at[i];
        const struct stream *stream = streams_find(&s->streams, f->stream);
        uint64_t acked = stream ? stream->written : 0;
        uint64_t size = f->size > acked ? f->size : acked;      // agents tell sizes every two seconds, and lines go on
        json_object(b, KV("stream", f->stream), KV("path", str_head(f->path, PATH_BYTES_MAX)), KV("size", size),
                    KV("sent", f->offset), KV("acked", acked),
                    KV("behind_ms", f->oldest_us ? (st->now_us - f->oldest_us) / 1000 : 0),
                    KV("open", V_BOOL(f->open)));
    }
    json_close(b, ']');
}

static void put_agents(struct log_server *s, struct buf *b)
{
    char since[TIME_TEXT_MAX];
    struct peer *p;
    json_key(b, "agents");
    json_open(b, '[');
    LIST_FOREACH(p, &s->peers, next) {
        if (!p->greeted || p->ending || p->imports || b->n + FILE_TEXT_MAX > b->max)
            continue;
        json_open(b, '{');
        json_kvs(b, KVS(KV("host", p->host), KV("from", p->from), KV("since", time_text(p->since_ms, since)),
                        KV("rss", p->status.rss), KV("cpu_ms", p->status.cpu_us / 1000),
                        KV("heard_ms_ago", now_ms() - p->heard_ms), KV("told", V_BOOL(p->status.now_us != 0)),
                        KV("trouble", V_OPT(str_head(p->status.trouble, TROUBLE_MAX)))));
        put_files(s, b, &p->status);
        json_close(b, '}');
    }
    json_close(b, ']');
}

static void put_refused(struct log_server *s, struct buf *b)
{
    char at[TIME_TEXT_MAX];
    rivals_forget(&s->rivals, now_ms());
    json_key(b, "refused");
    json_open(b, '[');
    for (size_t i = 0; i < s->rivals.n; i++) {
        const struct rival *r = &s->rivals.at[i];
        json_object(b, KV("host", V_OPT(str_z(r->host))), KV("from", r->from), KV("why", r->why), KV("hint", r->hint),
                    KV("twin", V_BOOL(r->twin)), KV("times", r->times), KV("last", time_text(r->at_ms, at)));
    }
    json_close(b, ']');
}

// Streams that live and that no connected agent told of: their host is away.
static void put_streams(struct log_server *s, struct buf *b)
{
    size_t living = 0;
    pthread_mutex_lock(&s->streams.lock);
    for (size_t i = 0; i < s->streams.n; i++)
        living += s->streams.at[i]->why == 0;
    size_t all = s->streams.n;
    pthread_mutex_unlock(&s->streams.lock);
    json_kvs(b, KVS(KV("streams", all), KV("streams_living", living)));
}

void report_json(struct log_server *s, struct buf *b)
{
    struct lake_figures f;
    char text[TIME_TEXT_MAX];
    lake_figures(s->lake, &f);
    json_open(b, '{');
    json_kvs(b, KVS(KV("now", time_text(now_ms(), text)), KV("full", V_BOOL(s->full)),
                    KV("wal_bytes", journal_bytes(s->journal)), KV("rows", f.rows + f.hot_rows),
                    KV("hot_rows", f.hot_rows), KV("bad", f.bad), KV("bytes", f.bytes), KV("files", f.files),
                    KV("aside", f.aside), KV("rss", own_rss()), KV("trouble", f.troubled ? f.trouble : NULL),
                    KV("unsealed", f.unsealed), KV("unsealed_why", f.unsealed ? f.unsealed_why : NULL),
                    KV("visible_p50_ms", f.visible_p50), KV("visible_p99_ms", f.visible_p99),
                    KV("published_ms_ago", f.published_ms ? now_ms() - f.published_ms : -1),
                    KV("listen", V_OPT(str_z(s->listens))), KV("listen_trouble", V_OPT(str_z(s->listen_trouble)))));
    put_streams(s, b);
    put_refused(s, b);
    put_agents(s, b);
    json_close(b, '}');
}

enum { AT_ONCE = 64 };

static void put_stream(struct buf *out, const struct stream *s)
{
    char tail[2 * sizeof s->tail];
    hex_encode(s->tail, sizeof s->tail, tail);
    json_object(out, KV("id", s->id), KV("host", s->host), KV("path", s->path), KV("imported", V_BOOL(s->imported)),
                KV("why", (int)s->why), KV("size", s->size), KV("written", s->written),
                KV("tail", ((struct str){tail, sizeof tail})), KV("touched_us", s->touched_us));
}

static void put_all(struct buf *out, const struct stream *at, size_t n)
{
    json_open(out, '[');
    for (size_t i = 0; i < n; i++)
        put_stream(out, &at[i]);
    json_close(out, ']');
}

void report_alike(struct log_server *s, struct str host, bool others, const struct wire_claim *c, struct buf *out)
{
    static struct stream at[AT_ONCE];
    put_all(out, at, streams_alike(&s->streams, host, others, c, at, AT_ONCE));
}

bool report_streams(struct log_server *s, struct str what, struct buf *out, struct err *e)
{
    static struct stream at[AT_ONCE];
    struct str name = str_cut(&what, ' ');
    const struct set *set = tables_named(s->tables, name);
    uint64_t after;
    if (!set || !str_u64(what, &after))
        return err_set(e, ERR_INPUT, "there is no dataset \"" STR_F "\"", STR_A(str_head(name, 80)));
    put_all(out, at, streams_after(&s->streams, set->id, after, at, AT_ONCE));
    return true;
}
