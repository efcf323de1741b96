// cmd_audit.c: `rusuban log audit`.
#include "log/cli.h"
#include "base/clock.h"
#include "base/json.h"
#include "log/accepted.h"
#include "log/audit.h"
#include "log/local.h"
#include "site/site.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ANSWER_MS = 10000, PROGRESS_MS = 200, ACCEPTS_MAX = 100, BECAUSE_MAX = 500 };

struct accepting { uint64_t stream; bool found; };

struct asking {
    struct call *call;
    struct str dataset;
    int fd;                             // -1: no log server
    struct buf room;
    int64_t told_ms;
    bool line;
    struct accepting accept[ACCEPTS_MAX];
    size_t accepts;
    struct str because;
};

// ---- the log server's streams ----

static json_t *ask_page(struct asking *q, uint64_t after, struct err *e)
{
    struct frame f;
    json_error_t why;
    if (!local_send(q->fd, FRAME_ASK, str_f(q->call->arena, "streams " STR_F " %llu", STR_A(q->dataset),
                                            (unsigned long long)after), e))
        return NULL;
    do
        if (!local_next(q->fd, ANSWER_MS, &q->room, &f, e))
            return NULL;
    while (f.type != FRAME_ANSWER);
    json_t *page = json_loadb(f.payload.p, f.payload.n, 0, &why);
    if (!json_is_array(page))
        err_set(e, ERR_PEER, "the log server's answer is no list");
    return page;
}

static json_t *all_streams(void *arg, struct err *e)
{
    struct asking *q = arg;
    json_t *all = json_array();
    for (uint64_t after = 0;;) {
        OWN_JSON *page = ask_page(q, after, e);
        if (!json_is_array(page)) {
            json_decref(all);
            return NULL;
        }
        size_t n = json_array_size(page);
        if (n == 0)
            return all;
        after = (uint64_t)j_int(json_array_get(page, n - 1), "id");
        json_array_extend(all, page);
    }
}

static void on_progress(void *arg, int64_t bytes)
{
    struct asking *q = arg;
    if (!q->call->terminal || q->call->quiet || tick_ms() - q->told_ms < PROGRESS_MS)
        return;
    q->told_ms = tick_ms();
    q->line = true;
    fprintf(stderr, "\r\x1b[Kchecksums: %lld MB", (long long)bytes / 1000000);
    fflush(stderr);
}

// ---- which day ----

static int64_t midnight(const struct tm *day, int plus)
{
    struct tm tm = {.tm_year = day->tm_year, .tm_mon = day->tm_mon, .tm_mday = day->tm_mday + plus, .tm_isdst = -1};
    return (int64_t)mktime(&tm) * 1000000;
}

static bool day_option(struct call *c, struct audit_spec *spec, struct err *e)
{
    const char *day = call_option(c, "day");
    time_t now = (time_t)(now_ms() / 1000);
    struct tm tm;
    spec->from_us = 0;
    spec->to_us = INT64_MAX;
    if (!day)
        return true;
    localtime_r(&now, &tm);
    if (strcmp(day, "yesterday") == 0)
        tm.tm_mday--;
    else if (strcmp(day, "today") != 0) {
        const char *end = strptime(day, "%Y-%m-%d", &tm);
        if (!end || *end)
            return err_set(e, ERR_INPUT, "--day: expected a day as in 2026-11-20, today or yesterday, got \"%s\"", day);
    }
    spec->from_us = midnight(&tm, 0);
    spec->to_us = midnight(&tm, 1);
    return true;
}

// ---- what is accepted ----

static bool accept_option(struct asking *q, struct err *e)
{
    struct call *c = q->call;
    struct str rest = str_z(call_option(c, "accept"));
    size_t number;
    q->because = str_trim(str_z(call_option(c, "because")));
    if (!rest.n && q->because.n)
        return err_set(e, ERR_INPUT, "--because: of what? Say --accept STREAM, too");
    if (rest.n && (!q->because.n || q->because.n > BECAUSE_MAX || !str_utf8(q->because)))
        return err_set(e, ERR_INPUT, "--accept: say --because TEXT, too: why that loss can be lived with, in at most "
                       "%d bytes", BECAUSE_MAX);
    if (str_unseen(q->because, true, &number))
        return err_set(e, ERR_INPUT, "--because: character %zu cannot be seen; leave it out", number);
    while (rest.n) {
        struct str word = str_trim(str_cut(&rest, ','));
        struct accepting *x = &q->accept[q->accepts];
        if (q->accepts == ACCEPTS_MAX || !str_u64(word, &x->stream) || x->stream == 0)
            return err_set(e, ERR_INPUT, "--accept: expected numbers of streams, as in 7 or 7,12, got \"" STR_F "\"",
                           STR_A(str_head(word, 40)));
        q->accepts++;
    }
    return true;
}

// All that is open of those streams.
static bool accept_all(struct asking *q, struct arena *a, const char *lake, const struct audit *got, bool *any,
                       struct err *e)
{
    struct accepted_spec spec = {.data = q->call->data, .dataset = q->dataset, .by = call_person(q->call),
                                 .table_dir = str_zf(a, "%s/" STR_F, lake, STR_A(q->dataset)), .because = q->because};
    for (size_t i = 0; i < got->findings.n; i++)
        for (size_t k = 0; k < q->accepts; k++) {
            const struct finding *f = &got->findings.at[i];
            if (f->stream != q->accept[k].stream)
                continue;
            q->accept[k].found = true;
            if (!f->accepted && !accepted_add(&spec, f, e))
                return false;
            *any = *any || !f->accepted;
        }
    return true;
}

static bool accepted_each(const struct asking *q, struct err *e)
{
    for (size_t k = 0; k < q->accepts; k++)
        if (!q->accept[k].found) {
            err_set(e, ERR_NOT_FOUND, "nothing is open of stream %llu", (unsigned long long)q->accept[k].stream);
            return err_hint(e, "rusuban log audit says which stream each finding is of; what is of no stream cannot be "
                            "accepted");
        }
    return true;
}

// ---- what is shown ----

static const char *size_of(struct arena *a, int64_t bytes)
{
    return bytes < 1000000 ? str_zf(a, "%.1f KB", (double)bytes / 1000)
        : bytes < 1000000000 ? str_zf(a, "%.1f MB", (double)bytes / 1e6) : str_zf(a, "%.1f GB", (double)bytes / 1e9);
}

static void print_host(struct arena *a, const struct audit_host *h)
{
    put_foreign(stdout, h->name);
    printf("%*s  %lld file%s  %s  %s lines = %s rows", h->name.n < 8 ? (int)(8 - h->name.n) : 0, "",
           (long long)h->files, h->files == 1 ? "" : "s", size_of(a, h->bytes), grouped_number(a, h->lines),
           grouped_number(a, h->rows));
    if (h->bad)
        printf(" + %s bad", grouped_number(a, h->bad));
    if (h->blank)
        printf(" + %s blank", grouped_number(a, h->blank));
    if (h->waiting)
        printf("  %s wait for their commit", size_of(a, h->waiting));
    fputs(h->findings ? "  NOT PROVEN, below" : h->living ? "  complete so far" : "  complete", stdout);
    puts(h->accepted && !h->findings ? ", but for what was accepted" : "");
}

static void print_finding(const struct finding *f)
{
    printf("%-8s  ", f->accepted ? "accepted" : finding_word(f->kind));
    put_foreign(stdout, f->host);
    if (f->host.n)
        putchar(' ');
    put_foreign(stdout, f->text);
    if (f->accepted) {
        char at[TIME_TEXT_MAX];
        printf(" (%s; by ", finding_word(f->kind));
        put_foreign(stdout, f->accepted->by);
        printf(" on %s: ", time_local(f->accepted->at_ms, NULL, false, at));
        put_foreign(stdout, f->accepted->because);
        putchar(')');
    }
    putchar('\n');
}

static void print_text(struct call *c, const struct audit *a)
{
    for (size_t i = 0; i < a->hosts.n; i++)
        print_host(c->arena, &a->hosts.at[i]);
    printf("lake      %lld files  %s  %s rows  %lld commits", (long long)a->files, size_of(c->arena, a->file_bytes),
           grouped_number(c->arena, a->rows), (long long)a->commits);
    if (a->pages)
        printf("  %s pages", grouped_number(c->arena, a->pages));
    puts("");
    for (size_t i = 0; i < a->findings.n; i++)
        print_finding(&a->findings.at[i]);
}

static size_t open_findings(const struct audit *a)
{
    size_t n = 0;
    for (size_t i = 0; i < a->findings.n; i++)
        n += !a->findings.at[i].accepted;
    return n;
}

static void put_finding(struct buf *b, const struct finding *f)
{
    char at[TIME_TEXT_MAX];
    json_open(b, '{');
    json_kvs(b, KVS(KV("kind", finding_word(f->kind)), KV("host", V_OPT(f->host)), KV("text", f->text)));
    if (f->stream)
        json_kvs(b, KVS(KV("stream", f->stream), KV("from", f->from), KV("bytes", f->to - f->from)));
    if (f->accepted) {
        json_key(b, "accepted");
        json_object(b, KV("by", f->accepted->by), KV("at", time_text(f->accepted->at_ms, at)),
                    KV("because", f->accepted->because));
    }
    json_close(b, '}');
}

static void put_json(struct buf *b, struct str dataset, const struct audit *a, bool asked)
{
    json_open(b, '{');
    size_t open = open_findings(a);
    json_kvs(b, KVS(KV("dataset", dataset), KV("proven", V_BOOL(open == 0)), KV("open", open),
                    KV("accepted", a->findings.n - open), KV("server_asked", V_BOOL(asked)),
                    KV("files", a->files), KV("bytes", a->file_bytes), KV("rows", a->rows), KV("commits", a->commits),
                    KV("pages", a->pages)));
    json_key(b, "hosts");
    json_open(b, '[');
    for (size_t i = 0; i < a->hosts.n; i++) {
        const struct audit_host *h = &a->hosts.at[i];
        json_object(b, KV("host", h->name), KV("files", h->files), KV("living", h->living), KV("bytes", h->bytes),
                    KV("lines", h->lines), KV("rows", h->rows), KV("bad", h->bad), KV("blank", h->blank),
                    KV("waiting", h->waiting), KV("findings", h->findings), KV("accepted", h->accepted));
    }
    json_close(b, ']');
    json_key(b, "findings");
    json_open(b, '[');
    for (size_t i = 0; i < a->findings.n; i++)
        put_finding(b, &a->findings.at[i]);
    json_close(b, ']');
    json_close(b, '}');
}

// ---- the command ----

static bool verdict(const size_t *n, struct err *e)
{
    char text[120] = "";
    for (int k = FOUND_LOST; k <= FOUND_UNPROVEN; k++)
        if (n[k])
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%zu %s", text[0] ? ", " : "", n[k],
                     finding_word((enum finding_kind)k));
    if (!text[0])
        return true;
    err_set(e, ERR_CHECK, "the log is not proven: %s", text);
    return err_hint(e, "what nobody can bring back may be accepted: rusuban log audit --accept STREAM --because TEXT");
}

static bool audit_one(struct asking *q, struct audit_spec *spec, struct arena *a, struct audit *got, struct err *e)
{
    bool ok = audit_run(a, spec, got, e);
    if (q->line)
        fputs("\r\x1b[K", stderr);
    q->line = false;
    return ok || err_in(e, "audit " STR_F, STR_A(q->dataset));
}

static bool audit_each(struct asking *q, struct audit_spec *spec, const struct strs *datasets, struct err *e)
{
    struct call *c = q->call;
    size_t n[FOUND_UNPROVEN + 1] = {0};
    for (size_t i = 0; i < datasets->n; i++) {
        OWN_BUF struct buf b = buf_make(256 << 20);
        OWN_ARENA struct arena a = arena_make((size_t)4 << 30);
        struct audit got;
        spec->dataset = q->dataset = datasets->at[i];
        bool more = false;
        if (!audit_one(q, spec, &a, &got, e) || !accept_all(q, &a, spec->lake, &got, &more, e))
            return false;
        if (more && !audit_one(q, spec, &a, &got, e))
            return false;
        if (c->json) {
            put_json(&b, q->dataset, &got, q->fd >= 0);
            printf("%s\n", buf_z(&b));
        } else {
            if (datasets->n > 1)
                printf("%s" STR_F "\n", i ? "\n" : "", STR_A(q->dataset));
            print_text(c, &got);
        }
        for (size_t k = 0; k < got.findings.n; k++)
            n[got.findings.at[k].kind] += !got.findings.at[k].accepted;
    }
    return accepted_each(q, e) && verdict(n, e);
}

bool cmd_log_audit(struct call *c, struct err *e)
{
    struct asking q = {.call = c, .fd = -1, .room = buf_make(FRAME_MAX + FRAME_HEAD)};
    struct audit_spec spec = {.deep = call_flag(c, "deep"), .progress = on_progress, .arg = &q};
    struct site *site;
    struct strs datasets = {0};
    if (!site_load(c->arena, c->site, &site, e))
        return false;
    setenv("TZ", str_zdup(c->arena, site->timezone), 1);
    tzset();
    if (!day_option(c, &spec, e) || !accept_option(&q, e))
        return false;
    spec.lake = site_lake(c->arena, site, c->data);
    for (size_t i = 0; c->args.n == 0 && i < site->log.datasets.n; i++)
        vec_push(c->arena, &datasets, site->log.datasets.at[i].name);
    if (c->args.n)
        vec_push(c->arena, &datasets, call_arg(c, 0));
    if (local_connect(c->data, S("person"), "import audit", &q.fd, &q.room, e))
        spec.streams = all_streams;
    else if (!c->quiet)
        fputs("The log server does not run: what it knows of files is not compared.\n", stderr);
    bool ok = audit_each(&q, &spec, &datasets, e);
    own_fd_close(&q.fd);
    buf_drop(&q.room);
    return ok;
}
