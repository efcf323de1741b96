// statement.c: a question becomes a statement whose values are all text; its columns are told, its errors put into
// people's words.
#include "sql/question.h"
#include "log/told.h"
#include <string.h>

// Among the first lines of what the question is about: it is only a word for its asker.
static bool in_extra(void *arg, struct str label)
{
    struct question *q = arg;
    struct str found, quoted = engine_quote(q->a, label);
    struct err ignored;
    bool has = false;
    for (size_t i = 0; i < q->views_n && !has; i++) {
        const char *sql = str_zf(q->a, "SELECT count(*)::VARCHAR FROM (SELECT 1 FROM (SELECT extra FROM " STR_F
                                 " WHERE extra IS NOT NULL LIMIT 1000000) WHERE json_extract_string(extra, " STR_F
                                 ") IS NOT NULL LIMIT 1)", STR_A(q->views[i].name), STR_A(quoted));
        has = engine_text(q->s->engine, q->a, sql, &found, &ignored) && str_eq(found, S("1"));
    }
    return has;
}

bool question_told(struct question *q, const char *said, size_t shift, struct err *e)
{
    struct told t = {.query = q->job.query, .lake = q->s->lake, .tables = &q->tables, .columns = &q->columns,
                     .memory = q->s->memory, .in_extra = in_extra, .arg = q};
    return told_err(q->a, &t, said, shift, e);
}

static enum ask_kind kind_of(int type)
{
    switch (type) {
    case DUCK_BOOLEAN:
        return ASK_BOOL;
    case DUCK_FLOAT:
    case DUCK_DOUBLE:
    case DUCK_DECIMAL:
        return ASK_NUMBER;
    case DUCK_HUGEINT:
    case DUCK_UHUGEINT:
    case DUCK_BIGNUM:
        return ASK_WHOLE;
    case DUCK_LIST:
    case DUCK_STRUCT:
    case DUCK_MAP:
    case DUCK_ARRAY:
    case DUCK_UNION:
        return ASK_JSON;
    case DUCK_TIMESTAMP_TZ:
        return ASK_TIME;
    default:
        return type > DUCK_BOOLEAN && type <= DUCK_UBIGINT ? ASK_WHOLE : ASK_TEXT;
    }
}

// A ; at the end means nothing here and would end the parenthesis below.
static struct str trimmed(struct str s)
{
    for (s = str_trim(s); s.n && s.p[s.n - 1] == ';';)
        s = str_trim(str_head(s, s.n - 1));
    return s;
}

static bool send_shape(struct question *q, const struct shape *x, struct err *e)
{
    OWN_BUF struct buf b = buf_make(ASK_MAX);
    put_u16(&b, (uint16_t)x->n);
    for (size_t i = 0; i < x->n; i++) {
        put_u8(&b, (uint8_t)x->at[i].kind);
        put_text(&b, x->at[i].name);
    }
    if (!buf_ok(&b, e))
        return false;
    question_send(q, ASK_COLUMNS, buf_str(&b));
    return true;
}

static bool begin_shape(struct question *q, size_t n, struct shape *out, struct err *e)
{
    out->n = n;
    if (n == 0 || n > ASK_COLUMNS_MAX)
        return err_set(e, ERR_INPUT, "the question has %zu columns; it may have 1 to %d", n, ASK_COLUMNS_MAX);
    out->at = NEW_N(q->a, struct ask_column, n);
    return true;
}

static struct ask_column column_of(struct question *q, int type, const char *name)
{
    return (struct ask_column){kind_of(type), str_dup(q->a, str_head(str_z(name), 1000))};
}

// A parameter whose type only its value decides: the engine knows the columns once it has the values.
static bool shape_of_values(struct question *q, struct shape *out, struct err *e)
{
    static const char before[] = "SELECT * FROM (";
    duckdb_prepared_statement p = NULL;
    duckdb_result r;
    const char *sql = str_zf(q->a, "%s" STR_F "\n) LIMIT 0", before, STR_A(trimmed(q->job.query)));
    bool prepared = duckdb_prepare(q->s->engine->con, sql, &p) == 0;
    bool bound = prepared && question_bind(q, p, e);
    bool ran = bound && duckdb_execute_prepared_streaming(p, &r) == 0;
    if (!prepared || (bound && !ran))
        question_told(q, prepared ? duckdb_result_error(&r) : duckdb_prepare_error(p), sizeof before - 1, e);
    bool ok = ran && begin_shape(q, duckdb_column_count(&r), out, e);
    for (size_t i = 0; ok && i < out->n; i++)
        out->at[i] = column_of(q, duckdb_column_type(&r, i), duckdb_column_name(&r, i));
    if (bound)
        duckdb_destroy_result(&r);
    duckdb_destroy_prepare(&p);
    return ok;
}

// Of EXPLAIN, which stands in no parenthesis: a word of what is explained, and the plan.
static bool shape_of_plan(struct question *q, struct shape *out, struct err *e)
{
    if (!begin_shape(q, 2, out, e))
        return false;
    out->at[0] = (struct ask_column){ASK_TEXT, S("explain_key")};
    out->at[1] = (struct ask_column){ASK_TEXT, S("explain_value")};
    return true;
}

static bool shape_of(struct question *q, duckdb_prepared_statement p, struct shape *out, struct err *e)
{
    if (q->open.n && duckdb_prepared_statement_type(p) == DUCK_EXPLAIN)
        return shape_of_plan(q, out, e) && send_shape(q, out, e);
    bool known = !q->open.n || duckdb_prepared_statement_column_type(p, 0) != DUCK_INVALID;
    if (!known)
        return shape_of_values(q, out, e) && send_shape(q, out, e);
    if (!begin_shape(q, duckdb_prepared_statement_column_count(p), out, e))
        return false;
    for (size_t i = 0; i < out->n; i++) {
        const char *name = duckdb_prepared_statement_column_name(p, i);
        out->at[i] = column_of(q, duckdb_prepared_statement_column_type(p, i), name);
        duckdb_free((void *)(uintptr_t)name);
    }
    return send_shape(q, out, e);
}

static void put_as_text(struct buf *b, enum ask_kind kind, bool utc, size_t i)
{
    if (kind == ASK_TIME && utc)
        buf_addf(b, "strftime(timezone('UTC', c%zu), '%%Y-%%m-%%dT%%H:%%M:%%S.%%gZ')", i);
    else
        buf_addf(b, kind == ASK_JSON ? "to_json(c%zu)::VARCHAR" : "c%zu::VARCHAR", i);
}

// Every value comes as text: "SELECT c0::VARCHAR, ... FROM (question) AS q(c0, ...)".
static void wrap(struct question *q, const struct shape *shape, struct str query)
{
    OWN_BUF struct buf b = buf_make(ASK_JOB_MAX + (1 << 20));
    buf_addz(&b, "SELECT ");
    for (size_t i = 0; i < shape->n; i++) {
        buf_addz(&b, i ? ", " : "");
        put_as_text(&b, shape->at[i].kind, q->job.utc, i);
    }
    buf_addz(&b, " FROM (");
    q->shift = b.n;
    buf_add(&b, query);
    buf_addz(&b, "\n) AS q(");
    for (size_t i = 0; i < shape->n; i++)
        buf_addf(&b, "%sc%zu", i ? ", " : "", i);
    buf_addz(&b, ")");
    if (q->job.limit)
        buf_addf(&b, " LIMIT %lld", (long long)q->job.limit + 1);
    q->wrapped = str_dup(q->a, buf_str(&b));
}

static bool prepares(struct question *q, duckdb_prepared_statement *p)
{
    if (duckdb_prepare(q->s->engine->con, q->wrapped.p, p) == 0)
        return true;
    duckdb_destroy_prepare(p);
    return false;
}

// The text as it was typed, or, where a comment or the like stands in the way, as the engine writes it down itself.
static bool wrap_prepare(struct question *q, const struct shape *shape, duckdb_prepared_statement *p, struct err *e)
{
    struct str again, quoted = engine_quote(q->a, q->job.query);
    struct err ignored;
    wrap(q, shape, trimmed(q->job.query));
    if (prepares(q, p))
        return true;
    const char *sql = str_zf(q->a, "SELECT json_deserialize_sql(json_serialize_sql(" STR_F "))", STR_A(quoted));
    if (engine_text(q->s->engine, q->a, sql, &again, &ignored)) {
        wrap(q, shape, trimmed(again));
        q->shift = SIZE_MAX;                // places are those of another text
        if (prepares(q, p))
            return true;
    }
    wrap(q, shape, trimmed(q->job.query));
    if (duckdb_prepare(q->s->engine->con, q->wrapped.p, p) == 0)
        return true;
    question_told(q, duckdb_prepare_error(*p), q->shift, e);
    duckdb_destroy_prepare(p);
    return false;
}

static bool one_statement(struct question *q, struct err *e)
{
    duckdb_extracted_statements all = NULL;
    idx_t n = duckdb_extract_statements(q->s->engine->con, q->job.query.p, &all);
    const char *why = duckdb_extract_statements_error(all);
    if (n == 0 && why)
        question_told(q, why, 0, e);
    else if (n == 0)
        err_set(e, ERR_INPUT, "there is no question");
    else if (n > 1)
        err_set(e, ERR_INPUT, "these are %d questions; ask one at a time", (int)n);
    if (n > 1 && strcasestr(q->job.query.p, "pivot"))
        err_hint(e, "PIVOT asks twice unless it is told the values: ON method IN ('GET', 'POST')");
    duckdb_destroy_extracted(&all);
    return n == 1;
}

static bool no_question(struct err *e)
{
    return err_set(e, ERR_INPUT, "only questions are answered: SELECT, WITH, FROM, VALUES, SUMMARIZE, DESCRIBE, SHOW,"
                   " PIVOT, EXPLAIN");
}

// The engine would say what is wrong with a deed that nobody may do.
static bool is_deed(struct str query)
{
    static const char *const words[] = {
        "insert", "update", "delete", "merge", "create", "drop", "alter", "truncate", "copy", "export", "import",
        "attach", "detach", "install", "load", "set", "reset", "use", "vacuum", "analyze", "checkpoint", "begin", "commit",
        "rollback", "prepare", "execute", "deallocate", "comment", "grant", "revoke"};
    struct str rest = str_trim(query), word = {rest.p, 0};
    while (word.n < rest.n && str_plain((struct str){rest.p + word.n, 1}, "_"))
        word.n++;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (word.n == strlen(words[i]) && strncasecmp(word.p, words[i], word.n) == 0)
            return true;
    return false;
}

bool question_prepare(struct question *q, duckdb_prepared_statement *p, struct shape *shape, struct err *e)
{
    duckdb_prepared_statement typed = NULL;
    if (!one_statement(q, e))
        return false;
    if (duckdb_prepare(q->s->engine->con, q->job.query.p, &typed) != 0) {
        if (!q->s->open && is_deed(q->job.query))
            no_question(e);
        else
            question_told(q, duckdb_prepare_error(typed), 0, e);
        duckdb_destroy_prepare(&typed);
        return false;
    }
    int type = duckdb_prepared_statement_type(typed);
    bool ok = q->s->open || type == DUCK_SELECT || type == DUCK_EXPLAIN || no_question(e);
    if (ok && duckdb_nparams(typed) != q->open.n)
        ok = err_set(e, ERR_INPUT, "write %s for a value that comes with the question, not ? or $1", "{{name}}");
    ok = ok && shape_of(q, typed, shape, e);
    q->deed = type != DUCK_SELECT && type != DUCK_EXPLAIN;
    if (ok && type != DUCK_SELECT) {
        *p = typed;                             // EXPLAIN: two columns of text as it is
        return true;
    }
    duckdb_destroy_prepare(&typed);
    return ok && wrap_prepare(q, shape, p, e);
}
