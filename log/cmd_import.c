// cmd_import.c: `rusuban log import`.
#include "log/cli.h"
#include "base/clock.h"
#include "base/json.h"
#include "log/import.h"
#include "log/view.h"
#include "site/site.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { PROGRESS_MS = 200 };

struct telling { struct call *call; int64_t told_ms; uint64_t whole; bool line; };

static const char *grouped(struct arena *a, uint64_t n)
{
    return n < 1000 ? str_zf(a, "%llu", (unsigned long long)n)
                    : str_zf(a, "%s,%03llu", grouped(a, n / 1000), (unsigned long long)(n % 1000));
}

static void end_line(struct telling *t)
{
    if (t->line)
        fputs("\r\x1b[K", stderr);
    t->line = false;
}

static void on_format(void *arg, const char *file, enum log_format f, enum clear_kind packed)
{
    struct telling *t = arg;
    struct stat st;
    t->whole = stat(file, &st) == 0 ? (uint64_t)st.st_size : 0;
    t->told_ms = tick_ms();
    if (t->call->quiet)
        return;
    put_foreign(stderr, str_z(file));
    fprintf(stderr, ": " STR_F, STR_A(log_format_name(f)));
    if (packed != CLEAR_PLAIN)
        fprintf(stderr, ", " STR_F, STR_A(clear_kind_name(packed)));
    fputc('\n', stderr);
}

static void on_progress(void *arg, const char *file, uint64_t bytes)
{
    struct telling *t = arg;
    if (!t->call->terminal || t->call->quiet || tick_ms() - t->told_ms < PROGRESS_MS)
        return;
    t->told_ms = tick_ms();
    t->line = true;
    fputs("\r\x1b[K", stderr);
    put_foreign(stderr, str_z(file));
    if (t->whole)
        fprintf(stderr, "  %llu %%", (unsigned long long)(bytes >= t->whole ? 100 : bytes * 100 / t->whole));
    else
        fprintf(stderr, "  %llu MB", (unsigned long long)bytes / 1000000);
    fflush(stderr);
}

// The server keeps why, and not which line of the file it was: privacy and formats change what arrives.
static void tell_bad(struct telling *t, const char *file, const struct import_told *told)
{
    if (!told->bad || t->call->quiet)
        return;
    put_foreign(stderr, str_z(file));
    fprintf(stderr, ": %s bad line%s; the first is line %s%s\n", grouped(t->call->arena, told->bad),
            told->bad == 1 ? "" : "s", grouped(t->call->arena, told->first_bad),
            told->fate == IMPORT_RESUMED ? " of those that came now" : "");
}

static void tell_fate(struct telling *t, const struct site *site, const char *file, const struct import_told *told)
{
    char when[TIME_TEXT_MAX];
    const char *zone = str_zdup(t->call->arena, site->timezone);
    if (told->fate == IMPORT_ALL || t->call->quiet)
        return;
    put_foreign(stderr, str_z(file));
    if (told->fate == IMPORT_RESUMED)
        fprintf(stderr, ": went on at byte %s\n", grouped(t->call->arena, told->from));
    else if (told->fate == IMPORT_EMPTY)
        fputs(": it is empty\n", stderr);
    else
        fprintf(stderr, ": %s on %s already; --again insists\n", told->fate == IMPORT_KNOWN ? "imported"
                : "shipped by the agent", time_local(told->at_us / 1000, zone, true, when));
}

// The one host that writes the dataset; of several, somebody has to say which.
static bool host_of(struct call *c, const struct site *site, struct str dataset, struct str *out, struct err *e)
{
    const char *said = call_option(c, "host");
    const struct dataset *d = site_dataset(site, dataset);
    struct strs hosts = {0};
    if (d)
        dataset_hosts(c->arena, d, &hosts);
    *out = said ? str_z(said) : hosts.n == 1 ? hosts.at[0] : S("");
    if (out->n >= 64 || (out->n && !str_plain(*out, "._-")))
        return err_set(e, ERR_INPUT, "--host: \"" STR_F "\" is no name of a host", STR_A(str_head(*out, 80)));
    if (out->n)
        return true;
    err_set(e, ERR_INPUT, "which host wrote these lines? It becomes the column server");
    return hosts.n ? err_hint(e, "say --host " STR_F ", or another one", STR_A(hosts.at[0]))
                   : err_hint(e, "say --host NAME");
}

// A day of the zone, so many days since 1970, as it is typed.
static const char *day_text(struct arena *a, int32_t day)
{
    time_t t = (time_t)day * 86400;
    struct tm tm;
    gmtime_r(&t, &tm);
    return str_zf(a, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

static int32_t day_of(int32_t hour)
{
    return hour >= 0 ? hour / 24 : (hour - 23) / 24;
}

// The question that shows what came: without a time it would be about the last 24 hours.
static const char *question_of(struct arena *a, const struct import_sum *s, struct str dataset)
{
    int32_t first = day_of(s->first_hour), last = day_of(s->last_hour);
    const char *when = first == last ? str_zf(a, "--day %s", day_text(a, first))
                                     : str_zf(a, "--from %s --to %s", day_text(a, first), day_text(a, last + 1));
    struct str view = view_name(a, dataset);
    return str_zf(a, "rusuban log sql %s 'select * from " STR_F " limit 10'", when, STR_A(view));
}

static void print_sum(struct call *c, const struct import_sum *s, struct str dataset, size_t known, int64_t took_ms)
{
    struct arena *a = c->arena;
    if (c->json) {
        OWN_BUF struct buf b = buf_make(4096);
        json_object(&b, KV("files", s->files), KV("known", known), KV("clear_bytes", s->clear_bytes),
                    KV("lines", s->lines), KV("rows", s->rows), KV("bad", s->bad), KV("blank", s->blank),
                    KV("hours", s->hours), KV("took_ms", took_ms));
        printf("%s\n", buf_z(&b));
        return;
    }
    printf("%llu file%s, %s clear: %s row%s, %s bad, %.1f s.", (unsigned long long)s->files, s->files == 1 ? "" : "s",
           size_text(a, s->clear_bytes), grouped(a, s->rows), s->rows == 1 ? "" : "s", grouped(a, s->bad),
           (double)took_ms / 1000);
    if (s->hours)
        printf(" They touch %s hour%s.", grouped(a, s->hours), s->hours == 1 ? "" : "s");
    putchar('\n');
    if (!s->rows && !s->bad)
        return;
    const char *why = str_zf(a, "Why: rusuban log sql --all 'select reason, line from " STR_F "_bad'", STR_A(dataset));
    put_told(stdout, s->rows ? str_f(a, "Ask them: %s", question_of(a, s, dataset)) : str_z(why));
    putchar('\n');
}

static bool import_all(struct call *c, const struct site *site, struct import *im, struct telling *t, size_t *known,
                       struct err *e)
{
    for (size_t i = 0; i < c->args.n; i++) {
        struct import_told told;
        const char *file = str_zdup(c->arena, c->args.at[i]);
        bool ok = import_file(im, file, &told, e);
        end_line(t);
        if (!ok)
            return false;
        tell_fate(t, site, file, &told);
        tell_bad(t, file, &told);
        *known += told.fate == IMPORT_KNOWN || told.fate == IMPORT_SHIPPED;
    }
    return import_sum(im)->files == 0 || import_settle(im, e);
}

bool cmd_log_import(struct call *c, struct err *e)
{
    struct telling t = {.call = c};
    struct site *site;
    size_t known = 0;
    const char *dataset = call_option(c, "dataset");
    struct import_spec spec = {.data = c->data, .dataset = str_z(dataset ? dataset : "access"),
                               .format = call_option(c, "format"), .again = call_flag(c, "again"),
                               .progress = on_progress, .format_told = on_format, .arg = &t};
    int64_t began = tick_ms();
    if (!site_load(c->arena, c->site, &site, e) || !host_of(c, site, spec.dataset, &spec.host, e))
        return false;
    setenv("TZ", str_zdup(c->arena, site->timezone), 1);
    tzset();
    struct import *im = import_open(&spec, e);
    if (!im)
        return false;
    bool ok = import_all(c, site, im, &t, &known, e);
    if (ok)
        print_sum(c, import_sum(im), spec.dataset, known, tick_ms() - began);
    else if (e->kind == ERR_PEER && !e->hint[0])
        err_hint(e, "start the log server again, then give the same command: it goes on where it was");
    import_close(im);
    return ok;
}
