// accepted.c: see accepted.h.
#include "log/accepted.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/jansson.h"
#include "base/json.h"
#include "store/chain.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 64 << 20, LINE_MAX_ = 16 << 10 };

static const char *const words[] = {[FOUND_LOST] = "lost", [FOUND_DOUBLED] = "doubled", [FOUND_UNPROVEN] = "unproven"};

const char *finding_word(enum finding_kind kind)
{
    return words[kind];
}

static const char *path_of(struct arena *a, const char *table_dir)
{
    return str_zf(a, "%s/accepted.jsonl", table_dir);
}

// ---- reading ----

static bool take_line(struct arena *a, struct str line, struct acceptances *out)
{
    OWN_JSON *j = json_loadb(line.p, line.n, 0, NULL);
    struct acceptance x = {.stream = j_u64(j, "stream"), .from = j_u64(j, "from"), .to = j_u64(j, "to"),
                           .at_ms = time_parse(j_text(j, "at")), .by = str_dup(a, str_z(j_text(j, "by"))),
                           .because = str_dup(a, str_z(j_text(j, "because")))};
    for (size_t k = 0; k < ARRAY_LEN(words); k++)
        if (strcmp(j_text(j, "kind"), words[k]) == 0 && x.stream) {
            x.kind = (enum finding_kind)k;
            vec_push(a, out, x);
            return true;
        }
    return false;
}

bool accepted_read(struct arena *a, const char *table_dir, struct acceptances *out, struct err *e)
{
    OWN_ARENA struct arena file = arena_make(FILE_MAX + (1 << 20));
    const char *path = path_of(a, table_dir);
    struct str text;
    *out = (struct acceptances){0};
    if (!file_read(&file, path, FILE_MAX, &text, e))
        return e->kind == ERR_NOT_FOUND;
    for (size_t n = 1; str_has(text, '\n'); n++)        // what has no line break was never accepted
        if (!take_line(a, str_cut(&text, '\n'), out))
            return err_set(e, ERR_CHECK, "%s:%zu is damaged: what was accepted there cannot be read", path, n);
    return true;
}

const struct acceptance *accepted_find(const struct acceptances *all, const struct finding *f)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct acceptance *x = &all->at[i];
        if (f->stream && x->stream == f->stream && x->kind == f->kind && x->from == f->from && x->to == f->to)
            return x;
    }
    return NULL;
}

// ---- one more ----

static void put_line(const struct accepted_spec *s, const struct finding *f, struct buf *b)
{
    char at[TIME_TEXT_MAX];
    json_object(b, KV("at", time_text(now_ms(), at)), KV("by", s->by), KV("because", s->because),
                KV("kind", words[f->kind]), KV("stream", f->stream), KV("from", f->from), KV("to", f->to),
                KV("bytes", f->to - f->from), KV("host", f->host), KV("text", f->text));
}

// Where whole lines end.
static bool end_of_lines(int fd, off_t *end, struct err *e)
{
    char c;
    *end = lseek(fd, 0, SEEK_END);
    for (; *end > 0; --*end) {
        if (pread(fd, &c, 1, *end - 1) != 1)
            return err_set(e, ERR_IO, "read: %m");
        if (c == '\n')
            break;
    }
    return *end >= 0 || err_set(e, ERR_IO, "seek: %m");
}

// A file that root makes belongs to whom the lake belongs.
static void give_to_owner(int fd, const char *table_dir)
{
    struct stat st;
    if (geteuid() == 0 && stat(table_dir, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) < 0)
        return;                                 // then root's audit reads it, and the other one says that it cannot
}

static bool write_flushed(int fd, struct str text, struct err *e)
{
    return fd_write_all(fd, text, e) && (fsync(fd) == 0 || err_set(e, ERR_IO, "flush it: %m"));
}

// What a crash left behind the last line break goes.
static bool append(int fd, off_t end, struct str line, struct err *e)
{
    if (ftruncate(fd, end) < 0 || lseek(fd, end, SEEK_SET) < 0)
        return err_set(e, ERR_IO, "cut it: %m");
    return write_flushed(fd, line, e);
}

// The line, then the audit log, then the line break, which makes it count: at any moment what is accepted stands in
// the audit log.
static bool write_both(const struct accepted_spec *s, struct db *db, int fd, const struct finding *f, struct err *e)
{
    OWN_BUF struct buf line = buf_make(LINE_MAX_), subject = buf_make(400);
    off_t end;
    put_line(s, f, &line);
    buf_addf(&subject, STR_F " stream %llu", STR_A(str_head(s->dataset, 100)), (unsigned long long)f->stream);
    struct deed d = {.who = s->by, .via = S("cli"), .verb = S("log accept"), .subject = buf_str(&subject),
                     .after = buf_str(&line), .ok = true};
    if (!buf_ok(&line, e) || !end_of_lines(fd, &end, e) || !append(fd, end, buf_str(&line), e) || !sql_begin(db, e))
        return false;
    if (!chain_add(db, &d, e) || !sql_commit(db, e))
        return sql_undo(db);
    return write_flushed(fd, S("\n"), e);
}

bool accepted_add(const struct accepted_spec *s, const struct finding *f, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    OWN_DB struct db *db = NULL;
    const char *path = path_of(&a, s->table_dir);
    if (!store_open(s->data, &db, e))
        return false;
    OWN_FD fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (fd < 0)
        return err_set(e, errno == EACCES ? ERR_DENIED : ERR_IO, "open %s: %m", path);
    if (flock(fd, LOCK_EX) < 0)
        return err_set(e, ERR_IO, "lock %s: %m", path);
    give_to_owner(fd, s->table_dir);
    return (write_both(s, db, fd, f, e) && dir_sync(s->table_dir, e)) || err_in(e, "%s", path);
}
