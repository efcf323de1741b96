// output.c: bytes of any program become whole, clean lines; the first go to PATH, the later ones to PATH.a and PATH.b
// in turns, each as large as the tail may be, so that the last 7 MiB are always in the two. Closing puts them together.
//
// A build must not fail because its output could not be written: a full disk here only means fewer lines, and says so.
#include "release/output.h"
#include "base/file.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    HEAD_MAX = 1 << 20,
    TAIL_MAX = 7 << 20,
    LINE_MAX_BYTES = 8 << 10,
    BATCH = 64 << 10,
    // Shorter ones would blacken ordinary words, and hide nothing that could not be guessed.
    SECRET_MIN = 4,
};

// Where the next byte stands: in text, behind a CR, or inside a terminal's control sequence (ECMA-48, 5.4 and 8.3.89).
enum place { IN_TEXT, AFTER_CR, AFTER_ESC, IN_ESC, IN_CSI, IN_STRING, IN_STRING_ESC };

struct output {
    struct arena arena;
    const char *path, *tail_path[2];
    struct strs secrets;        // cleaned, one line each
    int head, tail[2];          // -1 until needed
    int turn;                   // which tail is being written
    bool in_tail;
    size_t head_n, tail_n[2];
    enum place place;
    bool cut;                   // the line at hand is over its length
    size_t line_n;
    char line[LINE_MAX_BYTES];
    struct buf ready;           // lines for the file at hand
    uint64_t dropped;
    int broken;                 // errno of the write that failed; nothing is written any more
};

// ---- files ----

static int fd_at_hand(const struct output *o)
{
    return o->in_tail ? o->tail[o->turn] : o->head;
}

static void flush(struct output *o)
{
    struct err ignored;
    if (o->ready.n && !o->broken && !fd_write_all(fd_at_hand(o), buf_str(&o->ready), &ignored))
        o->broken = errno ? errno : EIO;
    if (o->broken)
        o->dropped += o->ready.n;
    buf_clear(&o->ready);
}

static void next_file(struct output *o)
{
    flush(o);
    if (o->in_tail)
        o->turn = !o->turn;
    o->in_tail = true;
    own_fd_close(&o->tail[o->turn]);
    o->dropped += o->tail_n[o->turn];
    o->tail_n[o->turn] = 0;
    o->tail[o->turn] = open(o->tail_path[o->turn], O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (o->tail[o->turn] < 0 && !o->broken)
        o->broken = errno;
}

// A whole line with its line break.
static void emit(struct output *o, struct str line)
{
    size_t *n = o->in_tail ? &o->tail_n[o->turn] : &o->head_n;
    if (*n + line.n > (o->in_tail ? TAIL_MAX : HEAD_MAX)) {
        next_file(o);
        n = &o->tail_n[o->turn];
    }
    if (o->broken) {
        o->dropped += line.n;
        return;
    }
    *n += line.n;
    buf_add(&o->ready, line);
    if (o->ready.n > BATCH)
        flush(o);
}

// ---- secrets ----

static void mark(struct output *o, struct str secret, bool *hidden)
{
    struct str line = {o->line, o->line_n};
    size_t at = 0;
    for (ptrdiff_t k; (k = str_find(str_from(line, at), secret)) >= 0; at += (size_t)k + 1)
        memset(hidden + at + k, true, secret.n);
    // A cut line may end inside a secret.
    for (size_t n = secret.n - 1; o->cut && n > 0; n--)
        if (str_ends(line, str_head(secret, n))) {
            memset(hidden + line.n - n, true, n);
            break;
        }
}

static void add_hidden(struct output *o, struct buf *b)
{
    bool hidden[LINE_MAX_BYTES] = {false};
    for (size_t i = 0; i < o->secrets.n; i++)
        mark(o, o->secrets.at[i], hidden);
    for (size_t i = 0; i < o->line_n; i++) {
        if (!hidden[i])
            buf_addc(b, o->line[i]);
        else if (i == 0 || !hidden[i - 1])
            buf_addz(b, "***");
    }
}

static void end_line(struct output *o)
{
    // Every byte could be a secret's end: three stars for one byte, never more.
    OWN_BUF struct buf b = buf_make(3 * LINE_MAX_BYTES + 8);
    if (o->secrets.n)
        add_hidden(o, &b);
    else
        buf_add(&b, (struct str){o->line, o->line_n});
    buf_addz(&b, o->cut ? " ...\n" : "\n");
    assert(!b.failed);
    emit(o, buf_str(&b));
    o->line_n = 0;
    o->cut = false;
}

// ---- bytes ----

static void text(struct output *o, char c)
{
    if (o->line_n < sizeof o->line) {
        bool control = (unsigned char)c < 0x20 || c == 0x7F;
        o->line[o->line_n++] = control && c != '\t' ? '?' : c;
        return;
    }
    o->cut = true;
    o->dropped++;
}

// A byte inside a control sequence; what it does to the screen nobody will see.
static enum place skip(enum place now, char c)
{
    unsigned char u = (unsigned char)c;
    switch (now) {
    case AFTER_ESC:
        if (c == '[')
            return IN_CSI;
        if (c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_')
            return IN_STRING;
        return u >= 0x20 && u < 0x30 ? IN_ESC : IN_TEXT;
    case IN_ESC:
        return u >= 0x20 && u < 0x30 ? IN_ESC : IN_TEXT;
    case IN_CSI:
        return u >= 0x20 && u < 0x40 ? IN_CSI : IN_TEXT;
    case IN_STRING:
        return c == 0x07 ? IN_TEXT : c == 0x1B ? IN_STRING_ESC : IN_STRING;
    case IN_STRING_ESC:
        return c == '\\' ? IN_TEXT : IN_STRING;
    case IN_TEXT:
    case AFTER_CR:
        break;
    }
    return IN_TEXT;
}

static void byte(struct output *o, char c)
{
    // A progress bar draws over its own line: each state is a line here. CR LF is one line break.
    if (c == '\n' || o->place == AFTER_CR) {
        o->place = IN_TEXT;     // a line break also ends a sequence that never ended
        if (c == '\n' || o->line_n)
            end_line(o);
        if (c == '\n')
            return;
    }
    if (o->place != IN_TEXT)
        o->place = skip(o->place, c);
    else if (c == 0x1B)
        o->place = AFTER_ESC;
    else if (c == '\r')
        o->place = AFTER_CR;
    else
        text(o, c);
}

void output_add(struct output *o, struct str piece)
{
    for (size_t i = 0; i < piece.n; i++)
        byte(o, piece.p[i]);
    flush(o);
}

void output_line(struct output *o, const char *format, ...)
{
    char line[LINE_MAX_BYTES];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    assert(n >= 0);
    o->place = IN_TEXT;
    if (o->line_n)
        end_line(o);
    output_add(o, str_z(line));
    output_add(o, S("\n"));
}

uint64_t output_dropped(const struct output *o)
{
    return o->dropped;
}

// ---- opening and closing ----

static struct str cleaned(struct arena *a, struct str s)
{
    char *z = str_zdup(a, s);
    for (size_t i = 0; i < s.n; i++)
        if (((unsigned char)z[i] < 0x20 && z[i] != '\t') || z[i] == 0x7F)
            z[i] = '?';
    return (struct str){z, s.n};
}

// A key of several lines is printed line by line, so each of its lines is a secret.
static void add_secret(struct output *o, struct str secret)
{
    while (secret.n) {
        struct str line = str_trim(str_cut(&secret, '\n'));
        if (line.n >= SECRET_MIN)
            vec_push(&o->arena, &o->secrets, cleaned(&o->arena, str_head(line, LINE_MAX_BYTES)));
    }
}

struct output *output_open(const char *path, const struct strs *secrets, struct err *e)
{
    OWN_FD head = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (head < 0) {
        err_set(e, ERR_IO, "create %s: %m", path);
        return NULL;
    }
    struct output *o = calloc(1, sizeof *o);
    assert(o && "out of memory");
    o->arena = arena_make(8 << 20);
    o->path = str_zdup(&o->arena, str_z(path));
    for (int i = 0; i < 2; i++) {
        o->tail_path[i] = str_zf(&o->arena, "%s.%c", path, 'a' + i);
        o->tail[i] = -1;
        unlink(o->tail_path[i]);        // of a life that did not close
    }
    for (size_t i = 0; secrets && i < secrets->n; i++)
        add_secret(o, secrets->at[i]);
    o->ready = buf_make(BATCH + 4 * LINE_MAX_BYTES);
    o->head = fd_give(&head);
    return o;
}

// Moves `from` behind the line break at or after its byte `at`; how many bytes lie before that place.
static size_t skip_to_line(int from, size_t at)
{
    char c = '\n';
    if (at == 0 || lseek(from, (off_t)at - 1, SEEK_SET) < 0)
        return 0;
    while (read(from, &c, 1) == 1 && c != '\n')
        at++;
    return at;
}

static void append(struct output *o, int from)
{
    char part[32 << 10];
    ssize_t n;
    while (!o->broken && (n = read(from, part, sizeof part)) > 0) {
        buf_add(&o->ready, (struct str){part, (size_t)n});
        flush(o);
    }
}

// head, the line about the gap, then the last 7 MiB of older and newer tail.
static void merge(struct output *o)
{
    int older = o->tail[!o->turn], newer = o->tail[o->turn];
    size_t both = o->tail_n[0] + o->tail_n[1], skip_n = 0;
    o->in_tail = false;
    if (both > TAIL_MAX)
        skip_n = skip_to_line(older, both - TAIL_MAX);
    else if (older >= 0)
        lseek(older, 0, SEEK_SET);
    if (newer >= 0)
        lseek(newer, 0, SEEK_SET);
    o->dropped += skip_n;
    if (o->dropped)
        buf_addf(&o->ready, "... %llu bytes left out ...\n", (unsigned long long)o->dropped);
    flush(o);
    if (older >= 0)
        append(o, older);
    if (newer >= 0)
        append(o, newer);
}

// Perhaps there is room again by now, at least for a sentence.
static void finish(struct output *o)
{
    int why = o->broken;
    o->broken = 0;
    merge(o);
    why = why ? why : o->broken;
    o->broken = 0;
    if (why)
        buf_addf(&o->ready, "\n... not all of the output could be written: %s ...\n", strerror(why));
    flush(o);
}

void output_close(struct output *o)
{
    if (!o)
        return;
    if (o->line_n)
        end_line(o);
    flush(o);
    finish(o);
    for (int i = 0; i < 2; i++) {
        own_fd_close(&o->tail[i]);
        unlink(o->tail_path[i]);
    }
    for (size_t i = 0; i < o->secrets.n; i++)
        sodium_memzero((void *)(uintptr_t)o->secrets.at[i].p, o->secrets.at[i].n);
    own_fd_close(&o->head);
    buf_drop(&o->ready);
    arena_drop(&o->arena);
    sodium_memzero(o, sizeof *o);
    free(o);
}
