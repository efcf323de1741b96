// cmd_questions.c: `rusuban log top`, `page`, `user`: questions that people ask every day, each a text in log/sql.
// --sql prints it, so that it can be changed a little and asked by hand. Where lines lack a label the answer lacks what
// is made of it, and says so; without the label that it is about there is no answer, but a sentence.
#include "log/asking.h"
#include "log/cli.h"
#include "base/embed.h"
#include "base/file.h"
#include "log/columns.h"
#include "log/minute.h"
#include "log/near.h"
#include "log/page.h"
#include "log/times.h"
#include "log/there.h"
#include "log/view.h"
#include "web/far.h"
#include <stdlib.h>
#include <string.h>

EMBED(top_sql, "log/sql/top.sql")
EMBED(page_sql, "log/sql/page.sql")
EMBED(user_sql, "log/sql/user.sql")

enum { LIMIT_MOST = 100000, SQL_MAX = 64 << 10, HASH_DIGITS = 16 };
#define SECTION "\n-- == "

struct question {
    struct call *call;
    struct str sql;
    struct str what;                    // a literal, or for a person a condition
    struct str when, log, by, dataset;
    const char *days;                   // when, in words
    const char *others;                 // which days have lines, when those have none; or NULL
    struct schema columns;
    bool any;                           // of which there are lines
    struct strs lacking;                // labels that it would like to have
    int64_t limit, least;
};

// ---- which labels there are ----

static bool has(const struct question *q, const char *label)
{
    return schema_find(&q->columns, str_z(label)) >= 0;
}

static struct str hint_of(struct arena *a, const char *label)
{
    size_t n;
    const struct label_row *row = label_rows(&n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(row[i].label, label) == 0 && row[i].nginx[0] == '$')
            return str_f(a, "nginx writes it as %s:%s; ", label, row[i].nginx);
    return S("");
}

static bool need(const struct question *q, const char *label, const char *so, struct err *e)
{
    struct arena *a = q->call->arena;
    if (has(q, label))
        return true;
    err_set(e, ERR_NOT_FOUND, "the lines of " STR_F " have no %s, so %s", STR_A(q->dataset), label, so);
    return err_hint(e, STR_F "what they have: rusuban log columns " STR_F, STR_A(hint_of(a, label)),
                    STR_A(q->dataset));
}

static void note_lacking(struct question *q, const char *label)
{
    if (!strs_have(&q->lacking, str_z(label)))
        vec_push(q->call->arena, &q->lacking, str_z(label));
}

static void tell_lacking(const struct question *q)
{
    if (!q->lacking.n || q->call->quiet)
        return;
    fprintf(stderr, "The lines of " STR_F " have no ", STR_A(q->dataset));
    for (size_t i = 0; i < q->lacking.n; i++)
        fprintf(stderr, "%s" STR_F, i == 0 ? "" : i + 1 < q->lacking.n ? ", " : " and no ", STR_A(q->lacking.at[i]));
    fputs(": what needs it is left out. What fills it: rusuban log columns --all\n", stderr);
}

// ---- filling in ----

static struct str literal(struct arena *a, struct str s)
{
    OWN_BUF struct buf b = buf_make(2 * s.n + 3);
    buf_addc(&b, '\'');
    for (size_t i = 0; i < s.n; i++)
        buf_addn(&b, s.p[i], s.p[i] == '\'' ? 2 : 1);
    buf_addc(&b, '\'');
    return str_dup(a, buf_str(&b));
}

// A person is a number, any other text, or a hash of either.
static struct str person_of(struct question *q)
{
    OWN_BUF struct buf b = buf_make(400);
    static const char *const rows[][2] = {
        {"user_id", "CAST(user_id AS VARCHAR)"}, {"user_id__s", "user_id__s"}, {"user_id__h", "user_id__h"}};
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (has(q, rows[i][0]))
            buf_addf(&b, "%s%s", n++ ? ", " : "", rows[i][1]);
    if (n == 1 && has(q, "user_id"))
        return S("user_id");
    if (n == 0)
        note_lacking(q, "user_id");
    return n == 0 ? S("CAST(NULL AS VARCHAR)") : n == 1 ? str_dup(q->call->arena, buf_str(&b))
        : str_f(q->call->arena, "coalesce(" STR_F ")", STR_A(buf_str(&b)));
}

// {reqtime}: the column, or NULL where lines have none; {=reqtime}: the same as a column of the answer.
static struct str column_of(struct question *q, struct str name)
{
    static const struct { const char *name, *type, *label, *or; } rows[] = {
        {"reqtime", "INTEGER", "reqtime", NULL}, {"status", "INTEGER", "status", NULL},
        {"method", "VARCHAR", "method", NULL}, {"uri", "VARCHAR", "uri", NULL}, {"page", "VARCHAR", "uri", NULL},
        {"client", "VARCHAR", "forwardedfor", "remote_addr"}};
    struct str column = str_starts(name, S("=")) ? str_from(name, 1) : name;
    bool answers = column.n < name.n;
    if (str_eq(column, S("person"))) {
        struct str person = person_of(q);
        return answers && !str_eq(person, S("user_id")) ? str_f(q->call->arena, STR_F " AS user_id", STR_A(person))
                                                        : person;
    }
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (!str_eq(column, str_z(rows[i].name)))
            continue;
        if (has(q, rows[i].label) || (rows[i].or && has(q, rows[i].or)))
            return str_z(rows[i].name);
        note_lacking(q, rows[i].label);
        return str_f(q->call->arena, "CAST(NULL AS %s)%s%s", rows[i].type, answers ? " AS " : "",
                     answers ? rows[i].name : "");
    }
    return S("");
}

static struct str filled(struct question *q, struct str name)
{
    struct arena *a = q->call->arena;
    struct str few = str_f(a, "\n-- A page with fewer than %lld requests is left out, since its p95 is the time of a"
                           " single one.", (long long)q->least);
    const struct { const char *name; struct str value; } rows[] = {
        {"what", q->what}, {"when", q->when}, {"log", q->log}, {"by", q->by}, {"few", q->least > 1 ? few : S("")},
        {"limit", str_f(a, "%lld", (long long)q->limit)}, {"least", str_f(a, "%lld", (long long)q->least)}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eq(name, str_z(rows[i].name)))
            return rows[i].value;
    return column_of(q, name);
}

static struct str fill(struct question *q)
{
    OWN_BUF struct buf b = buf_make(SQL_MAX);
    struct str rest = q->sql;
    for (ptrdiff_t at; (at = str_find(rest, S("{"))) >= 0;) {
        buf_add(&b, str_head(rest, (size_t)at));
        rest = str_from(rest, (size_t)at + 1);
        buf_add(&b, filled(q, str_cut(&rest, '}')));
    }
    buf_add(&b, rest);
    return str_dup(q->call->arena, buf_str(&b));
}

static bool when_of(struct question *q, struct err *e)
{
    struct times t;
    if (!times_of_call(q->call, &t, e))
        return false;
    q->days = times_any(&t) ? times_words(q->call->arena, &t) : "today and yesterday";
    q->when = times_any(&t) ? times_sql(q->call->arena, &t) : S("dt >= current_date - 1");
    if (!call_flag(q->call, "sql"))
        times_tell_usual(q->call, &t, q->days);
    return true;
}

// What helps who asked about a time without lines.
static const char *other_days(const struct question *q)
{
    return q->others ? q->others : "--since, --day, --from and --to name another time";
}

static bool columns_here(struct question *q, struct str named, struct str *name, struct err *e)
{
    struct arena *a = q->call->arena;
    struct site *s;
    return site_load(a, q->call->site, &s, e) && columns_dataset(s, named, "--of ", name, e)
        && columns_read(site_lake(a, s, q->call->data), *name, &q->columns, &q->any, e);
}

static bool log_of(struct question *q, struct err *e)
{
    struct arena *a = q->call->arena;
    struct str name, named = str_z(call_option(q->call, "of"));
    if (!(far_is(q->call->data) ? there_columns(q->call, named, &name, &q->columns, &q->any, e)
                                : columns_here(q, named, &name, e)))
        return false;
    q->dataset = str_dup(a, name);
    q->log = view_name(a, name);
    if (q->any || call_flag(q->call, "sql"))
        return true;
    err_set(e, ERR_NOT_FOUND, "there are no lines of " STR_F " yet", STR_A(name));
    return err_hint(e, "rusuban log status says who sends some; rusuban log import brings in old ones");
}

static bool limit_of(struct question *q, int64_t usual, struct err *e)
{
    const char *text = call_option(q->call, "limit");
    q->limit = usual;
    return !text || (str_i64(str_z(text), &q->limit) && q->limit > 0 && q->limit <= LIMIT_MOST)
        || err_set(e, ERR_INPUT, "--limit: expected a number from 1 to %d, got \"%s\"", LIMIT_MOST, text);
}

// What everything else relies on. First of all: it checks what was typed.
static bool question_begin(struct question *q, int64_t usual_limit, struct err *e)
{
    return when_of(q, e) && limit_of(q, usual_limit, e) && log_of(q, e);
}

// ---- asking ----

static bool ask_one(struct question *q, const char *part, struct str sql, uint64_t *rows, struct err *e)
{
    struct asking a = {.call = q->call, .part = part, .job = {.query = str_dup(q->call->arena, sql)}};
    a.silent = true;
    bool ok = asking_style(q->call, &a.style, e) && asking_run(&a, e);
    *rows = a.rows;
    q->others = a.no_lines ? a.no_lines : q->others;
    return ok;
}

// Parts of a text follow lines "-- == name: Title"; programs get the name, people the title. *rows: of the last one.
static bool ask_parts(struct question *q, struct str sql, uint64_t *rows, struct err *e)
{
    const char *part = str_find(sql, S(SECTION)) < 0 ? NULL : "all";
    for (ptrdiff_t at; (at = str_find(sql, S(SECTION))) >= 0;) {
        if (!ask_one(q, part, str_head(sql, (size_t)at), rows, e))
            return false;
        sql = str_from(sql, (size_t)at + sizeof SECTION - 1);
        struct str title = str_cut(&sql, '\n');
        part = str_zdup(q->call->arena, str_cut(&title, ':'));
        if (!q->call->json)
            printf("\n" STR_F "\n", STR_A(str_trim(title)));
    }
    return ask_one(q, part, sql, rows, e);
}

// Is there any line like this in those days? Asked first: an empty table would be no answer.
static bool any_line(struct question *q, struct str condition, bool *any, struct err *e)
{
    struct str probe = str_f(q->call->arena, "SELECT 1 FROM " STR_F " WHERE " STR_F " AND " STR_F " LIMIT 1",
                             STR_A(q->log), STR_A(condition), STR_A(q->when));
    struct asking one = {.call = q->call, .silent = true, .mute = true, .job = {.query = probe}};
    bool ok = asking_run(&one, e);
    *any = one.rows > 0;
    q->others = one.no_lines;
    return ok;
}

static bool question_run(struct question *q, uint64_t *rows, struct err *e)
{
    struct str sql = fill(q);
    *rows = 1;
    if (call_flag(q->call, "sql")) {
        fwrite(sql.p, 1, sql.n, stdout);
        return true;
    }
    tell_lacking(q);
    return ask_parts(q, sql, rows, e);
}

// ---- the slowest pages ----

struct order { const char *name, *by, *label, *so; int64_t least; };
static const struct order orders[] = {
    {"p95", "p95", "reqtime", "nobody knows how long they took", 20},
    {"total", "total_s", "reqtime", "nobody knows how long they took", 1},
    {"5xx", "\"5xx\"", "status", "nobody knows which failed", 1},
    {"requests", "requests", "uri", "they have no pages", 1}};

static const struct order *order_of(const struct question *q, struct err *e)
{
    const char *asked = call_option(q->call, "by");
    if (!asked)                                 // the slowest, where that is known
        return &orders[has(q, "reqtime") ? 0 : ARRAY_LEN(orders) - 1];
    for (size_t i = 0; i < ARRAY_LEN(orders); i++)
        if (strcmp(asked, orders[i].name) == 0)
            return &orders[i];
    err_set(e, ERR_INPUT, "--by: expected p95, total, 5xx or requests, got \"%s\"", asked);
    return NULL;
}

bool cmd_log_top(struct call *c, struct err *e)
{
    struct question q = {.call = c, .sql = top_sql()};
    uint64_t rows;
    if (!question_begin(&q, 20, e))
        return false;
    const struct order *o = order_of(&q, e);
    if (!o || !need(&q, "uri", "they have no pages", e) || !need(&q, o->label, o->so, e))
        return false;
    q.by = str_z(o->by);
    q.least = o->least;
    if (!question_run(&q, &rows, e))
        return false;
    if (!rows && !c->quiet)
        fprintf(stderr, "The log has no line %s; %s.\n", q.days, other_days(&q));
    return true;
}

// ---- one page ----

static bool known_pages(const struct question *q, struct strs *out, struct err *e)
{
    OWN_DB struct db *db = NULL;
    struct arena *a = q->call->arena;
    if (far_is(q->call->data))
        return there_known_pages(q->call, q->dataset, out, e);
    return !path_exists(str_zf(a, "%s/store.db", q->call->data))
        || (store_open(q->call->data, &db, e) && figures_pages(a, db, q->dataset, out, e));
}

// The page that a path belongs to beside the known ones: "/works/{n}" of "/works/1482".
static struct str page_of(struct arena *a, const struct strs *known, struct str path)
{
    struct pages *p = pages_new();
    for (size_t i = 0; i < known->n; i++)
        pages_learn(p, known->at[i]);
    struct str name = str_dup(a, pages_name(p, pages_of(p, path)));
    pages_free(p);
    return name;
}

static bool no_such_page(struct arena *a, const struct strs *known, struct str page, struct err *e)
{
    const char *near = near_pages(a, known, page);
    err_set(e, ERR_NOT_FOUND, "the log has no page " STR_F, STR_A(str_head(page, 200)));
    return near ? err_hint(e, "pages like it: %s", near)
                : err_hint(e, "rusuban log top shows some, rusuban log pages all");
}

static bool page_has_lines(struct question *q, struct str page, bool *any, struct err *e)
{
    q->what = literal(q->call->arena, page);
    return any_line(q, str_f(q->call->arena, "page = " STR_F, STR_A(q->what)), any, e);
}

static void tell_page(const struct question *q, struct str typed, struct str page)
{
    struct str said = str_f(q->call->arena, STR_F " is of the page " STR_F, STR_A(str_head(typed, 200)),
                            STR_A(str_head(page, 200)));
    if (q->call->quiet)
        return;
    put_foreign(stderr, said);
    fputc('\n', stderr);
}

static bool is_asked_for(struct question *q, struct str typed, struct err *e)
{
    struct strs known = {0};
    bool any;
    if (!page_has_lines(q, typed, &any, e))
        return false;
    if (any)
        return true;
    if (!known_pages(q, &known, e))
        return false;
    struct str page = strs_have(&known, typed) ? typed : page_of(q->call->arena, &known, typed);
    bool other = !str_eq(page, typed);
    if (other && !page_has_lines(q, page, &any, e))
        return false;
    if (!any && !strs_have(&known, page))
        return no_such_page(q->call->arena, &known, typed, e);
    if (other)
        tell_page(q, typed, page);
    if (any)
        return true;
    err_set(e, ERR_NOT_FOUND, "nobody asked for " STR_F " %s", STR_A(str_head(page, 200)), q->days);
    return err_hint(e, "%s", other_days(q));
}

bool cmd_log_page(struct call *c, struct err *e)
{
    struct question q = {.call = c, .sql = page_sql(), .what = literal(c->arena, call_arg(c, 0))};
    uint64_t rows;
    if (call_arg(c, 0).n == 0 || call_arg(c, 0).p[0] != '/' || !str_utf8(call_arg(c, 0))) {
        err_set(e, ERR_INPUT, "\"" STR_F "\" is no page; pages look like /works/{n}", STR_A(call_arg(c, 0)));
        return err_hint(e, "rusuban log top");
    }
    if (call_flag(c, "csv") && !call_flag(c, "sql")) {
        err_set(e, ERR_INPUT, "the answer is four tables, and CSV is one");
        return err_hint(e, "--json says of each row whose it is; --sql prints the questions, for rusuban log sql --csv");
    }
    return question_begin(&q, 10, e) && need(&q, "uri", "they have no pages", e)
        && (call_flag(c, "sql") || is_asked_for(&q, call_arg(c, 0), e)) && question_run(&q, &rows, e);
}

// ---- one person ----

static bool is_hash(struct str s)
{
    unsigned char bytes[HASH_DIGITS / 2];
    return s.n == HASH_DIGITS && hex_decode(s, bytes, sizeof bytes);
}

// Wherever somebody of this name may stand. Empty: nowhere.
static struct str condition_of(const struct question *q, struct str name)
{
    int64_t id;
    struct arena *a = q->call->arena;
    bool number = str_i64(name, &id) && has(q, "user_id");
    bool text = !str_i64(name, &id) && (has(q, "user_id__s") || !q->any), hash = is_hash(name) && has(q, "user_id__h");
    OWN_BUF struct buf b = buf_make(4 * name.n + 200);
    struct str quoted = literal(a, name);
    if (number)
        buf_addf(&b, "user_id = %lld", (long long)id);
    if (text)
        buf_addf(&b, "user_id__s = " STR_F, STR_A(quoted));
    if (hash)
        buf_addf(&b, "%suser_id__h = " STR_F, b.n ? " OR " : "", STR_A(quoted));
    return str_f(a, number + text + hash > 1 ? "(" STR_F ")" : STR_F, STR_A(buf_str(&b)));
}

static bool nobody(const struct question *q, struct str name, struct err *e)
{
    err_set(e, ERR_NOT_FOUND, "nobody whose user_id is \"" STR_F "\" came %s", STR_A(str_head(name, 200)), q->days);
    return err_hint(e, "%s", other_days(q));
}

bool cmd_log_user(struct call *c, struct err *e)
{
    struct question q = {.call = c, .sql = user_sql()};
    struct str name = call_arg(c, 0);
    uint64_t rows;
    if (!name.n || !str_utf8(name) || name.n > 1000)
        return err_set(e, ERR_INPUT, "a user is a number, or a text in UTF-8 of at most 1,000 bytes");
    if (!question_begin(&q, 1000, e))
        return false;
    if (!has(&q, "user_id__s") && !has(&q, "user_id__h")
        && !need(&q, "user_id", "nobody can be followed; what visitors have in common is client", e))
        return false;
    q.what = condition_of(&q, name);
    bool any = q.what.n > 0;
    if (any && !call_flag(c, "sql") && !any_line(&q, q.what, &any, e))
        return false;
    return any ? question_run(&q, &rows, e) : nobody(&q, name, e);
}
