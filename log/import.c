// import.c: see import.h. One connection, blocks as many as the window allows, one file after the other.
#include "log/import.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/jansson.h"
#include "log/chunk.h"
#include "log/hour.h"
#include "log/local.h"
#include "log/ltsv.h"
#include "log/pack.h"
#include "log/policy.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ANSWER_MS = 60000, SETTLE_MS = 5000, SETTLE_STEP_MS = 50, GUESS_LINES = 100, LEVEL = -3 };

struct import {
    const struct import_spec *spec;
    int fd, lock;
    struct buf room;                    // of the frame that was read last
    struct arena arena;
    json_t *dataset;                    // as the welcome tells it
    uint16_t id;
    uint32_t window;
    struct packer *packer;
    struct buf clear;                   // lines as they are sent, LTSV_SLACK bytes before them
    struct schema schema;
    struct ltsv *counter;
    struct hour_cache zone;
    int32_t *hours;                     // touched, sorted
    size_t hours_n, hours_cap;
    struct import_sum sum;
    int64_t rows_before;                // in the lake, when we came
};

// The file being imported.
struct one {
    const char *name;                   // as typed
    struct str path;                    // as the server is to know it
    struct chunks *text;
    struct policy *policy;
    enum log_format format;
    uint64_t id, acked, sent, counted, rewound;
    bool rewind;
    struct { uint64_t end, bytes; } *flight;        // clear bytes of what is on its way, a ring
    size_t flight_at, flight_n;
    uint64_t flying;
};

enum { FLIGHT_MAX = 1024 };

const struct import_sum *import_sum(const struct import *im)
{
    return &im->sum;
}

// ---- counting what the server will count ----

static void touch_hour(struct import *im, int32_t hour)
{
    size_t low = 0, high = im->hours_n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (im->hours[middle] < hour)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < im->hours_n && im->hours[low] == hour)
        return;
    if (im->hours_n == im->hours_cap) {
        im->hours_cap = im->hours_cap * 2 + 64;
        im->hours = realloc(im->hours, im->hours_cap * sizeof *im->hours);
        assert(im->hours);
    }
    memmove(im->hours + low + 1, im->hours + low, (im->hours_n - low) * sizeof *im->hours);
    im->hours[low] = hour;
    im->sum.hours = ++im->hours_n;
}

static void on_batch(void *arg, const struct batch *b)
{
    struct import *im = arg;
    int32_t last = INT32_MIN;
    im->sum.rows += b->rows;
    im->sum.bad += b->bad_n;
    im->sum.blank += b->blank;
    for (size_t i = 0; i < b->rows; i++) {
        int32_t hour = hour_of(&im->zone, b->time[i]);
        if (hour != last)
            touch_hour(im, hour);
        last = hour;
    }
}

// text: LTSV_SLACK bytes around it are readable.
static void count(struct import *im, const struct cut *c, struct str text)
{
    im->sum.clear_bytes += c->raw_n;
    im->sum.lines += c->lines;
    if (c->flags & BLOCK_LONG)
        im->sum.bad++;
    else
        ltsv_read(im->counter, text.p, text.n);
}

// ---- frames ----

static void acked(struct one *o, uint64_t offset)
{
    if (offset > o->acked)
        o->acked = offset;
    while (o->flight_n && o->flight[o->flight_at].end <= o->acked) {
        o->flying -= o->flight[o->flight_at].bytes;
        o->flight_at = (o->flight_at + 1) % FLIGHT_MAX;
        o->flight_n--;
    }
}

static bool on_frame(struct import *im, struct one *o, const struct frame *f, struct err *e)
{
    struct wire_offsets m;
    if (f->type == FRAME_WINDOW)
        return wire_window_read(f->payload, &im->window, e);
    if (f->type != FRAME_ACK && f->type != FRAME_REWIND)
        return true;
    if (!wire_offsets_read(f->payload, &m, e))
        return false;
    for (size_t i = 0; i < m.n; i++) {
        if (m.at[i].id != o->id)
            continue;
        acked(o, m.at[i].offset);
        if (f->type == FRAME_REWIND) {
            o->rewind = true;
            o->rewound = m.at[i].offset;
        }
    }
    return true;
}

static bool someone_spoke(const struct import *im)
{
    struct pollfd p = {.fd = im->fd, .events = POLLIN};
    return poll(&p, 1, 0) > 0;
}

static bool hear(struct import *im, struct one *o, struct err *e)
{
    struct frame f;
    return local_next(im->fd, ANSWER_MS, &im->room, &f, e) && on_frame(im, o, &f, e);
}

// The next frame of that type; others are heard on the way. It stays in im->room.
static bool hear_until(struct import *im, struct one *o, enum frame_type type, struct frame *f, struct err *e)
{
    do
        if (!local_next(im->fd, ANSWER_MS, &im->room, f, e) || (f->type != type && !on_frame(im, o, f, e)))
            return false;
    while (f->type != type);
    return true;
}

static json_t *ask(struct import *im, struct one *o, struct str what, struct err *e)
{
    struct frame f;
    json_error_t why;
    if (!local_send(im->fd, FRAME_ASK, what, e) || !hear_until(im, o, FRAME_ANSWER, &f, e))
        return NULL;
    json_t *j = json_loadb(f.payload.p, f.payload.n, 0, &why);
    if (!j)
        err_set(e, ERR_PEER, "the log server's answer is no JSON: %s", why.text);
    return j;
}

// ---- who this file is ----

static struct clear *open_clear(const char *name, struct err *e)
{
    if (strcmp(name, "-") != 0)
        return clear_open(name, e);
    int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    return fd < 0 ? (void)err_set(e, ERR_IO, "standard input: %m"), NULL : clear_of(fd, "standard input", e);
}

static bool open_text(struct one *o, enum clear_kind *kind, struct err *e)
{
    chunks_free(o->text);
    o->text = NULL;
    struct clear *in = open_clear(o->name, e);
    if (!in)
        return false;
    if (kind)
        *kind = clear_kind(in);
    o->text = chunks_new(in, e);
    return o->text != NULL;
}

static void head_of(const struct one *o, struct wire_claim *c)
{
    struct str head = str_head(chunks_peek(o->text), HEAD_BYTES);
    c->head_n = (uint32_t)head.n;
    tail_hash(head, c->head);
}

// That stream's bytes end, at the place where it stands, like ours at the same place. A file that is too short to tell,
// or damaged before that place, begins the same and is taken for the same: nobody's lines may come twice by mistake.
enum same { OTHER, SAME, SHORTER };

static enum same same_text(struct one *o, const json_t *stream)
{
    unsigned char want[TAIL_HASH], got[TAIL_HASH];
    struct err e;
    uint64_t written = (uint64_t)j_int(stream, "written");
    if (written == 0)
        return SAME;
    if (!hex_decode(str_z(j_text(stream, "tail")), want, sizeof want) || !open_text(o, NULL, &e))
        return OTHER;
    if (!chunks_go(o->text, written, got, &e))
        return SHORTER;
    return memcmp(want, got, sizeof got) == 0 ? SAME : OTHER;
}

static void note_known(const json_t *stream, struct import_told *out)
{
    out->fate = json_is_true(json_object_get(stream, "imported")) ? IMPORT_KNOWN : IMPORT_SHIPPED;
    out->at_us = j_int(stream, "touched_us");
}

// Looks through the streams that begin like this file. *id: the one to go on with, or 0.
static bool recognise(struct import *im, struct one *o, const struct wire_claim *c, uint64_t *id,
                      struct import_told *out, struct err *e)
{
    OWN_BUF struct buf b = buf_make(4096);
    size_t i;
    json_t *stream;
    *id = 0;
    buf_addz(&b, "alike ");
    wire_claim_put(&b, c);
    OWN_JSON *alike = ask(im, o, buf_str(&b), e);
    if (!alike)
        return false;
    json_array_foreach(alike, i, stream) {
        bool imported = json_is_true(json_object_get(stream, "imported")), done = j_int(stream, "why") != 0;
        if (!imported && j_int(stream, "written") == 0)
            continue;
        enum same same = same_text(o, stream);
        if (same == OTHER)
            continue;
        if (imported && !done && same == SAME) {
            *id = (uint64_t)j_int(stream, "id");
            break;
        }
        note_known(stream, out);
        break;
    }
    return open_text(o, NULL, e);
}

static bool claim(struct import *im, struct one *o, struct import_told *out, struct err *e)
{
    OWN_BUF struct buf b = buf_make(4096);
    struct wire_claim c = {.dataset = im->id, .path = o->path, .imported = 1};
    struct wire_stream answer;
    struct frame f;
    unsigned char tail[TAIL_HASH];
    bool stdin_ = strcmp(o->name, "-") == 0;
    head_of(o, &c);
    if (!im->spec->again && !stdin_ && !recognise(im, o, &c, &c.id, out, e))
        return false;
    if (out->fate != IMPORT_ALL)
        return true;
    wire_claim_put(&b, &c);
    if (!local_send(im->fd, FRAME_CLAIM, buf_str(&b), e) || !hear_until(im, o, FRAME_STREAM, &f, e)
        || !wire_stream_read(f.payload, &answer, e))
        return false;
    o->id = answer.id;
    o->acked = o->sent = out->from = answer.offset;
    out->fate = answer.offset ? IMPORT_RESUMED : IMPORT_ALL;
    return chunks_go(o->text, answer.offset, tail, e);
}

// ---- format and policy ----

static struct str first_lines(struct str text)
{
    size_t n = 0;
    for (int i = 0; i < GUESS_LINES && n < text.n; i++) {
        const char *end = memchr(text.p + n, '\n', text.n - n);
        n = end ? (size_t)(end + 1 - text.p) : text.n;
    }
    return str_head(text, n);
}

static bool tell_format(struct import *im, struct one *o, enum clear_kind packed, struct err *e)
{
    const char *said = im->spec->format;
    if (said && !log_format_read(str_z(said), &o->format))
        return err_set(e, ERR_INPUT, "--format: expected ltsv, combined or json, got \"%s\"", said);
    if (!said && !convert_guess(first_lines(chunks_peek(o->text)), &o->format, e))
        return err_in(e, "%s", o->name);
    if (im->spec->format_told)
        im->spec->format_told(im->spec->arg, o->name, o->format, packed);
    struct str name = log_format_name(o->format);
    json_object_set_new(im->dataset, "format", json_stringn(name.p, name.n));
    o->policy = policy_read(im->dataset, e);
    return o->policy != NULL;
}

// ---- blocks ----

static bool wait_for_room(struct import *im, struct one *o, size_t bytes, struct err *e)
{
    while (someone_spoke(im))
        if (!hear(im, o, e))
            return false;
    while (!o->rewind && (o->flight_n == FLIGHT_MAX || im->window == 0
                          || (o->flying && o->flying + bytes > im->window))) {
        struct frame f;
        if (!local_next(im->fd, im->window ? ANSWER_MS : -1, &im->room, &f, e) || !on_frame(im, o, &f, e))
            return false;
    }
    return true;
}

static bool send_block(struct import *im, struct one *o, const struct cut *c, struct str text, struct err *e)
{
    if (!wait_for_room(im, o, text.n, e))
        return false;
    if (o->rewind)
        return true;
    if (c->start >= o->counted)         // else it is sent for the second time
        count(im, c, text);
    o->counted = c->start + c->raw_n > o->counted ? c->start + c->raw_n : o->counted;
    struct str frame = packer_block(im->packer, c, text, o->id, policy_version(o->policy), now_ms() * 1000);
    if (!local_send_frame(im->fd, frame, e))
        return false;
    size_t slot = (o->flight_at + o->flight_n++) % FLIGHT_MAX;
    o->flight[slot].end = o->sent = c->start + c->raw_n;
    o->flight[slot].bytes = text.n;
    o->flying += text.n;
    fault_die_at("import:block");
    return true;
}

// Lines under the policy, LTSV_SLACK bytes before and behind them.
static size_t convert(struct import *im, struct one *o, struct str lines, struct str *out)
{
    buf_clear(&im->clear);
    im->clear.max = LTSV_SLACK + BLOCK_MAX;
    buf_addn(&im->clear, '\n', LTSV_SLACK);
    size_t taken = policy_apply(o->policy, lines, &im->clear);
    size_t n = im->clear.n - LTSV_SLACK;
    im->clear.max += LTSV_SLACK;
    buf_addn(&im->clear, 0, LTSV_SLACK);
    *out = (struct str){im->clear.p + LTSV_SLACK, n};
    return taken;
}

static bool send_cut(struct import *im, struct one *o, const struct cut *c, struct err *e)
{
    struct str text;
    if (policy_plain(o->policy))
        return send_block(im, o, c, c->text, e);
    if (c->flags) {
        convert(im, o, c->text, &text);
        return send_block(im, o, c, text, e);
    }
    for (size_t at = 0, taken; at < c->text.n && !o->rewind; at += taken) {
        taken = convert(im, o, str_from(c->text, at), &text);
        struct cut part = cut_part(c, at, taken);
        if (!send_block(im, o, &part, text, e))
            return false;
    }
    return true;
}

// The last line of a file may lack its line break. Where the format says where a line ends, it is whole all the same.
static void end_line(const struct one *o, struct cut *c)
{
    if (!(c->flags & BLOCK_TORN) || o->format == FORMAT_LTSV)
        return;
    memset((char *)(uintptr_t)c->text.p + c->text.n, '\n', 1);
    c->text.n++;
    c->flags = 0;
}

static bool go_back(struct one *o, struct err *e)
{
    unsigned char tail[TAIL_HASH];
    if (strcmp(o->name, "-") == 0)
        return err_set(e, ERR_PEER, "the log server asks for lines of standard input again, which are gone");
    o->rewind = false;
    o->flying = o->flight_n = 0;
    o->sent = o->rewound;
    return open_text(o, NULL, e) && chunks_go(o->text, o->rewound, tail, e);
}

static bool until_durable(struct import *im, struct one *o, struct err *e)
{
    while (o->acked < o->sent && !o->rewind)
        if (!hear(im, o, e))
            return false;
    return true;
}

static void tell_progress(struct import *im, const struct one *o)
{
    if (im->spec->progress)
        im->spec->progress(im->spec->arg, o->name, chunks_eaten(o->text));
}

// All lines, until the server has them. A damaged file: what comes before the damage.
static bool ship(struct import *im, struct one *o, struct err *e)
{
    struct err damage = {0}, *at_end = &damage;
    for (;;) {
        struct cut c = {0};
        if (o->rewind && !go_back(o, e))
            return false;
        bool more = chunks_next(o->text, &c, at_end) && c.raw_n;
        end_line(o, &c);
        if (more ? !send_cut(im, o, &c, e) : !until_durable(im, o, e))
            return false;
        tell_progress(im, o);
        if (!more && !o->rewind)
            break;
    }
    if (!damage.kind)
        return true;
    *e = damage;
    return err_hint(e, "the %llu bytes before are imported; import a whole copy, and it goes on behind them",
                    (unsigned long long)o->acked);
}

// The answer to an open comes when everything that was sent before is durable.
static bool finish(struct import *im, struct one *o, struct err *e)
{
    OWN_BUF struct buf b = buf_make(4096);
    struct frame f;
    wire_done_put(&b, &(struct wire_done){.stream = o->id, .size = o->sent, .why = DONE_IMPORTED});
    if (!local_send(im->fd, FRAME_DONE, buf_str(&b), e))
        return false;
    buf_clear(&b);
    wire_open_put(&b, &(struct wire_open){.dataset = im->id, .path = o->path});
    return local_send(im->fd, FRAME_OPEN, buf_str(&b), e) && hear_until(im, o, FRAME_STREAMS, &f, e);
}

// ---- one file ----

static bool path_of(struct import *im, struct one *o, struct err *e)
{
    if (strcmp(o->name, "-") == 0) {
        o->path = S("(standard input)");
        return true;
    }
    char *whole = realpath(o->name, NULL);
    if (!whole)
        return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "open %s: %m", o->name);
    o->path = str_dup(&im->arena, str_z(whole));
    free(whole);
    return (o->path.n <= PATH_BYTES_MAX && str_utf8(o->path))
        || err_set(e, ERR_INPUT, "%s: its path is too long, or no text", o->name);
}

static bool import_one(struct import *im, struct one *o, struct import_told *out, struct err *e)
{
    enum clear_kind packed;
    if (!path_of(im, o, e) || !open_text(o, &packed, e))
        return false;
    if (chunks_peek(o->text).n == 0) {
        out->fate = IMPORT_EMPTY;
        return true;
    }
    if (!tell_format(im, o, packed, e) || !claim(im, o, out, e))
        return false;
    if (out->fate == IMPORT_KNOWN || out->fate == IMPORT_SHIPPED)
        return true;
    if (!ship(im, o, e))
        return false;
    im->sum.files++;
    return finish(im, o, e);
}

bool import_file(struct import *im, const char *path, struct import_told *out, struct err *e)
{
    struct one o = {.name = path};
    *out = (struct import_told){.fate = IMPORT_ALL};
    o.flight = calloc(FLIGHT_MAX, sizeof *o.flight);
    assert(o.flight);
    bool ok = import_one(im, &o, out, e);
    chunks_free(o.text);
    policy_free(o.policy);
    free(o.flight);
    return ok;
}

// ---- beginning and end ----

static bool read_welcome(struct import *im, struct err *e)
{
    struct wire_welcome w;
    json_error_t why;
    struct str payload = str_from(buf_str(&im->room), FRAME_HEAD);
    size_t i;
    json_t *d;
    if (!wire_welcome_read(payload, &w, e))
        return false;
    im->window = w.window;
    OWN_JSON *config = json_loadb(w.config.p, w.config.n, 0, &why);
    if (!config)
        return err_set(e, ERR_PEER, "what the log server tells to follow is no JSON: %s", why.text);
    OWN_BUF struct buf names = buf_make(4096);
    json_array_foreach(json_object_get(config, "datasets"), i, d) {
        if (str_eq(str_z(j_text(d, "name")), im->spec->dataset))
            im->dataset = json_incref(d);
        buf_addf(&names, "%s%s", i ? ", " : "", j_text(d, "name"));
    }
    im->id = (uint16_t)j_int(im->dataset, "id");
    if (im->dataset)
        return true;
    err_set(e, ERR_INPUT, "there is no dataset \"" STR_F "\"", STR_A(im->spec->dataset));
    return err_hint(e, "there are: %s", buf_z(&names));
}

static bool lake_rows(struct import *im, int64_t *out, struct err *e)
{
    struct one none = {0};
    OWN_JSON *status = ask(im, &none, S("status"), e);
    *out = j_int(status, "rows");
    return status != NULL;
}

static bool connect_all(struct import *im, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    const char *lock = str_zf(&a, "%s/run/import.lock", im->spec->data);
    if (!local_connect(im->spec->data, im->spec->host, "import " RUSUBAN_VERSION, &im->fd, &im->room, e)
        || !read_welcome(im, e))
        return false;
    if (!file_lock(lock, &im->lock, e)) {
        if (e->kind != ERR_STATE)
            return false;
        err_set(e, ERR_STATE, "another import is at work");
        return err_hint(e, "wait until it is through: two at once could not know of each other's files");
    }
    return lake_rows(im, &im->rows_before, e);
}

struct import *import_open(const struct import_spec *spec, struct err *e)
{
    struct import *im = calloc(1, sizeof *im);
    assert(im);
    *im = (struct import){.spec = spec, .fd = -1, .lock = -1, .room = buf_make(FRAME_MAX + FRAME_HEAD),
                          .arena = arena_make(16 << 20), .schema = schema_make(),
                          .clear = buf_make(BLOCK_MAX + 2 * LTSV_SLACK)};
    im->packer = packer_new(LEVEL);
    im->counter = ltsv_new(&im->schema, on_batch, im);
    if (connect_all(im, e))
        return im;
    import_close(im);
    return NULL;
}

void import_close(struct import *im)
{
    if (!im)
        return;
    if (im->fd >= 0)
        close(im->fd);
    if (im->lock >= 0)
        close(im->lock);
    json_decref(im->dataset);
    packer_free(im->packer);
    ltsv_free(im->counter);
    buf_drop(&im->room);
    buf_drop(&im->clear);
    arena_drop(&im->arena);
    free(im->hours);
    free(im);
}

// Other rows come meanwhile, so this is only as good as it must be: whoever asks next usually sees them.
bool import_settle(struct import *im, struct err *e)
{
    int64_t rows = 0;
    for (int64_t until = tick_ms() + SETTLE_MS; tick_ms() < until;) {
        if (!lake_rows(im, &rows, e))
            return false;
        if (rows >= im->rows_before + (int64_t)im->sum.rows)
            break;
        usleep(SETTLE_STEP_MS * 1000);
    }
    return true;
}
