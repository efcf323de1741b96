// import.c: see import.h. One connection, blocks as many as the window allows, one file after the other.
#include "log/import_inner.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/jansson.h"
#include "log/local.h"
#include "log/ltsv.h"
#include "log/pack.h"
#include "log/policy.h"
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SETTLE_MS = 5000, SETTLE_STEP_MS = 50, GUESS_LINES = 100 };

const struct import_sum *import_sum(const struct import *im)
{
    return &im->sum;
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

// ---- one file ----

// A file is read more than once: to know it, to guess its format, to go on. A pipe would lose what was read the first
// time.
static bool reads_again(const struct one *o, struct err *e)
{
    struct stat st;
    if (stat(o->name, &st) < 0 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
        return true;
    err_set(e, ERR_INPUT, "%s is no file but a pipe or a device", o->name);
    return err_hint(e, "\"rusuban log import -\" reads standard input");
}

static bool path_of(struct import *im, struct one *o, struct err *e)
{
    if (strcmp(o->name, "-") == 0) {
        o->path = S("(standard input)");
        return true;
    }
    if (!reads_again(o, e))
        return false;
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
    if (!path_of(im, o, e) || !import_open_text(o, &packed, e))
        return false;
    if (chunks_peek(o->text).n == 0) {
        out->fate = IMPORT_EMPTY;
        return true;
    }
    if (!tell_format(im, o, packed, e) || !import_claim(im, o, out, e))
        return false;
    if (out->fate == IMPORT_KNOWN || out->fate == IMPORT_SHIPPED)
        return true;
    if (!import_ship(im, o, e))
        return false;
    im->sum.files++;
    return import_finish(im, o, e);
}

bool import_file(struct import *im, const char *path, struct import_told *out, struct err *e)
{
    struct one o = {.name = path};
    uint64_t bad = im->sum.bad;
    *out = (struct import_told){.fate = IMPORT_ALL};
    o.flight = calloc(FLIGHT_MAX, sizeof *o.flight);
    assert(o.flight);
    im->lines_before = im->first_bad = 0;
    bool ok = import_one(im, &o, out, e);
    out->bad = im->sum.bad - bad;
    out->first_bad = im->first_bad;
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
    OWN_JSON *status = import_ask(im, &none, S("status"), e);
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
    im->packer = packer_new(PACK_NEAR);
    im->counter = ltsv_new(&im->schema, import_on_batch, im);
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
