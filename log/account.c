// account.c: see account.h. Ledger files are read in the order of their hours, line by line.
#include "log/account.h"
#include "base/file.h"
#include "base/jansson.h"
#include "log/ledger.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEDGER_FILE_MAX = 512 << 20 };

void account_find(struct account *acc, enum finding_kind kind, struct str host, const char *format, ...)
{
    char text[1000];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    struct str copy = str_dup(acc->arena, str_z(text));
    vec_push(acc->arena, &acc->findings, ((struct finding){.kind = kind, .host = host, .text = copy}));
}

void account_find_at(struct account *acc, enum finding_kind kind, const struct account_stream *s, uint64_t from,
                     uint64_t to, const char *format, ...)
{
    char text[1000];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    account_find(acc, kind, s->host, "stream %llu " STR_F "%s", (unsigned long long)s->id,
                 STR_A(str_head(s->path, 500)), text);
    struct finding *f = &acc->findings.at[acc->findings.n - 1];
    f->stream = s->id;
    f->from = from;
    f->to = to;
}

const char *grouped_number(struct arena *a, int64_t n)
{
    return n < 1000 ? str_zf(a, "%lld", (long long)n)
                    : str_zf(a, "%s,%03lld", grouped_number(a, n / 1000), (long long)(n % 1000));
}

static bool asked(const struct account *acc, const json_t *line)
{
    int64_t at = (int64_t)j_u64(line, "at_us");
    return at >= acc->from_us && at < acc->to_us;
}

// ---- streams ----

static struct account_stream *stream_at(struct account *acc, const json_t *j)
{
    uint64_t id = j_u64(j, "id");
    struct str key = str_f(acc->arena, "%llu", (unsigned long long)id);
    struct account_stream *s = map_get(&acc->by_id, key);
    if (s)
        return s;
    s = NEW(acc->arena, struct account_stream);
    s->id = id;
    s->host = str_dup(acc->arena, str_z(j_text(j, "host")));
    s->path = str_dup(acc->arena, str_z(j_text(j, "path")));
    map_put(acc->arena, &acc->by_id, key, s);
    vec_push(acc->arena, &acc->streams, s);
    return s;
}

static void take_range(struct account *acc, const json_t *line, const json_t *j)
{
    struct account_stream *s = stream_at(acc, j);
    uint64_t from = j_u64(j, "from"), to = j_u64(j, "to");
    int64_t lines = j_int(j, "lines"), rows = j_int(j, "rows"), bad = j_int(j, "bad"), blank = j_int(j, "blank");
    if (from > s->to)
        account_find_at(acc, FOUND_LOST, s, s->to, from, ": bytes %s to %s are in no commit",
                        grouped_number(acc->arena, (int64_t)s->to), grouped_number(acc->arena, (int64_t)from));
    if (from < s->to || to < from)
        account_find_at(acc, FOUND_DOUBLED, s, from, to < s->to ? to : s->to, ": bytes %s to %s are in two commits",
                        grouped_number(acc->arena, (int64_t)from),
                        grouped_number(acc->arena, (int64_t)(to < s->to ? to : s->to)));
    if (lines != rows + bad + blank)
        account_find_at(acc, lines > rows + bad + blank ? FOUND_LOST : FOUND_DOUBLED, s, from, to,
                        ": %lld lines before byte %s became %lld rows, %lld bad and %lld blank ones", (long long)lines,
                        grouped_number(acc->arena, (int64_t)to), (long long)rows, (long long)bad, (long long)blank);
    s->to = to > s->to ? to : s->to;
    s->lines += lines;
    s->rows += rows;
    s->bad += bad;
    s->blank += blank;
    s->imported = j_int(j, "imported") != 0;
    s->seen = s->seen || asked(acc, line);
    acc->rows += rows;
    acc->bad += bad;
}

static void take_end(struct account *acc, const json_t *line, const json_t *j)
{
    struct account_stream *s = stream_at(acc, j);
    s->size = j_u64(j, "size");
    s->why = (int)j_int(j, "why");
    s->seen = s->seen || asked(acc, line);
}

// ---- files ----

static void add_file(struct account *acc, const json_t *j)
{
    struct str path = str_dup(acc->arena, str_z(j_text(j, "path")));
    struct account_file *f = map_get(&acc->by_path, path);
    if (!f) {
        f = NEW(acc->arena, struct account_file);
        f->path = path;
        map_put(acc->arena, &acc->by_path, path, f);
        vec_push(acc->arena, &acc->files, f);
    } else if (!f->gone) {
        account_find(acc, FOUND_DOUBLED, S(""), STR_F " is in two commits", STR_A(path));
    }
    f->gone = false;
    f->rows = (int64_t)j_u64(j, "rows");
}

static struct account_file *file_of(const struct account *acc, const json_t *j)
{
    return map_get(&acc->by_path, str_z(j_text(j, "path")));
}

static void drop_file(struct account *acc, const json_t *j)
{
    struct account_file *f = file_of(acc, j);
    if (!f || f->gone)
        account_find(acc, FOUND_UNPROVEN, S(""), "%s was replaced, but the ledger does not say where it came from",
                     j_text(j, "path"));
    else if (f->rows != (int64_t)j_u64(j, "rows"))
        account_find(acc, FOUND_LOST, S(""), STR_F " had %lld rows when it was committed, %lld when it was replaced",
                     STR_A(f->path), (long long)f->rows, (long long)j_u64(j, "rows"));
    if (f)
        f->gone = true;
}

static void mark_gone(struct account *acc, const json_t *j)
{
    struct account_file *f = file_of(acc, j);
    if (f)
        f->gone_by = acc->seals;
}

static void mark_made(struct account *acc, const json_t *j)
{
    struct account_file *f = file_of(acc, j);
    if (f)
        f->made_by = acc->seals;
}

typedef void file_fn(struct account *acc, const json_t *file);

// What each becomes; NULL: nothing. How many rows they have together.
static int64_t each_file(struct account *acc, const json_t *list, file_fn *fn)
{
    int64_t rows = 0;
    size_t i;
    json_t *j;
    json_array_foreach(list, i, j) {
        if (fn)
            fn(acc, j);
        rows += (int64_t)j_u64(j, "rows");
    }
    return rows;
}

// A seal that was noted and then cut off by a crash happens again, from the same files: what the first made is undone.
static bool undo_first(struct account *acc, const json_t *from)
{
    const struct account_file *f = file_of(acc, json_array_get(from, 0));
    int first = f && f->gone ? f->gone_by : 0;
    for (size_t i = 0; first && i < acc->files.n; i++)
        if (acc->files.at[i]->made_by == first)
            acc->files.at[i]->gone = true;
    return first != 0;
}

static void take_seal(struct account *acc, const json_t *seal)
{
    const json_t *from = json_object_get(seal, "from"), *to = json_object_get(seal, "to");
    int64_t before = each_file(acc, from, undo_first(acc, from) ? NULL : drop_file);
    int64_t after = each_file(acc, to, add_file);
    acc->seals++;
    each_file(acc, from, mark_gone);
    each_file(acc, to, mark_made);
    if (before != after)
        account_find(acc, after < before ? FOUND_LOST : FOUND_DOUBLED, S(""), "%lld rows were sealed to %lld in %s",
                     (long long)before, (long long)after, j_text(json_array_get(to, 0), "path"));
}

// ---- lines ----

static void take_commit(struct account *acc, const json_t *line, const char *place)
{
    uint64_t from = j_u64(line, "from"), to = j_u64(line, "to");
    const json_t *streams = json_object_get(line, "streams");
    size_t i;
    json_t *j;
    if (to > acc->done)
        return;
    if (from > acc->end)
        account_find(acc, FOUND_LOST, S(""),
                     "%s: the commits before it, from record %llu to %llu, are not in the ledger", place,
                     (unsigned long long)acc->end, (unsigned long long)from);
    else if (from < acc->end)
        account_find(acc, FOUND_DOUBLED, S(""), "%s: a commit from record %llu on, where the one before went to %llu",
                     place, (unsigned long long)from, (unsigned long long)acc->end);
    acc->end = to;
    acc->commits++;
    int64_t rows = each_file(acc, streams, NULL), kept = each_file(acc, json_object_get(line, "files"), add_file);
    json_array_foreach(streams, i, j)
        take_range(acc, line, j);
    json_array_foreach(json_object_get(line, "done"), i, j)
        take_end(acc, line, j);
    if (rows != kept)
        account_find(acc, kept < rows ? FOUND_LOST : FOUND_DOUBLED, S(""), "%s: %lld rows of streams, %lld in files",
                     place, (long long)rows, (long long)kept);
}

static void take_line(struct account *acc, struct str text, const char *place, bool bad)
{
    json_error_t why;
    OWN_JSON *line = json_loadb(text.p, text.n, 0, &why);
    const json_t *dropped = json_object_get(line, "dropped");
    if (!json_is_object(line))
        account_find(acc, FOUND_UNPROVEN, S(""), "%s is damaged: %s", place, why.text);
    else if (j_u64(line, "generation") > (bad ? acc->bad_generation : acc->generation))
        return;                         // on its way, or of a try that a crash cut off
    else if (bad)
        acc->dropped_bad += each_file(acc, dropped, NULL);  // only sums are compared there: seals do not change them
    else if (json_object_get(line, "seal"))
        take_seal(acc, json_object_get(line, "seal"));
    else if (dropped)
        acc->dropped += each_file(acc, dropped, drop_file);
    else
        take_commit(acc, line, place);
}

static bool take_file(struct account *acc, const char *dir, const char *name, bool bad, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(LEDGER_FILE_MAX + (1 << 20));
    struct str text;
    if (!file_read(&a, str_zf(&a, "%s/%s", dir, name), LEDGER_FILE_MAX, &text, e))
        return false;
    for (size_t n = 1; text.n; n++) {
        bool whole = str_has(text, '\n');
        struct str line = str_cut(&text, '\n');
        if (whole)                      // else it is being written, or was cut off: the next commit removes it
            take_line(acc, line, str_zf(&a, "%s line %zu", name, n), bad);
    }
    return true;
}

// ---- directories ----

static bool read_dir(struct account *acc, const char *table_dir, bool bad, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 20);
    struct strs names = {0};
    const char *dir = str_zf(&a, "%s/ledger", table_dir);
    if (!ledger_files(&a, table_dir, &names, e))
        return false;
    for (size_t i = 0; i < names.n; i++)
        if (!take_file(acc, dir, names.at[i].p, bad, e))
            return err_in(e, "the ledger");
    return true;
}

bool account_read(struct account *acc, const char *table_dir, struct err *e)
{
    return read_dir(acc, table_dir, false, e) && read_dir(acc, str_zf(acc->arena, "%s_bad", table_dir), true, e);
}
