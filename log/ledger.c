// ledger.c: see ledger.h.
#include "log/ledger.h"
#include "base/file.h"
#include "base/jansson.h"
#include "base/say.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LEDGER_MAX = 512 << 20, LOOK_BACK = 2 };

static int by_name(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

bool ledger_files(struct arena *a, const char *table_dir, struct strs *out, struct err *e)
{
    const char *dir = str_zf(a, "%s/ledger", table_dir);
    DIR *d = opendir(dir);
    if (!d)
        return errno == ENOENT || err_set(e, ERR_IO, "open %s: %m", dir);
    for (struct dirent *x; (x = readdir(d));)
        if (str_ends(str_z(x->d_name), S(".jsonl")))
            vec_push(a, out, str_dup(a, str_z(x->d_name)));
    closedir(d);
    if (out->n)
        qsort(out->at, out->n, sizeof *out->at, by_name);
    return true;
}

// Lines stand in the order of commits, whatever the clock does: while it is behind the newest file, that one goes on.
static bool file_of(struct arena *a, const char *table_dir, int64_t at_us, const char **out, struct err *e)
{
    struct tm tm;
    struct strs names = {0};
    time_t at = (time_t)(at_us / 1000000);
    gmtime_r(&at, &tm);
    struct str name = str_f(a, "%04d-%02d-%02dT%02d.jsonl", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour);
    if (!ledger_files(a, table_dir, &names, e))
        return false;
    if (names.n && str_cmp(names.at[names.n - 1], name) > 0)
        name = names.at[names.n - 1];
    *out = str_zf(a, "%s/ledger/" STR_F, table_dir, STR_A(name));
    return true;
}

// A line that a full disk or a crash cut off would join the next one: what is behind the last line break goes first.
static bool cut_half_line(int fd, const char *path, struct err *e)
{
    off_t end = lseek(fd, 0, SEEK_END), at = end;
    char tail[4096];
    while (at > 0) {
        off_t from = at > (off_t)sizeof tail ? at - (off_t)sizeof tail : 0;
        ssize_t n = pread(fd, tail, (size_t)(at - from), from);
        if (n <= 0)
            return err_set(e, ERR_IO, "read %s: %m", path);
        const char *nl = memrchr(tail, '\n', (size_t)n);
        if (nl) {
            at = from + (nl - tail) + 1;
            break;
        }
        at = from;
    }
    return at == end || ftruncate(fd, at) == 0 || err_set(e, ERR_IO, "cut %s: %m", path);
}

bool ledger_add(const char *table_dir, int64_t at_us, struct str line, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 20);
    const char *path, *dir = str_zf(&a, "%s/ledger", table_dir);
    if (!dir_make(dir, 0750, e) || !file_of(&a, table_dir, at_us, &path, e))
        return false;
    bool is_new = !path_exists(path);
    OWN_FD fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0)
        return err_set(e, ERR_IO, "open %s: %m", path);
    if (!cut_half_line(fd, path, e) || lseek(fd, 0, SEEK_END) < 0)
        return false;
    if (!fd_write_all(fd, line, e))
        return err_in(e, "%s", path);
    if (fdatasync(fd) < 0)
        return err_set(e, ERR_IO, "flush %s: %m", path);
    return !is_new || (dir_sync(dir, e) && dir_sync(table_dir, e));
}

// ---- cutting ----

// 0 when it is not there; UINT64_MAX when it is no number.
static uint64_t number(const json_t *line, const char *key)
{
    const json_t *v = json_object_get(line, key);
    uint64_t n = 0;
    if (json_is_integer(v))
        n = (uint64_t)json_integer_value(v);
    else if (json_is_string(v) && !str_u64(str_z(json_string_value(v)), &n))
        n = UINT64_MAX;
    return n;
}

static bool is_beyond(struct str line, uint64_t done, uint64_t generation)
{
    json_error_t why;
    OWN_JSON *j = json_loadb(line.p, line.n, 0, &why);
    return !j || number(j, "to") > done || number(j, "generation") > generation;
}

// A crash leaves one line beyond the catalog. More of them tell of a catalog that is older than its ledger: they are
// kept.
static bool keep_copy(struct arena *a, const char *path, struct str text, size_t from, struct err *e)
{
    size_t lines = 0;
    struct str dir = {path, (size_t)(strrchr(path, '/') - path)}, name = str_from(str_z(path), dir.n + 1);
    for (size_t i = from; i < text.n; i++)
        lines += text.p[i] == '\n';
    if (lines < 2)
        return true;
    const char *aside = str_zf(a, STR_F "/../aside", STR_A(dir));
    const char *to = str_zf(a, "%s/ledger-" STR_F ".%zu", aside, STR_A(name), from);
    say("log.ledger.aside", KV("file", to), KV("lines", lines), KV("why", "they are beyond the catalog"));
    return dir_make(aside, 0750, e) && file_write(to, str_from(text, from), 0640, e);
}

// *emptied: the file before it is to be looked at, too.
static bool cut_file(struct arena *a, const char *path, uint64_t done, uint64_t generation, bool *emptied,
                     struct err *e)
{
    struct str text;
    if (!file_read(a, path, LEDGER_MAX, &text, e))
        return false;
    size_t keep = 0;
    for (struct str rest = text; rest.n;) {
        bool whole = memchr(rest.p, '\n', rest.n) != NULL;
        struct str line = str_cut(&rest, '\n');
        if (!whole || is_beyond(line, done, generation))
            break;
        keep = (size_t)(line.p + line.n + 1 - text.p);
    }
    *emptied = keep == 0;
    if (keep == text.n)
        return true;
    if (!keep_copy(a, path, text, keep, e))
        return false;
    if (truncate(path, (off_t)keep) < 0)
        return err_set(e, ERR_IO, "cut %s: %m", path);
    OWN_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    return (fd >= 0 && fsync(fd) == 0) || err_set(e, ERR_IO, "flush %s: %m", path);
}

bool ledger_cut(const char *table_dir, uint64_t done, uint64_t generation, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(1 << 30);
    struct strs names = {0};
    if (!ledger_files(&a, table_dir, &names, e))
        return false;
    bool emptied = true;
    for (size_t i = names.n; i-- > 0 && (emptied || names.n - i <= LOOK_BACK);) {
        const char *path = str_zf(&a, "%s/ledger/" STR_F, table_dir, STR_A(names.at[i]));
        if (!cut_file(&a, path, done, generation, &emptied, e))
            return false;
    }
    return true;
}
