// outcome.c: see outcome.h.
#include "log/outcome.h"
#include "base/json.h"
#include "log/told.h"

enum { NOTE_MAX = 1000 };

static enum outcome_step damaged(struct err *e, const char *what)
{
    err_set(e, ERR_PEER, "rusuban-sql sent %s", what);
    return OUTCOME_FAILED;
}

// ---- what stands before the rows ----

static void put_columns(const struct outcome *o, struct buf *out)
{
    json_key(out, "columns");
    json_open(out, '[');
    for (size_t i = 0; i < o->n; i++)
        json_object(out, KV("name", o->columns[i].name), KV("type", value_kind(o->columns[i].kind)));
    json_close(out, ']');
}

static void put_estimate(const struct outcome *o, struct buf *out)
{
    json_kvs(out, KVS(KV("read_bytes", o->estimate.bytes), KV("files", o->estimate.files),
                      KV("of_files", o->estimate.of)));
}

static void lines_head(const struct outcome *o, struct buf *out)
{
    buf_addc(out, '{');
    put_columns(o, out);
    json_kv(out, "note", V_OPT(o->note));
    json_key(out, "estimate");
    if (o->estimated) {
        json_open(out, '{');
        put_estimate(o, out);
        json_close(out, '}');
    } else {
        json_val(out, V_NULL);
    }
    json_close(out, '}');
    buf_addc(out, '\n');
}

static bool is_csv(const struct outcome *o)
{
    return o->form == OUTCOME_CSV || o->form == OUTCOME_EXACT;
}

static void csv_head(const struct outcome *o, struct buf *out)
{
    for (size_t i = 0; i < o->n; i++) {
        if (i)
            buf_addc(out, ',');
        value_csv(out, ASK_TEXT, &(struct value){.text = o->columns[i].name}, o->form == OUTCOME_EXACT);
    }
    buf_addc(out, '\n');
}

static void head(struct outcome *o, struct buf *out)
{
    if (o->headed)
        return;
    o->headed = true;
    if (is_csv(o))
        csv_head(o, out);
    else
        lines_head(o, out);
}

static enum outcome_step only_estimate(const struct outcome *o, struct buf *out)
{
    json_open(out, '{');
    put_estimate(o, out);
    json_kv(out, "note", V_OPT(o->note));
    put_columns(o, out);
    json_close(out, '}');
    return OUTCOME_DONE;
}

// ---- frames ----

static enum outcome_step on_heard(struct outcome *o, struct str payload, struct buf *out, struct err *e)
{
    (void)o, (void)out;
    return payload.n ? damaged(e, "a damaged greeting") : OUTCOME_MORE;
}

static enum outcome_step on_note(struct outcome *o, struct str payload, struct buf *out, struct err *e)
{
    (void)out, (void)e;
    o->note = str_dup(o->arena, str_head(payload, NOTE_MAX));
    return OUTCOME_MORE;
}

static enum outcome_step on_columns(struct outcome *o, struct str payload, struct buf *out, struct err *e)
{
    (void)out;
    struct str kept = str_dup(o->arena, payload);
    return !o->n && ask_columns_read(o->arena, kept, &o->columns, &o->n) ? OUTCOME_MORE
                                                                         : damaged(e, "damaged columns");
}

static enum outcome_step too_much(const struct outcome *o, struct err *e)
{
    err_set(e, ERR_LIMIT, "the question would read about %.1f GB", (double)o->estimate.bytes / 1e9);
    err_hint(e, "\"yes\": true does it; day, from and to narrow it");
    return OUTCOME_FAILED;
}

static enum outcome_step on_estimate(struct outcome *o, struct str payload, struct buf *out, struct err *e)
{
    if (!o->n || o->estimated || !ask_estimate_read(payload, &o->estimate))
        return damaged(e, "a damaged estimate");
    o->estimated = true;
    if (o->form == OUTCOME_ESTIMATE)
        return only_estimate(o, out);
    if (o->estimate.waits)
        return too_much(o, e);
    head(o, out);
    return OUTCOME_MORE;
}

static void put_row(const struct outcome *o, struct bytes *b, struct buf *out)
{
    bool csv = is_csv(o);
    buf_addz(out, csv ? "" : "[");
    for (size_t i = 0; i < o->n; i++) {
        struct value v = {0};
        (void)value_next(b, &v);            // values_open saw that they are there
        if (i)
            buf_addc(out, ',');
        if (csv)
            value_csv(out, o->columns[i].kind, &v, o->form == OUTCOME_EXACT);
        else
            value_json(out, &o->columns[i], &v);
    }
    buf_addz(out, csv ? "\n" : "]\n");
}

static enum outcome_step on_rows(struct outcome *o, struct str payload, struct buf *out, struct err *e)
{
    struct bytes b;
    size_t rows;
    if (!values_open(payload, o->n, &b, &rows))
        return damaged(e, "damaged rows");
    if (o->form == OUTCOME_ESTIMATE)        // it reads nothing of the lake
        return only_estimate(o, out);
    o->rows += rows;
    for (head(o, out); rows && !out->failed; rows--)
        put_row(o, &b, out);
    return OUTCOME_MORE;
}

static enum outcome_step on_end(struct outcome *o, struct str payload, struct buf *out, struct err *e)
{
    struct ask_end m;
    if (!o->n || !ask_end_read(payload, &m))
        return damaged(e, "a damaged end");
    if (o->form == OUTCOME_ESTIMATE)
        return only_estimate(o, out);
    head(o, out);
    if (o->form == OUTCOME_LINES) {
        buf_addc(out, '{');                 // at the begin of a line, where json_open would put a comma
        json_key(out, "done");
        json_object(out, KV("rows", m.rows), KV("more", m.more), KV("read_bytes", m.bytes), KV("took_ms", m.ms));
        json_close(out, '}');
        buf_addc(out, '\n');
    }
    return OUTCOME_DONE;
}

// "<query>:2:14: no column ..." becomes line 2, column 14 and the sentence.
static void cut_place(struct outcome *o, struct err *e)
{
    struct str rest = str_z(e->text);
    uint64_t line, col;
    if (!str_starts(rest, S("<query>:")))
        return;
    str_cut(&rest, ':');
    if (!str_u64(str_cut(&rest, ':'), &line) || !str_u64(str_cut(&rest, ':'), &col) || line > INT32_MAX
        || col > INT32_MAX)
        return;
    o->line = (int)line;
    o->col = (int)col;
    struct str text = str_dup(o->arena, str_trim(rest));
    struct str hint = str_dup(o->arena, str_z(e->hint));
    err_set(e, e->kind, STR_F, STR_A(text));
    err_hint(e, STR_F, STR_A(hint));
}

// A mistake in the question was rewritten where its text is known; all else may name files.
static void hide_paths(const struct outcome *o, struct err *e)
{
    if (e->kind == ERR_INPUT)
        return;
    struct str hint = str_dup(o->arena, str_z(e->hint));
    struct str text = told_paths(o->arena, str_dup(o->arena, str_z(e->text)), "\n");
    err_set(e, e->kind, STR_F, STR_A(text));
    err_hint(e, STR_F, STR_A(hint));
}

static enum outcome_step on_fail(struct outcome *o, struct str payload, struct buf *out, struct err *e)
{
    (void)out;
    if (!ask_fail_read(payload, e))
        return damaged(e, "that it failed, and not why");
    cut_place(o, e);
    hide_paths(o, e);
    return OUTCOME_FAILED;
}

static enum outcome_step on_frame(struct outcome *o, const struct ask_frame *f, struct buf *out, struct err *e)
{
    static enum outcome_step (*const on[ASK_TYPES])(struct outcome *, struct str, struct buf *, struct err *) = {
        [ASK_HEARD] = on_heard, [ASK_NOTE] = on_note, [ASK_ESTIMATE] = on_estimate, [ASK_COLUMNS] = on_columns,
        [ASK_ROWS] = on_rows, [ASK_END] = on_end, [ASK_FAIL] = on_fail};
    return on[f->type] ? on[f->type](o, f->payload, out, e) : damaged(e, "something unexpected");
}

static enum outcome_step too_wide(struct err *e)
{
    err_set(e, ERR_LIMIT, "a row of the answer is larger than %d MB", OUTCOME_FRAME >> 20);
    err_hint(e, "left(column, 1000) shortens a text; rusuban log sql on the server gives rows of up to 16 MB");
    return OUTCOME_FAILED;
}

enum outcome_step outcome_take(struct outcome *o, struct str came, size_t *used, struct buf *out, struct err *e)
{
    struct ask_frame f;
    enum outcome_step step = OUTCOME_MORE;
    *used = 0;
    while (step == OUTCOME_MORE) {
        struct str rest = str_from(came, *used);
        enum ask_type type;
        size_t n = ask_cut(rest, &f, e);
        if (n == SIZE_MAX)
            return OUTCOME_FAILED;
        if (rest.n >= ASK_HEAD && ask_head_read(rest.p, &type) > OUTCOME_FRAME)
            return too_wide(e);
        if (n == 0)
            return OUTCOME_MORE;
        *used += n;
        step = on_frame(o, &f, out, e);
    }
    return step;
}
