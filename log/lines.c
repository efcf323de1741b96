// lines.c: see lines.h. The parser says what the values are; a number's digits, and a nested value's text, are looked
// up in the line itself, which by then is known to be JSON.
#include "log/lines.h"
#include "base/jansson.h"
#include "log/values.h"
#include <string.h>

static bool damaged(struct err *e, const char *what)
{
    return err_set(e, ERR_PEER, "the server sent %s", what);
}

// ---- a row ----

// From behind the opening quote to behind the closing one.
static size_t text_end(struct str s, size_t i)
{
    while (i < s.n && s.p[i] != '"')
        i += s.p[i] == '\\' ? 2 : 1;
    return i + 1;
}

// Of valid JSON: the end of the value that begins at i.
static size_t value_end(struct str s, size_t i)
{
    int depth = 0;
    while (i < s.n) {
        char c = s.p[i];
        if (depth == 0 && (c == ',' || c == ']'))
            break;
        depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
        i = c == '"' ? text_end(s, i + 1) : i + 1;
    }
    return i < s.n ? i : s.n;
}

static void put_value(struct buf *rows, const json_t *v, struct str raw)
{
    if (json_is_null(v)) {
        put_u32(rows, ASK_NULL);
        return;
    }
    struct str text = json_is_string(v) ? (struct str){json_string_value(v), json_string_length(v)} : str_trim(raw);
    put_u32(rows, (uint32_t)text.n);
    buf_add(rows, text);
}

static bool take_row(const struct lines *l, struct str line, const json_t *row, struct buf *frames, struct err *e)
{
    OWN_BUF struct buf rows = buf_make(ASK_MAX);
    size_t at = 1;                      // behind the bracket
    if (!l->n || json_array_size(row) != l->n)
        return damaged(e, "a row of other columns");
    put_u32(&rows, 1);
    for (size_t i = 0; i < l->n; i++) {
        size_t end = value_end(line, at);
        put_value(&rows, json_array_get(row, i), (struct str){line.p + at, end - at});
        at = end + 1;
    }
    ask_put(frames, ASK_ROWS, buf_str(&rows));
    return !rows.failed || err_set(e, ERR_LIMIT, "a row of the answer is larger than %d MB", ASK_MAX >> 20);
}

// ---- what stands before the rows and behind them ----

static bool kind_of(const char *name, enum ask_kind *out)
{
    for (int k = 0; k < ASK_KINDS; k++)
        if (strcmp(name, value_kind((enum ask_kind)k)) == 0) {
            *out = (enum ask_kind)k;
            return true;
        }
    return false;
}

static bool take_columns(struct lines *l, const json_t *columns, struct buf *frames, struct err *e)
{
    OWN_BUF struct buf b = buf_make(ASK_MAX);
    size_t n = json_array_size(columns);
    if (!n || n > ASK_COLUMNS_MAX || l->n)
        return damaged(e, "damaged columns");
    l->kinds = NEW_N(l->arena, enum ask_kind, n);
    put_u16(&b, (uint16_t)n);
    for (size_t i = 0; i < n; i++) {
        const json_t *c = json_array_get(columns, i);
        if (!kind_of(j_text(c, "type"), &l->kinds[i]))
            return damaged(e, "a column of a type that is not known here; is it a newer version?");
        put_u8(&b, (uint8_t)l->kinds[i]);
        put_text(&b, str_z(j_text(c, "name")));
    }
    l->n = n;
    ask_put(frames, ASK_COLUMNS, buf_str(&b));
    return buf_ok(&b, e);
}

static void put_estimate(const json_t *x, bool waits, struct buf *frames)
{
    OWN_BUF struct buf b = buf_make(64);
    struct ask_estimate m = {.bytes = j_u64(x, "read_bytes"), .files = j_u64(x, "files"), .of = j_u64(x, "of_files"),
                             .waits = waits};
    if (!json_is_object(x))             // it reads nothing of the lake
        return;
    ask_estimate_put(&b, &m);
    ask_put(frames, ASK_ESTIMATE, buf_str(&b));
}

static bool take_head(struct lines *l, const json_t *head, const json_t *estimate, bool waits, struct buf *frames,
                      struct err *e)
{
    if (!take_columns(l, json_object_get(head, "columns"), frames, e))
        return false;
    if (*j_text(head, "note"))
        ask_put(frames, ASK_NOTE, str_z(j_text(head, "note")));
    put_estimate(estimate, waits, frames);
    return true;
}

static bool take_end(struct lines *l, const json_t *x, struct buf *frames, struct err *e)
{
    OWN_BUF struct buf b = buf_make(64);
    struct ask_end m = {.rows = j_u64(x, "rows"), .more = j_true(x, "more"), .bytes = j_u64(x, "read_bytes"),
                        .ms = j_u64(x, "took_ms")};
    if (!l->n || !json_is_object(x))
        return damaged(e, "a damaged end");
    l->over = true;
    ask_end_put(&b, &m);
    ask_put(frames, ASK_END, buf_str(&b));
    return true;
}

bool lines_take(struct lines *l, struct str line, struct buf *frames, struct err *e)
{
    OWN_JSON *j = json_loadb(line.p, line.n, JSON_ALLOW_NUL, NULL);
    if (!j || l->over)
        return damaged(e, "a line that is no part of an answer");
    if (json_is_array(j))
        return take_row(l, line, j, frames, e);
    if (json_object_get(j, "done"))
        return take_end(l, json_object_get(j, "done"), frames, e);
    return take_head(l, j, json_object_get(j, "estimate"), false, frames, e);
}

bool lines_take_estimate(struct lines *l, struct str object, struct buf *frames, struct err *e)
{
    OWN_JSON *j = json_loadb(object.p, object.n, JSON_ALLOW_NUL, NULL);
    return take_head(l, j, j, true, frames, e);
}
