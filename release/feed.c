// feed.c: what the steps of a release print, line by line while they print it: the topic output:SERVICE/NUMBER.
//
// The files of the steps only grow (output.h), so each is read on from where it was. What was printed before somebody
// began to listen is for GET /releases/{service}/{number}/output; every message says the number of its first line, so
// the two can be put together.
#include "base/file.h"
#include "release/release.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

enum { FILES_MAX = 500, PIECE = 8 << 10, PIECES = 8 };      // 8 KiB of text may be 48 KiB of JSON

struct printed {                // one file
    SLIST_ENTRY(printed) next;
    char name[300];             // STEP[.HOST].ATTEMPT
    int fd;
    int64_t at, line;           // read up to here; number of the line that begins there
};

struct following {
    char *dir;
    bool all;                   // files that appear now are followed from their first line
    size_t n;
    SLIST_HEAD(, printed) files;
};

static struct printed *known(struct following *f, const char *name)
{
    struct printed *p;
    SLIST_FOREACH(p, &f->files, next)
        if (strcmp(p->name, name) == 0)
            return p;
    return NULL;
}

// The files beside it that end in .a and .b are the inside of output.c.
static bool is_output(struct str name)
{
    struct str rest = name;
    uint64_t attempt;
    str_cut(&rest, '.');
    const char *dot = memrchr(name.p, '.', name.n);
    return dot && rest.n && name.n < sizeof ((struct printed *)0)->name
        && str_u64(str_from(name, (size_t)(dot - name.p) + 1), &attempt);
}

static void skip_to_end(struct printed *p)
{
    char piece[16 << 10];
    ssize_t n;
    while ((n = pread(p->fd, piece, sizeof piece, p->at)) > 0) {
        const char *end = memrchr(piece, '\n', (size_t)n);
        if (!end)
            break;
        for (const char *c = piece; c <= end; c++)
            p->line += *c == '\n';
        p->at += end - piece + 1;
    }
}

static void add_file(struct following *f, int dir, const char *name)
{
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;                 // it went away; the next look knows
    struct printed *p = calloc(1, sizeof *p);
    if (!p) {
        close(fd);
        return;
    }
    *p = (struct printed){.fd = fd, .line = 1};
    strcpy(p->name, name);
    if (!f->all)
        skip_to_end(p);
    SLIST_INSERT_HEAD(&f->files, p, next);
    f->n++;
}

static void find_files(struct following *f)
{
    DIR *d = opendir(f->dir);
    if (!d)
        return;                 // no step has printed yet
    for (struct dirent *x; f->n < FILES_MAX && (x = readdir(d));)
        if (is_output(str_z(x->d_name)) && !known(f, x->d_name))
            add_file(f, dirfd(d), x->d_name);
    closedir(d);
}

static void tell_lines(struct printed *p, struct str text, struct feed *to)
{
    OWN_BUF struct buf b = buf_make(BULK_JSON_MAX);
    struct str rest = str_z(p->name), step = str_cut(&rest, '.');
    const char *dot = memrchr(rest.p, '.', rest.n);
    struct str host = dot ? str_head(rest, (size_t)(dot - rest.p)) : S("");
    struct str attempt = dot ? str_from(rest, host.n + 1) : rest;
    uint64_t number = 0;
    if (!str_u64(attempt, &number))
        return;
    json_open(&b, '{');
    json_kvs(&b, KVS(KV("step", step), KV("host", V_OPT(host)), KV("attempt", number), KV("line", p->line)));
    json_key(&b, "lines");
    json_open(&b, '[');
    while (text.n) {
        json_val(&b, V(str_cut(&text, '\n')));
        p->line++;
    }
    json_close(&b, ']');
    json_close(&b, '}');
    if (!b.failed)
        feed_tell(to, buf_str(&b));
}

// Whole lines only; output.c cuts lines at 8 KiB, so a piece without an end is one that is being written.
static bool read_piece(struct printed *p, struct feed *to)
{
    char piece[PIECE + 1];
    ssize_t n = pread(p->fd, piece, sizeof piece, p->at);
    const char *end = n > 0 ? memrchr(piece, '\n', (size_t)n) : NULL;
    if (!end && n < (ssize_t)sizeof piece)
        return false;
    size_t used = end ? (size_t)(end - piece) + 1 : (size_t)n;
    tell_lines(p, (struct str){piece, used}, to);
    p->at += (int64_t)used;
    return true;
}

static void look(void *arg, struct feed *to)
{
    struct following *f = arg;
    struct printed *p;
    find_files(f);
    SLIST_FOREACH(p, &f->files, next)
        for (int i = 0; i < PIECES && read_piece(p, to); i++)
            ;
}

static bool open_output(struct ask *q, struct str name, void **arg, struct err *e)
{
    struct str number = name, service = str_cut(&number, '/');
    int64_t n, id;
    if (!str_i64(number, &n) || n < 1)
        return err_set(e, ERR_NOT_FOUND, "output:SERVICE/NUMBER names a release, \"" STR_F "\" does not",
                       STR_A(str_head(name, 100)));
    // No path is built from foreign text: both are compared with what the store knows.
    if (!sql_int(q->db, e, &id, "select id from release where service = ? and number = ?", VALS(V(service), V(n))))
        return e->kind == ERR_NOT_FOUND && err_set(e, ERR_NOT_FOUND, "there is no release " STR_F,
                                                   STR_A(str_head(name, 100)));
    struct following *f = calloc(1, sizeof *f);
    char *dir = strdup(str_zf(q->arena, "%s/builds/" STR_F "/log/%lld", q->data, STR_A(service), (long long)n));
    if (!f || !dir) {
        free(f), free(dir);
        return err_set(e, ERR_LIMIT, "no memory left");
    }
    *f = (struct following){.dir = dir};
    find_files(f);
    f->all = true;
    *arg = f;
    return true;
}

static void close_output(void *arg)
{
    struct following *f = arg;
    for (struct printed *p; (p = SLIST_FIRST(&f->files));) {
        SLIST_REMOVE_HEAD(&f->files, next);
        close(p->fd);
        free(p);
    }
    free(f->dir);
    free(f);
}

const struct bulk release_bulks[] = {
    {"output", "what the steps of SERVICE/NUMBER print", SEE, open_output, look, close_output},
    {0}};
