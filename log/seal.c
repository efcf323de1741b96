// seal.c: see seal.h.
#include "log/seal.h"
#include "base/clock.h"
#include "base/jansson.h"
#include "base/json.h"
#include "log/pace.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { RETRIES_MAX = 60, INPUT_MAX = 16 << 20 };

static struct hour_note *note_of(struct sealing *s, int table, int32_t hour)
{
    for (size_t i = 0; i < s->notes_n; i++)
        if (s->notes[i].table == table && s->notes[i].hour == hour)
            return &s->notes[i];
    return NULL;
}

static struct hour_note *note_for(struct sealing *s, int table, int32_t hour)
{
    struct hour_note *note = note_of(s, table, hour);
    if (note)
        return note;
    if (s->notes_n == s->notes_cap) {
        s->notes_cap = s->notes_cap * 2 + 64;
        s->notes = realloc(s->notes, s->notes_cap * sizeof *s->notes);
        assert(s->notes);
    }
    s->notes[s->notes_n] = (struct hour_note){.table = table, .hour = hour, .first = tick_ms()};
    return &s->notes[s->notes_n++];
}

void sealing_note(struct sealing *s, int table, const struct catalog *c, size_t n)
{
    for (size_t i = c->files.n - n; i < c->files.n; i++)
        note_for(s, table, c->files.at[i].hour)->last = tick_ms();
}

struct hour_sum { int32_t hour; int64_t waiting; size_t sealed; };

static struct hour_sum sum_of(const struct catalog *c, int32_t hour)
{
    struct hour_sum sum = {.hour = hour};
    for (size_t i = 0; i < c->files.n; i++) {
        const struct lake_file *f = &c->files.at[i];
        if (f->hour != hour)
            continue;
        sum.sealed += f->state == FILE_SEALED;
        sum.waiting += f->state == FILE_COMMITTED ? f->rows : 0;
    }
    return sum;
}

static bool ripe(struct sealing *s, int table, const struct hour_sum *sum, bool now)
{
    int64_t over_ms = now_ms() - (now ? 0 : pace_ms(PACE_SEAL));
    const struct hour_note *note = note_of(s, table, sum->hour);
    if (note && note->failures)         // it was ripe before
        return tick_ms() >= note->retry_at;
    if (sum->hour >= hour_of(&s->zone, over_ms * 1000))
        return false;
    if (sum->sealed && sum->waiting < LATE_ROWS && !now)
        return !note || tick_ms() - note->first >= pace_ms(PACE_LATE);
    return now || !note || tick_ms() - note->last >= pace_ms(PACE_SEAL);
}

// The oldest hour that is ripe.
static bool choose(struct sealing *s, int table, const struct catalog *c, bool now, struct hour_sum *out)
{
    bool any = false;
    for (size_t i = 0; i < c->files.n; i++) {
        const struct lake_file *f = &c->files.at[i];
        if (f->state != FILE_COMMITTED || (any && f->hour >= out->hour))
            continue;
        struct hour_sum sum = sum_of(c, f->hour);
        if (ripe(s, table, &sum, now)) {
            *out = sum;
            any = true;
        }
    }
    return any;
}

// "log-0001" for the first sealing of an hour, "log-late-001" and so on for what came after.
static struct str out_name(struct arena *a, const struct catalog *c, const struct hour_sum *sum)
{
    char dir[HOUR_DIR_MAX];
    size_t late = 0;
    struct str prefix = str_f(a, "%s/log-late-", hour_dir(sum->hour, dir));
    for (size_t i = 0; i < c->files.n; i++) {
        uint64_t number;
        struct str p = c->files.at[i].path, digits = str_head(str_from(p, prefix.n), 3);
        if (str_starts(p, prefix) && str_u64(digits, &number) && number > late)
            late = (size_t)number;
    }
    if (!sum->sealed)
        return str_f(a, "%s/log-0001.parquet", hour_dir(sum->hour, dir));
    return str_f(a, STR_F "%03zu.parquet", STR_A(prefix), late + 1);
}

static void put_input(struct buf *b, const struct sealing *s, const struct catalog *c, struct str out)
{
    json_open(b, '{');
    json_key(b, "files");
    json_open(b, '[');
    for (size_t i = 0; i < s->paths.n; i++)
        json_val(b, V(s->paths.at[i]));
    json_close(b, ']');
    json_kv(b, "out", out);
    json_key(b, "columns");
    json_open(b, '[');
    for (int i = 0; i < c->schema.n; i++)
        json_object(b, KV("name", ((struct str){c->schema.at[i].name, c->schema.at[i].name_n})),
                    KV("type", (int)c->schema.at[i].type), KV("id", c->schema.at[i].field_id));
    json_close(b, ']');
    json_kv(b, "max_rows", (int)SEAL_ROWS);
    json_close(b, '}');
}

bool sealing_next(struct sealing *s, int table, const struct catalog *c, bool now, int32_t *hour, struct str *input)
{
    struct hour_sum sum = {0};
    if (s->busy || tick_ms() < s->retry_at || !choose(s, table, c, now, &sum))
        return false;
    arena_drop(&s->arena);
    s->arena = arena_make(INPUT_MAX);
    s->paths = (struct strs){0};
    for (size_t i = 0; i < c->files.n; i++)
        if (c->files.at[i].hour == sum.hour && c->files.at[i].state == FILE_COMMITTED)
            vec_push(&s->arena, &s->paths, str_dup(&s->arena, c->files.at[i].path));
    OWN_BUF struct buf b = buf_make(INPUT_MAX);
    put_input(&b, s, c, out_name(&s->arena, c, &sum));
    if (b.failed)
        return false;
    s->busy = true;
    s->table = table;
    s->columns = c->schema.n;
    s->hour = *hour = sum.hour;
    char *copy = strndup(b.p, b.n);
    assert(copy);
    *input = (struct str){copy, b.n};
    return true;
}

void sealing_over(struct sealing *s, bool ok)
{
    struct hour_note *note = ok ? note_of(s, s->table, s->hour) : note_for(s, s->table, s->hour);
    s->busy = false;
    s->retry_at = ok ? 0 : tick_ms() + pace_ms(PACE_RETRY) / 6;
    if (!ok) {
        note->failures += note->failures < RETRIES_MAX;
        note->retry_at = tick_ms() + pace_ms(PACE_RETRY) * note->failures;
    } else if (note) {
        *note = s->notes[--s->notes_n];
    }
}

int sealing_debts(const struct sealing *s)
{
    int n = 0;
    for (size_t i = 0; i < s->notes_n; i++)
        n += s->notes[i].failures > 0;
    return n;
}

void sealing_drop(struct sealing *s)
{
    arena_drop(&s->arena);
    free(s->notes);
}

// ---- what the child says ----

static int64_t rows_of(const struct sealing *s, const struct catalog *c)
{
    int64_t rows = 0;
    for (size_t i = 0; i < c->files.n; i++)
        if (strs_have(&s->paths, c->files.at[i].path))
            rows += c->files.at[i].rows;
    return rows;
}

static bool read_one(struct arena *a, const struct sealing *s, const json_t *j, struct lake_file *f)
{
    char dir[HOUR_DIR_MAX];
    const json_t *columns = json_object_get(j, "columns"), *path = json_object_get(j, "path");
    *f = (struct lake_file){.state = FILE_SEALED, .hour = s->hour,
                            .rows = json_integer_value(json_object_get(j, "rows")),
                            .bytes = json_integer_value(json_object_get(j, "bytes")),
                            .low_us = json_integer_value(json_object_get(j, "low_us")),
                            .high_us = json_integer_value(json_object_get(j, "high_us")), .schema = s->columns,
                            .crc = (uint32_t)json_integer_value(json_object_get(j, "crc"))};
    if (!json_is_string(path) || !json_is_array(columns) || f->rows <= 0 || f->bytes <= 0)
        return false;
    f->path = str_dup(a, str_z(json_string_value(path)));
    for (size_t i = 0; i < json_array_size(columns); i++)
        vec_push(a, &f->column_bytes, (int64_t)json_integer_value(json_array_get(columns, i)));
    return str_starts(f->path, str_z(hour_dir(s->hour, dir))) && str_find(f->path, S("..")) < 0;
}

bool sealing_read(struct arena *a, const struct sealing *s, const struct catalog *c, struct str output,
                  struct sealed_files *out, struct err *e)
{
    json_error_t why;
    json_t *root = json_loadb(output.p, output.n, 0, &why), *files = root ? json_object_get(root, "files") : NULL, *j;
    int64_t rows = 0;
    bool ok = json_is_array(files);
    size_t i;
    *out = (struct sealed_files){0};
    if (ok)
        json_array_foreach(files, i, j) {
            struct lake_file f;
            ok = ok && read_one(a, s, j, &f);
            if (ok) {
                rows += f.rows;
                vec_push(a, out, f);
            }
        }
    json_decref(root);
    if (!ok)
        return err_set(e, ERR_PEER, "rusuban-sql seal answered something else than agreed: " STR_F,
                       STR_A(str_head(str_trim(output), 200)));
    if (rows != rows_of(s, c))
        return err_set(e, ERR_CHECK, "sealing made %lld rows of %lld", (long long)rows, (long long)rows_of(s, c));
    return true;
}
