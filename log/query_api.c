// query_api.c: POST /log/query and /log/estimate: a question goes to the role `sql`, its answer streams back.
#include "log/api.h"
#include "log/asking.h"
#include "log/outcome.h"
#include "web/rows.h"

enum { HEAR_MS = 5000, DEADLINE_MS = 60000, SLACK_MS = 10000 };

static struct row_source *source_of(struct ask *q, const struct outcome *o)
{
    static const enum rows_form forms[] = {[OUTCOME_LINES] = ROWS_LINES, [OUTCOME_CSV] = ROWS_CSV, [OUTCOME_EXACT] = ROWS_CSV,
                                           [OUTCOME_ESTIMATE] = ROWS_OBJECT};
    struct row_source *s = NEW(q->arena, struct row_source);
    int64_t deadline_ms = q->site ? q->site->log.sql.deadline_ms : DEADLINE_MS;
    // It may wait for its turn behind another one before it works.
    *s = (struct row_source){.role = "sql", .socket = "sql.sock", .form = forms[o->form], .hear_ms = HEAR_MS,
                             .wait_ms = 2 * deadline_ms + SLACK_MS, .piece_max = OUTCOME_FRAME + ASK_HEAD};
    return s;
}

static enum rows_step on_answer(struct ask *q, void *self, struct str came, size_t *used, struct err *e)
{
    static const enum rows_step steps[] = {[OUTCOME_MORE] = ROWS_MORE, [OUTCOME_DONE] = ROWS_DONE,
                                           [OUTCOME_FAILED] = ROWS_FAILED};
    struct outcome *o = self;
    enum outcome_step step = outcome_take(o, came, used, q->out, e);
    if (step == OUTCOME_FAILED && o->line) {
        struct wrong w = {.in = "sql", .name = S("sql"), .text = str_dup(q->arena, str_z(e->text)),
                          .hint = str_dup(q->arena, str_z(e->hint)), .line = o->line, .col = o->col};
        vec_push(q->arena, &q->wrongs, w);
    }
    return steps[step];
}

static struct str told(struct ask *q, void *self)
{
    const struct outcome *o = self;
    return str_f(q->arena, "{\"rows\":%llu}", (unsigned long long)o->rows);
}

static bool well_asked(struct ask *q, const struct query_in *in, struct err *e)
{
    if (!str_trim(in->sql).n)
        return ask_wrong(q, e, "sql", "", "there is no question");
    return !in->day.n || (!in->from.n && !in->to.n && !in->all)
        || ask_wrong(q, e, "day", "", "day says it all; leave out from, to and all");
}

bool query_params(struct ask *q, const struct pairs *in, struct params *out, struct err *e)
{
    struct err why = {0};
    for (size_t i = 0; i < in->n; i++)
        if (!params_give(q->arena, out, in->at[i].name, in->at[i].value, &why))
            return ask_wrong(q, e, "params", why.hint, "%s", why.text);
    return true;
}

static bool begin(struct ask *q, enum outcome_form form, struct err *e)
{
    const struct query_in *in = q->in;
    if (!well_asked(q, in, e))
        return false;
    struct outcome *o = NEW(q->arena, struct outcome);
    *o = (struct outcome){.arena = q->arena, .form = form};
    // An estimate comes before the work, and above confirm_over the work waits: with 1 it always does.
    int64_t confirm_over = form == OUTCOME_ESTIMATE ? 1 : in->yes ? 0 : ask_before();
    struct ask_job job = {.query = in->sql, .day = in->day, .from = in->from, .to = in->to, .all = in->all,
                          .utc = form != OUTCOME_CSV && form != OUTCOME_EXACT && !in->site_time, .limit = in->limit,
                          .confirm_over = confirm_over, .person = q->who.name};
    if (!query_params(q, &in->params, &job.params, e))
        return false;
    OWN_BUF struct buf payload = buf_make(ASK_JOB_MAX), frame = buf_make(ASK_JOB_MAX + ASK_HEAD);
    ask_job_put(&payload, &job);
    if (!buf_ok(&payload, e))
        return false;
    ask_put(&frame, ASK_JOB, buf_str(&payload));
    q->rows = source_of(q, o);
    q->rows->ask = str_dup(q->arena, buf_str(&frame));
    q->rows->take = on_answer;
    q->rows->told = told;
    q->rows->self = o;
    return true;
}

bool api_log_query(struct ask *q, struct err *e)
{
    bool csv = str_find(ask_header(q, "accept"), S("text/csv")) >= 0;
    bool exact = ((const struct query_in *)q->in)->exact;
    return begin(q, !csv ? OUTCOME_LINES : exact ? OUTCOME_EXACT : OUTCOME_CSV, e);
}

bool api_log_estimate(struct ask *q, struct err *e)
{
    return begin(q, OUTCOME_ESTIMATE, e);
}
