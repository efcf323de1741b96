// match.c: which file is which stream, and what the server says of them (follow.h).
#include "log/follow.h"
#include <stdlib.h>
#include <string.h>

// ---- matching with streams ----

// The file is that stream, from its offset on.
static void take_stream(struct source *s, struct known *k)
{
    struct follow *fo = s->follow;
    bool moved = s->f->dev != k->s.dev || s->f->inode != k->s.inode;
    k->owner = s;
    k->missing_tick = 0;
    s->id = k->s.id;
    s->proven = 0;
    s->go_to = k->s.offset;
    memcpy(s->tail, k->s.tail, sizeof s->tail);
    // The stream's own file is still there and is another one by its content: this is a copy that was made before. A
    // younger file with the number of one that was removed is not meant.
    struct source *own = follow_holds(fo, k->s.dev, k->s.inode);
    s->copy = moved && own && own->f->btime_us < s->f->mtime_us;
    s->state = SOURCE_GOING;
    s->answered = false;
}

// The stream is another open file. Is this one a copy of it? If that one was cut off just now, nobody can say yet.
static enum match match_owned(struct source *s, struct known *k)
{
    struct source *o = k->owner;
    if (!tailfile_begins(s->f, &k->s))
        return MATCH_NEW;
    if (s->f->packed || o->f->packed || tailfile_part_of(s->f, o->f))
        return MATCH_OWNED;
    if (!o->is_cut && tailfile_look(o->f) && o->f->size >= o->f->at && tailfile_sound(o->f))
        return MATCH_NEW;
    o->is_cut = true;
    s->follow->unsettled = true;
    return MATCH_UNSURE;
}

static enum match match_known(struct source *s, struct known *k)
{
    if (k->s.head_n == s->f->head_n && memcmp(k->s.head, s->f->head, sizeof k->s.head) != 0)
        return MATCH_NEW;
    if (k->owner && k->owner != s)
        return match_owned(s, k);
    enum tailfile_is is = tailfile_is(s->f, &k->s);
    if (is == TAILFILE_OTHER)
        return MATCH_NEW;
    if (is == TAILFILE_SHORTER)
        return MATCH_COVERED;
    if (k->s.done && !k->damaged && (s->f->packed || s->f->size <= k->s.offset))
        return MATCH_DONE;
    return MATCH_STREAM;
}

// First the streams whose own file it is, then those that it is a copy of.
static enum match match_pass(struct source *s, bool own)
{
    struct follow *fo = s->follow;
    enum match best = MATCH_NEW;
    for (size_t i = 0; i < fo->known_n; i++) {
        struct known *k = &fo->known[i];
        bool same_file = s->f->dev == k->s.dev && s->f->inode == k->s.inode;
        enum match m = same_file == own ? match_known(s, k) : MATCH_NEW;
        if (m == MATCH_STREAM) {
            take_stream(s, k);
            return m;
        }
        if (best == MATCH_NEW)
            best = m;
    }
    return best;
}

// A head is of the bytes that were there when it was taken: 216, say, of a file that has more by now.
static bool begins_as(struct source *s, const struct source *o)
{
    struct stream_state head = {.dev = o->f->dev, .inode = o->f->inode, .head_n = o->f->head_n};
    memcpy(head.head, o->f->head, sizeof head.head);
    return o->f->head_n && tailfile_begins(s->f, &head);
}

// The server knows neither yet: a copy of a file that is open here is not a second one.
static bool is_copy_of_ours(struct source *s)
{
    struct follow *fo = s->follow;
    for (struct source *o = fo->live ? fo->live : fo->older; o; o = o == fo->live ? fo->older : o->next)
        if (o != s && begins_as(s, o) && (s->f->packed || o->f->packed || tailfile_part_of(s->f, o->f)))
            return true;
    return false;
}

enum match source_match(struct source *s)
{
    struct err e = {0};
    if (!tailfile_head(s->f, &e)) {
        follow_trouble(s->follow, &e);
        return MATCH_OLD;
    }
    bool live = s == s->follow->live;
    enum match m = match_pass(s, true);
    if (m == MATCH_NEW)
        m = match_pass(s, false);
    // What is written now is never only a copy of something. Shorter than its stream: it was cut off, and is another
    // one.
    if (live && (m == MATCH_COVERED || m == MATCH_OWNED))
        m = MATCH_NEW;
    if (!live && m == MATCH_NEW && is_copy_of_ours(s))
        m = MATCH_OWNED;
    if (m == MATCH_NEW && s->f->mtime_us < s->follow->horizon_us)
        return MATCH_OLD;
    if (m == MATCH_NEW) {
        s->id = s->go_to = s->proven = 0;
        s->copy = s->answered = false;
        s->state = SOURCE_GOING;
    }
    return m;
}

// Held files; what scan.c finds it matches itself.
void follow_match(struct follow *fo)
{
    struct source *next;
    if (fo->live && fo->live->state == SOURCE_UNKNOWN && fo->live->waited != fo->live->f->size) {
        fo->live->waited = fo->live->f->size;
        source_match(fo->live);
    }
    for (struct source *s = fo->older; s; s = next) {
        next = s->next;
        if (s->state != SOURCE_UNKNOWN)
            continue;
        enum match m = source_match(s);
        if (m == MATCH_DONE || m == MATCH_COVERED || m == MATCH_OWNED || m == MATCH_OLD)
            source_drop(s);
    }
}

// ---- what the server says ----

static void forget_coming(struct follow *fo)
{
    free(fo->coming);
    fo->coming = NULL;
    fo->coming_n = 0;
}

void follow_ask(struct follow *fo)
{
    OWN_BUF struct buf b = buf_make(PATH_BYTES_MAX + 64);
    if (!link_up(fo->talk->link) || fo->asked)
        return;
    wire_open_put(&b, &(struct wire_open){fo->dataset, str_z(fo->path)});
    link_send(fo->talk->link, FRAME_OPEN, buf_str(&b));
    forget_coming(fo);
    fo->asked = true;
    fo->heard = false;
}

static void forget_stream(struct source *s)
{
    follow_keep_longest(s);
    s->state = SOURCE_UNKNOWN;
    s->id = s->proven = 0;
    s->answered = s->ending = false;
    s->waited = UINT64_MAX;
}

void follow_down(struct follow *fo)
{
    fo->asked = fo->heard = false;
    forget_coming(fo);
    for (size_t i = 0; i < fo->known_n; i++)
        fo->known[i].owner = NULL;
    if (fo->live)
        forget_stream(fo->live);
    for (struct source *s = fo->older; s; s = s->next)
        forget_stream(s);
}

// Who owns a stream, and how long its file was, the server does not know.
static void keep_ours(struct follow *fo, struct known *k)
{
    const struct known *old = follow_known(fo, k->s.id);
    if (!old)
        return;
    k->owner = old->owner;
    k->longest = old->longest;
    k->damaged = old->damaged;
    if (k->owner)               // further than the answer: acks may have come meanwhile
        k->s.offset = k->owner->acked;
}

// The server names the newest streams only.
static void keep_owned(struct follow *fo, const struct known *old, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (old[i].owner && !follow_known(fo, old[i].s.id))
            fo->known[fo->known_n++] = old[i];
}

// The newest come first; what is beyond KNOWN_MAX is older than anything that is still here.
static void add_coming(struct follow *fo, const struct wire_streams *m)
{
    size_t n = fo->coming_n + m->n < KNOWN_MAX ? m->n : KNOWN_MAX - fo->coming_n;
    fo->coming = realloc(fo->coming, (fo->coming_n + n + 1) * sizeof *fo->coming);
    for (size_t i = 0; i < n; i++) {
        struct known *k = &fo->coming[fo->coming_n++];
        *k = (struct known){.s = m->at[i]};
        keep_ours(fo, k);
    }
}

bool follow_streams(struct follow *fo, const struct wire_streams *m, struct err *e)
{
    if (!fo->asked)
        return err_set(e, ERR_PEER, "streams of a path that was not asked for");
    add_coming(fo, m);
    if (m->more)
        return true;
    struct known *old = fo->known;
    size_t old_n = fo->known_n;
    fo->known_cap = fo->coming_n + old_n + 16;
    fo->known = realloc(fo->coming, fo->known_cap * sizeof *fo->known);
    fo->known_n = fo->coming_n;
    fo->coming = NULL;
    forget_coming(fo);
    keep_owned(fo, old, old_n);
    free(old);
    fo->horizon_us = m->horizon_us;
    fo->asked = false;
    fo->heard = fo->rescan = true;
    follow_seen_forget(fo);
    if (fo->live)
        fo->live->waited = fo->live->state == SOURCE_UNKNOWN ? UINT64_MAX : fo->live->waited;
    follow_match(fo);
    return true;
}

// A new stream is one more to compare with. Finished ones make room.
static void add_known(struct source *s)
{
    struct follow *fo = s->follow;
    if (fo->known_n == fo->known_cap && fo->known_cap < KNOWN_MAX) {
        fo->known_cap = fo->known_cap * 2 < KNOWN_MAX ? fo->known_cap * 2 : KNOWN_MAX;
        fo->known = realloc(fo->known, fo->known_cap * sizeof *fo->known);
    }
    if (fo->known_n >= fo->known_cap) {
        size_t i = 0;
        while (i + 1 < fo->known_n && (!fo->known[i].s.done || fo->known[i].owner))
            i++;
        memmove(&fo->known[i], &fo->known[i + 1], (fo->known_n - i - 1) * sizeof *fo->known);
        fo->known_n--;
    }
    struct known *k = &fo->known[fo->known_n++];
    *k = (struct known){.s = {.id = s->id, .dev = s->f->dev, .inode = s->f->inode, .head_n = s->f->head_n},
                        .owner = s};
    memcpy(k->s.head, s->f->head, sizeof k->s.head);
}

void source_claim(struct source *s)
{
    OWN_BUF struct buf b = buf_make(PATH_BYTES_MAX + 256);
    struct talk *t = s->follow->talk;
    const struct known *k = s->id ? follow_known(s->follow, s->id) : NULL;
    if (t->claims_n == SOURCES_MAX)
        return;
    struct wire_claim c = {.id = s->id, .dataset = s->follow->dataset, .path = str_z(s->follow->path), .dev = s->f->dev,
                           .inode = s->f->inode, .head_n = s->f->head_n};
    memcpy(c.head, s->f->head, sizeof c.head);
    if (s->copy && k) {         // so that after a restart it is still seen that the file itself was cut off
        c.dev = k->s.dev;
        c.inode = k->s.inode;
    }
    wire_claim_put(&b, &c);
    link_send(t->link, FRAME_CLAIM, buf_str(&b));
    t->claims[(t->claim_at + t->claims_n++) % SOURCES_MAX] = s;
    if (s->state != SOURCE_SHIPPING)
        s->state = SOURCE_CLAIMED;
}

void source_arrived(struct source *s)
{
    s->state = SOURCE_SHIPPING;
    s->acked = s->f->at;
    s->waited = UINT64_MAX;
    s->ending = false;
}

bool follow_answer(struct source *s, uint64_t id, uint64_t offset, struct err *e)
{
    if (id == 0 || (s->id && s->id != id))
        return err_set(e, ERR_PEER, "the answer to a claim is about another stream");
    if (s->state == SOURCE_SHIPPING)        // that was only a longer head
        return true;
    struct known *k = follow_known(s->follow, id);
    if (k && k->owner && k->owner != s)
        return err_set(e, ERR_PEER, "two files are said to be the same stream");
    bool fresh = !k;
    s->id = id;
    if (fresh)
        add_known(s);
    else
        k->owner = s;
    s->answered = true;
    s->go_to = offset;
    s->state = SOURCE_GOING;
    if (offset == s->f->at && (offset == 0 || s->f->before_n))
        source_arrived(s);
    return true;
}

static struct source *source_of(struct follow *fo, uint64_t id)
{
    struct known *k = follow_known(fo, id);
    return k && k->owner && k->owner->state == SOURCE_SHIPPING ? k->owner : NULL;
}

static void go_back(struct source *s, uint64_t offset)
{
    s->go_to = offset;
    s->state = SOURCE_GOING;
    s->answered = true;
    s->ending = false;
    source_go(s);
}

bool follow_acked(struct follow *fo, uint64_t id, uint64_t offset)
{
    struct source *s = source_of(fo, id);
    if (!s)
        return follow_known(fo, id);
    // Further than we sent: blocks of an earlier connection came through after all.
    if (offset > s->f->at)
        go_back(s, offset);
    else if (offset > s->acked)
        s->acked = offset;
    follow_known(fo, id)->s.offset = s->acked;
    return true;
}

bool follow_rewound(struct follow *fo, uint64_t id, uint64_t offset)
{
    struct source *s = source_of(fo, id);
    if (!s)
        return follow_known(fo, id);
    go_back(s, offset);
    return true;
}
