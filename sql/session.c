// session.c: see session.h.
//
// Whoever asks may be hostile, and may have taken this process over: nothing outside relies on what is done here. What
// stands here is only for those who ask honestly: a small range, an estimate, errors that help.
#include "sql/question.h"
#include "base/clock.h"
#include "base/file.h"
#include "sql/stream.h"
#include <string.h>
#include <unistd.h>

enum { ARENA_MAX = 512 << 20 };

// ---- frames ----

static bool read_exactly(int fd, char *to, size_t n)
{
    for (ssize_t k; n; to += k, n -= (size_t)k)
        if ((k = read(fd, to, n)) <= 0)
            return false;
    return true;
}

static bool next_frame(struct question *q, enum ask_type want, struct str *payload)
{
    char head[ASK_HEAD];
    enum ask_type type;
    if (!read_exactly(q->s->socket, head, sizeof head))
        return false;
    size_t n = ask_head_read(head, &type);
    if (n == SIZE_MAX || type != want)
        return false;
    char *p = arena_take(q->a, n + 1, 1);
    *payload = (struct str){p, n};
    return read_exactly(q->s->socket, p, n);
}

void question_send(struct question *q, enum ask_type type, struct str payload)
{
    OWN_BUF struct buf b = buf_make(ASK_MAX + ASK_HEAD);
    struct err ignored;
    ask_put(&b, type, payload);
    if (!fd_write_all(q->s->socket, buf_str(&b), &ignored))
        _exit(0);               // nobody listens any more
}

static void send_fail(struct question *q, const struct err *e)
{
    OWN_BUF struct buf b = buf_make(8192);
    ask_fail_put(&b, e);
    question_send(q, ASK_FAIL, buf_str(&b));
}

// ---- the question itself ----

static bool plan_text(struct question *q, struct str *plan)
{
    duckdb_result r;
    const char *sql = str_zf(q->a, "EXPLAIN (FORMAT json) " STR_F, STR_A(q->wrapped));
    duckdb_prepared_statement p = NULL;
    struct err ignored;
    bool ok = duckdb_prepare(q->s->engine->con, sql, &p) == 0 && question_bind(q, p, &ignored);
    bool asked = ok;
    ok = ok && duckdb_execute_prepared_streaming(p, &r) == 0;
    duckdb_data_chunk c = ok ? duckdb_fetch_chunk(r) : NULL;
    ok = c && duckdb_column_count(&r) == 2 && duckdb_data_chunk_get_size(c) > 0;
    if (ok) {
        duckdb_string_t *text = duckdb_vector_get_data(duckdb_data_chunk_get_vector(c, 1));
        *plan = str_dup(q->a, engine_string(text));
    }
    if (c)
        duckdb_destroy_data_chunk(&c);
    if (asked)
        duckdb_destroy_result(&r);
    duckdb_destroy_prepare(&p);
    return ok;
}

// false: the asker heard how much it is and left.
static bool estimate(struct question *q)
{
    struct ask_estimate m = {0};
    struct str plan, go;
    for (size_t i = 0; i < q->views_n; i++)
        m.of += q->views[i].of;
    size_t files = 0;
    question_no_lines(q);
    if (q->note)
        question_send(q, ASK_NOTE, str_z(q->note));
    if (!q->reads_lake || !q->wrapped.n || !plan_text(q, &plan))
        return true;
    m.bytes = (uint64_t)view_estimate(q->views, q->views_n, plan, &files);
    m.files = files;
    m.waits = q->job.confirm_over && m.bytes > (uint64_t)q->job.confirm_over;
    OWN_BUF struct buf b = buf_make(64);
    ask_estimate_put(&b, &m);
    question_send(q, ASK_ESTIMATE, buf_str(&b));
    return !m.waits || next_frame(q, ASK_GO, &go);
}

// Bytes this process has read so far, from the disk or its cache.
static uint64_t bytes_read(struct session *s)
{
    char text[512];
    uint64_t v = 0;
    ssize_t n = pread(s->io, text, sizeof text, 0);
    struct str rest = {text, n > 0 ? (size_t)n : 0}, line = str_cut(&rest, '\n');
    str_cut(&line, ' ');
    s->looked += n > 0 ? (uint64_t)n : 0;       // what is read here counts from the next look on
    return str_u64(line, &v) ? v - (s->looked - (uint64_t)n) : 0;
}

static bool run(struct question *q, duckdb_prepared_statement p, const struct shape *shape, struct err *e)
{
    struct ask_end end = {0};
    uint64_t before = bytes_read(q->s);
    duckdb_result r;
    const char *why = NULL;
    e->kind = ERR_NONE;
    uint64_t limit = (uint64_t)q->job.limit;
    if (!question_bind(q, p, e))
        return false;
    bool ok = duckdb_execute_prepared_streaming(p, &r) == 0
           && (q->deed || stream_rows(q->s->socket, r, shape->n, limit, &end.rows, &end.more, &why, e));
    if (!ok && !e->kind)
        question_told(q, why ? why : duckdb_result_error(&r), q->shift, e);
    duckdb_destroy_result(&r);
    if (!ok)
        return false;
    OWN_BUF struct buf b = buf_make(64);
    end.bytes = bytes_read(q->s) - before;
    end.ms = (uint64_t)(tick_ms() - q->began);
    ask_end_put(&b, &end);
    question_send(q, ASK_END, buf_str(&b));
    return true;
}

static bool mentions_page(struct str query)
{
    return strcasestr(query.p, "page") != NULL;
}

static bool answer(struct question *q, struct str setup, struct err *e)
{
    duckdb_prepared_statement p = NULL;
    struct shape shape = {0};
    bool pages = false;
    q->began = tick_ms();
    question_names(q);
    if (!question_params(q, e) || !question_known(q, setup, &pages, e) || !question_range(q, e) || !question_views(q, e))
        return false;
    for (size_t i = 0; i < q->views_n && !pages && mentions_page(q->job.query); i++)
        if (!question_learn(q, &q->views[i], e))
            return false;
    if (!question_narrow(q, e) || !question_prepare(q, &p, &shape, e))
        return false;
    if (estimate(q) && !run(q, p, &shape, e))
        return false;
    duckdb_destroy_prepare(&p);
    return true;
}

void session_run(struct session *s)
{
    OWN_ARENA struct arena a = arena_make(ARENA_MAX);
    struct question q = {.s = s, .a = &a};
    struct str setup, payload;
    struct err e = {0};
    if (!next_frame(&q, ASK_SETUP, &setup) || !next_frame(&q, ASK_JOB, &payload))
        return;
    if (!ask_job_read(&a, payload, &q.job, &e) || !answer(&q, setup, &e))
        send_fail(&q, &e);
}
