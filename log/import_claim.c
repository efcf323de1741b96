// import_claim.c: who a file is, told by its bytes, and where it goes on.
#include "log/import_inner.h"
#include "base/clock.h"
#include "base/jansson.h"
#include "log/local.h"
#include "log/tailfile.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static struct clear *open_clear(const char *name, struct err *e)
{
    if (strcmp(name, "-") != 0)
        return clear_open(name, e);
    int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    return fd < 0 ? (void)err_set(e, ERR_IO, "standard input: %m"), NULL : clear_of(fd, "standard input", e);
}

bool import_open_text(struct one *o, enum clear_kind *kind, struct err *e)
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
    if (!hex_decode(str_z(j_text(stream, "tail")), want, sizeof want) || !import_open_text(o, NULL, &e))
        return OTHER;
    if (!chunks_go(o->text, written, got, &e))
        return SHORTER;
    return tail_unknown(want) || memcmp(want, got, sizeof got) == 0 ? SAME : OTHER;
}

static void note_known(const json_t *stream, struct import_told *out)
{
    out->fate = json_is_true(json_object_get(stream, "imported")) ? IMPORT_KNOWN : IMPORT_SHIPPED;
    out->at_us = j_int(stream, "touched_us");
}

// Streams that begin like this file: "alike ", of this host; "elsewhere ", of all others.
static json_t *ask_alike(struct import *im, struct one *o, const char *which, const struct wire_claim *c, struct err *e)
{
    OWN_BUF struct buf b = buf_make(4096);
    buf_addz(&b, which);
    wire_claim_put(&b, c);
    return import_ask(im, o, buf_str(&b), e);
}

// What was imported as another host's is not taken a second time by mistake: it could not be taken back.
static bool is_nobody_elses(struct import *im, struct one *o, const struct wire_claim *c, struct err *e)
{
    OWN_JSON *others = ask_alike(im, o, "elsewhere ", c, e);
    size_t i;
    json_t *stream;
    if (!others)
        return false;
    json_array_foreach(others, i, stream) {
        char at[TIME_TEXT_MAX];
        bool imported = json_is_true(json_object_get(stream, "imported"));
        if (j_int(stream, "written") == 0 || same_text(o, stream) != SAME)
            continue;
        err_set(e, ERR_INPUT, "%s: %s as host %s's already, on %s", o->name,
                imported ? "it was imported" : "an agent shipped it", j_text(stream, "host"),
                time_local(j_int(stream, "touched_us") / 1000, NULL, false, at));
        return err_hint(e, "say --host %s; --again brings the lines in once more, as those of " STR_F,
                        j_text(stream, "host"), STR_A(im->spec->host));
    }
    return true;
}

// Looks through the streams that begin like this file. *id: the one to go on with, or 0.
static bool recognise(struct import *im, struct one *o, const struct wire_claim *c, uint64_t *id,
                      struct import_told *out, struct err *e)
{
    size_t i;
    json_t *stream;
    *id = 0;
    OWN_JSON *alike = ask_alike(im, o, "alike ", c, e);
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
    if (*id == 0 && out->fate == IMPORT_ALL && !is_nobody_elses(im, o, c, e))
        return false;
    return import_open_text(o, NULL, e);
}

bool import_claim(struct import *im, struct one *o, struct import_told *out, struct err *e)
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
    if (!local_send(im->fd, FRAME_CLAIM, buf_str(&b), e) || !import_hear_until(im, o, FRAME_STREAM, &f, e)
        || !wire_stream_read(f.payload, &answer, e))
        return false;
    o->id = answer.id;
    o->acked = o->sent = out->from = answer.offset;
    out->fate = answer.offset ? IMPORT_RESUMED : IMPORT_ALL;
    return chunks_go(o->text, answer.offset, tail, e);
}
