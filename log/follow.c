// follow.c: see follow.h. The files of one path: opened, followed, finished. match.c knows which streams they are,
// scan.c finds those with other names.
#include "log/follow.h"
#include "base/clock.h"
#include "base/say.h"
#include "log/crc32c.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { GO_BUDGET = 4 << 20, RETRY_MS = 1000, HELD_SAID = 1 << 30, SCAN_EVERY_MS = 60000 };

// ---- small things ----

static bool said_already(struct follow *fo, struct str text)
{
    uint32_t sum = crc32c(0, text.p, text.n);
    for (size_t i = 0; i < fo->said_n && i < SAID_MAX; i++)
        if (fo->said[i] == sum)
            return true;
    fo->said[fo->said_n++ % SAID_MAX] = sum;
    return false;
}

// Two files that cannot be read take turns at every look.
void follow_trouble(struct follow *fo, const struct err *e)
{
    snprintf(fo->trouble, sizeof fo->trouble, "%.*s", (int)sizeof fo->trouble - 1, e->text);
    if (!e->text[0])
        fo->said_n = 0;
    else if (!said_already(fo, str_z(e->text)))
        say("log.agent.trouble", KV("path", fo->file), KV("why", e->text));
}

struct known *follow_known(struct follow *fo, uint64_t id)
{
    for (size_t i = 0; i < fo->known_n; i++)
        if (fo->known[i].s.id == id)
            return &fo->known[i];
    return NULL;
}

static void claims_forget(struct talk *t, const struct source *s)
{
    for (size_t i = 0; i < t->claims_n; i++) {
        struct source **slot = &t->claims[(t->claim_at + i) % SOURCES_MAX];
        if (*slot == s)
            *slot = NULL;
    }
}

void source_disown(const struct source *s)
{
    struct follow *fo = s->follow;
    for (size_t i = 0; i < fo->known_n; i++)
        if (fo->known[i].owner == s)
            fo->known[i].owner = NULL;
}

static void unlink_source(struct source *s)
{
    struct follow *fo = s->follow;
    if (fo->live == s)
        fo->live = NULL;
    for (struct source **p = &fo->older; *p; p = &(*p)->next)
        if (*p == s) {
            *p = s->next;
            return;
        }
}

void source_drop(struct source *s)
{
    struct follow *fo = s->follow;
    unlink_source(s);
    claims_forget(fo->talk, s);
    source_disown(s);
    fo->talk->sources--;
    tailfile_close(s->f);
    free(s);
}

uint64_t source_flight(const struct source *s)
{
    return s->state == SOURCE_SHIPPING && s->f->at > s->acked ? s->f->at - s->acked : 0;
}

struct source *follow_holds(struct follow *fo, uint64_t dev, uint64_t inode)
{
    if (fo->live && fo->live->f->dev == dev && fo->live->f->inode == inode)
        return fo->live;
    for (struct source *s = fo->older; s; s = s->next)
        if (s->f->dev == dev && s->f->inode == inode)
            return s;
    return NULL;
}

static struct source *source_new(struct follow *fo, struct tailfile *f)
{
    if (fo->talk->sources >= SOURCES_MAX) {
        struct err e = {0};
        err_set(&e, ERR_LIMIT, "%d files are open already; %s waits", SOURCES_MAX, f->path);
        follow_trouble(fo, &e);
        tailfile_close(f);
        return NULL;
    }
    struct source *s = calloc(1, sizeof *s);
    *s = (struct source){.follow = fo, .f = f, .last_size = f->size, .waited = UINT64_MAX, .grown_tick = tick_ms()};
    fo->talk->sources++;
    return s;
}

static void put_older(struct follow *fo, struct source *s)
{
    struct source **p = &fo->older;
    while (*p && (*p)->f->mtime_us <= s->f->mtime_us)
        p = &(*p)->next;
    s->next = *p;
    *p = s;
}

struct source *follow_take(struct follow *fo, struct tailfile *f)
{
    struct source *s = source_new(fo, f);
    if (s)
        put_older(fo, s);
    return s;
}

// ---- sources ----

bool source_works(const struct source *s)
{
    const struct tailfile *f = s->f;
    if (s->is_cut || (s->retry_tick && tick_ms() < s->retry_tick))
        return false;
    if (s->state == SOURCE_GOING)
        return true;
    if (s->state != SOURCE_SHIPPING || s->damaged)
        return false;
    if (f->packed)
        return !f->ended || (f->at < f->size && (s->ending || s->waited != f->size));
    return f->size > f->at && (s->ending || s->waited != f->size);
}

void source_is_cut(struct source *s)
{
    s->is_cut = true;
}

void source_failed(struct source *s, const struct err *e)
{
    follow_trouble(s->follow, e);
    s->retry_tick = tick_ms() + RETRY_MS;
    if (s->f->packed && e->kind == ERR_INPUT)
        s->damaged = true;
}

// A beginning of a line that many files may have is no head to be known by. What has no stream yet is claimed as what
// it is now; of a stream the head may have become longer, and must have.
static bool worth_a_claim(struct source *s)
{
    struct err e = {0};
    if (s->f->packed)
        return s->f->head_n > 0;
    if (s->id)
        s->is_cut = tailfile_longer_head(s->f, &e) == TAIL_TRUNCATED;
    else if (!(s->small || tailfile_begun(s->f)) || !tailfile_head(s->f, &e))
        return false;
    return !s->is_cut && s->f->head_n;
}

// What stands before the offset must be what the server saw there.
static bool tail_fits(const struct source *s)
{
    unsigned char tail[TAIL_HASH];
    tail_hash((struct str){(const char *)s->f->before, s->f->before_n}, tail);
    return s->go_to == 0 || tail_unknown(s->tail) || memcmp(tail, s->tail, sizeof tail) == 0;
}

static void not_that_stream(struct source *s)
{
    source_disown(s);
    s->id = s->go_to = 0;
    s->copy = false;
}

static void gone_there(struct source *s)
{
    if (s->answered)
        source_arrived(s);
    else if (s->id && !tail_fits(s))
        not_that_stream(s);
    else if (worth_a_claim(s))
        source_claim(s);
    else
        s->retry_tick = tick_ms() + 50;
}

bool source_go(struct source *s)
{
    struct err e = {0};
    s->retry_tick = 0;
    switch (tailfile_go(s->f, s->go_to, GO_BUDGET, &e)) {
    case TAIL_LINES:
        gone_there(s);
        return false;
    case TAIL_TRUNCATED:
        if (s->f->packed)       // only the beginning of what the server has
            source_drop(s);
        else
            s->is_cut = true;
        return false;
    case TAIL_FAILED:
        source_failed(s, &e);
        return false;
    case TAIL_WAIT:
    case TAIL_AGAIN:
        return true;
    }
    return false;
}

// ---- the end of a file ----

static void say_lost(const struct follow *fo, const struct known *k, const char *why, uint64_t size)
{
    say("log.agent.unproven", KV("path", fo->file), KV("why", why), KV("stream", k->s.id), KV("after", k->s.offset),
        KV("size", size));
}

static void send_done(struct follow *fo, struct known *k, uint64_t size, enum done_why why)
{
    OWN_BUF struct buf b = buf_make(64);
    wire_done_put(&b, &(struct wire_done){k->s.id, size, (uint8_t)why});
    link_send(fo->talk->link, FRAME_DONE, buf_str(&b));
    k->s.done = 1;
    k->owner = NULL;
    k->missing_tick = 0;
    if (why == DONE_TRUNCATED)
        say_lost(fo, k, "the file was cut off", size);
    if (why == DONE_VANISHED)
        say_lost(fo, k, "the file is gone", size);
}

// A file that is written after this one, and has something in it.
static bool has_successor(const struct source *s)
{
    const struct follow *fo = s->follow;
    if (fo->live && fo->live != s && fo->live->f->size)
        return true;
    for (const struct source *o = s->next; o; o = o->next)
        if (o->f->size || o->f->packed)
            return true;
    return false;
}

static bool is_quiet(const struct source *s)
{
    int64_t quiet = s->follow->talk->quiet_ms;
    if (s->f->packed || tick_ms() - s->grown_tick >= quiet)
        return true;
    return !s->grew && now_ms() - s->f->mtime_us / 1000 >= quiet;
}

static void end_source(struct source *s)
{
    struct follow *fo = s->follow;
    struct known *k = follow_known(fo, s->id);
    uint64_t size = s->f->at, longest = k && k->longest > size ? k->longest : size;
    if (!s->copy && !s->damaged)
        say("log.agent.finished", KV("path", s->f->path), KV("stream", s->id), KV("size", size));
    if (k) {
        k->s.offset = size;         // with its tail, for the file may still grow
        tail_hash((struct str){(const char *)s->f->before, s->f->before_n}, k->s.tail);
        k->damaged = s->damaged;
        send_done(fo, k, longest, s->copy || s->damaged ? DONE_TRUNCATED : DONE_ROTATED);
    }
    source_drop(s);
}

// No timer ends a file with bytes pending.
static void try_end(struct source *s)
{
    const struct tailfile *f = s->f;
    if (s->is_cut || !is_quiet(s) || (f->packed && !f->ended && !s->damaged))
        return;
    if (s->state == SOURCE_GOING && !s->answered && !f->packed)
        s->small = true;
    if (s->state == SOURCE_GOING && f->size == 0 && s->id == 0 && has_successor(s)) {
        source_drop(s);
        return;
    }
    if (s->state != SOURCE_SHIPPING || s->acked != f->at || !has_successor(s))
        return;
    if (f->at < f->size && s->waited == f->size && !s->damaged)
        s->ending = true;
    else if (f->at >= f->size || s->damaged)
        end_source(s);
}

// ---- looking at files ----

void follow_keep_longest(const struct source *s)
{
    struct known *k = s->id ? follow_known(s->follow, s->id) : NULL;
    if (k && k->longest < s->proven)
        k->longest = s->proven;
}

// What was sent must have settled before the server is asked where this stream stands.
static void settle_cut(struct source *s)
{
    struct follow *fo = s->follow;
    bool up = link_up(fo->talk->link);
    if (up && (s->state == SOURCE_CLAIMED || source_flight(s)))
        return;
    follow_keep_longest(s);
    say("log.agent.cut", KV("path", s->f->path), KV("stream", s->id), KV("size", s->proven));
    source_drop(s);
    follow_seen_forget(fo);
    fo->rescan = true;
    follow_ask(fo);
}

static void longer_head(struct source *s)
{
    struct err e = {0};
    struct tailfile *f = s->f;
    struct known *k = follow_known(s->follow, s->id);
    if (f->head_n >= HEAD_BYTES || f->packed || f->size < HEAD_BYTES || !link_up(s->follow->talk->link))
        return;
    enum tail_said said = tailfile_longer_head(f, &e);
    s->is_cut = said == TAIL_TRUNCATED;
    if (said != TAIL_LINES)
        return;
    if (k) {
        k->s.head_n = f->head_n;
        memcpy(k->s.head, f->head, sizeof k->s.head);
    }
    source_claim(s);
}

static void look_at(struct source *s)
{
    int64_t now_us = now_ms() * 1000;
    struct tailfile *f = s->f;
    if (!tailfile_look(f)) {
        s->retry_tick = tick_ms() + RETRY_MS;
        return;
    }
    if (!f->packed && f->size < (f->scanned > f->at ? f->scanned : f->at) && s->state == SOURCE_SHIPPING)
        s->is_cut = true;
    if (f->links == 0 && f->size > HELD_SAID && !s->held_said) {
        s->held_said = true;
        say("log.agent.holding", KV("path", f->path), KV("size", f->size), KV("why", "removed, not read to its end"));
    }
    if (f->size > s->last_size) {
        s->grown_tick = tick_ms();
        s->grew = true;
        s->ending = false;
        s->last_size = f->size;
    }
    // Looked at first, compared then: what was cut off in between, and has grown beyond us again, is no part of it.
    if (f->size > s->proven && tailfile_sound(f))
        s->proven = f->size;
    if (s->state == SOURCE_SHIPPING && s->acked == f->at && (f->at >= f->size || s->waited == f->size)
        && (!f->packed || f->ended))
        s->even_us = now_us;
    if (s->is_cut)
        settle_cut(s);
    else if (s->state == SOURCE_SHIPPING)
        longer_head(s);
}

static void retire(struct follow *fo)
{
    struct source *s = fo->live, **p = &fo->older;
    if (!s)
        return;
    say("log.agent.rotated", KV("path", fo->file), KV("stream", s->id), KV("size", s->f->size));
    while (*p)
        p = &(*p)->next;
    s->next = NULL;
    *p = s;
    s->grown_tick = tick_ms();
    s->grew = true;
    fo->live = NULL;
    fo->rescan = true;
}

static void open_live(struct follow *fo)
{
    struct err e = {0};
    struct tailfile *f = tailfile_open(fo->file, &e);
    struct source *held = f ? follow_holds(fo, f->dev, f->inode) : NULL;
    if (!f) {
        if (e.kind != ERR_NOT_FOUND)
            follow_trouble(fo, &e);
        return;
    }
    if (f->packed) {
        err_set(&e, ERR_INPUT, "%s is compressed while it is written; only finished files may be", fo->file);
        tailfile_close(f);
        follow_trouble(fo, &e);
        return;
    }
    follow_trouble(fo, &e);             // all is well again
    if (held) {                         // it was renamed back
        tailfile_close(f);
        unlink_source(held);
        held->next = NULL;
        held->ending = false;
        fo->live = held;
        return;
    }
    fo->live = source_new(fo, f);
}

static void look_at_path(struct follow *fo)
{
    struct stat st;
    bool there = stat(fo->file, &st) == 0;
    uint64_t dev = there ? (uint64_t)major(st.st_dev) << 32 | minor(st.st_dev) : 0;
    if (fo->live && !there && errno != ENOENT)      // nobody can say
        return;
    if (fo->live && there && fo->live->f->dev == dev && fo->live->f->inode == st.st_ino)
        return;
    retire(fo);
    open_live(fo);
}

// Streams that no file is: believed after a while, for a rename or a compression may be under way just now.
static void look_for_missing(struct follow *fo)
{
    int64_t now = tick_ms();
    for (const struct source *s = fo->older; s; s = s->next)
        if (s->state != SOURCE_SHIPPING)
            return;
    if ((!fo->live && fo->trouble[0]) || fo->shut[0])       // it may be there, and we cannot read it
        return;
    if (fo->live && (fo->live->state == SOURCE_CLAIMED || (fo->live->state == SOURCE_GOING && fo->live->id)))
        return;
    for (size_t i = 0; i < fo->known_n; i++) {
        struct known *k = &fo->known[i];
        if (k->s.done || k->owner)
            continue;
        if (!k->missing_tick) {
            k->missing_tick = now;
            fo->rescan = true;
        } else if (now - k->missing_tick >= fo->talk->settle_ms && !fo->rescan) {
            bool cut = follow_holds(fo, k->s.dev, k->s.inode);
            send_done(fo, k, k->longest > k->s.offset ? k->longest : k->s.offset, cut ? DONE_TRUNCATED : DONE_VANISHED);
        }
    }
}

static int64_t dir_changed_us(const struct follow *fo)
{
    struct stat st;
    return stat(fo->dir, &st) == 0 ? st.st_mtim.tv_sec * 1000000 + st.st_mtim.tv_nsec / 1000 : 0;
}

static void scan_when_due(struct follow *fo)
{
    int64_t dir = dir_changed_us(fo);
    if (dir != fo->dir_us || fo->unsettled || tick_ms() - fo->scanned_tick >= SCAN_EVERY_MS)
        fo->rescan = true;
    if (!fo->rescan)
        return;
    fo->dir_us = dir;
    fo->scanned_tick = tick_ms();
    fo->rescan = false;
    follow_scan(fo);
}

void follow_tick(struct follow *fo)
{
    struct source *next;
    look_at_path(fo);
    if (fo->live)
        look_at(fo->live);
    for (struct source *s = fo->older; s; s = next) {
        next = s->next;
        look_at(s);
    }
    if (!link_up(fo->talk->link) || !fo->heard)
        return;
    follow_match(fo);
    scan_when_due(fo);
    for (struct source *s = fo->older; s; s = next) {
        next = s->next;
        try_end(s);
    }
    if (!fo->unsettled && fo->dir_us)
        look_for_missing(fo);
}

// ---- making one ----

struct follow *follow_new(struct talk *t, uint16_t dataset, struct str path, const char *root, struct err *e)
{
    if (path.n < 2 || path.n > PATH_BYTES_MAX || path.p[0] != '/' || path.p[path.n - 1] == '/'
        || memchr(path.p, 0, path.n)) {
        err_set(e, ERR_PEER, "\"" STR_F "\" is no path of a file", STR_A(str_head(path, 200)));
        return NULL;
    }
    struct follow *fo = calloc(1, sizeof *fo);
    fo->talk = t;
    fo->dataset = dataset;
    fo->path = strndup(path.p, path.n);
    if (asprintf(&fo->file, "%s%s", root, fo->path) < 0)
        abort();
    const char *slash = strrchr(fo->file, '/');
    fo->dir = strndup(fo->file, slash == fo->file ? 1 : (size_t)(slash - fo->file));
    fo->base = strdup(slash + 1);
    fo->rescan = true;
    return fo;
}

void follow_free(struct follow *fo)
{
    while (fo->older)
        source_drop(fo->older);
    if (fo->live)
        source_drop(fo->live);
    follow_seen_forget(fo);
    free(fo->seen);
    free(fo->known);
    free(fo->coming);
    free(fo->path);
    free(fo->file);
    free(fo->dir);
    free(fo->base);
    free(fo);
}
