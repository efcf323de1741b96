// cmd_pages.c: `rusuban log pages`: how each page is.
#include "log/cli.h"
#include "log/columns.h"
#include "log/page_sums.h"
#include "log/there.h"
#include "site/site.h"
#include "web/far.h"
#include <stdio.h>

// "-" where lines have no reqtime.
static void put_time(int64_t ms)
{
    if (ms < 0)
        printf("  %6s", "-");
    else
        printf("  %6lld", (long long)ms);
}

static void put_json(const struct page_sum *s)
{
    OWN_BUF struct buf b = buf_make(8 << 10);
    page_sum_json(&b, s);
    printf("%s\n", buf_z(&b));
}

struct list { struct call *call; size_t n; const char *note; };

static void put_page(void *arg, const struct page_sum *s)
{
    struct list *l = arg;
    if (!l->n++ && !l->call->json)
        printf(" requests  p50 ms  p95 ms   4xx %%   5xx %%  page\n");
    if (l->call->json) {
        put_json(s);
        return;
    }
    printf("%9llu", (unsigned long long)s->requests);
    put_time(s->p50_ms);
    put_time(s->p95_ms);
    printf("  %6.2f  %6.2f  ", 100.0 * (double)s->e4xx / (double)s->requests,
           100.0 * (double)s->e5xx / (double)s->requests);
    put_foreign(stdout, s->page);
    putchar('\n');
}

static void tell_note(const struct call *c, const char *note)
{
    if (!note || !*note || c->quiet)
        return;
    put_foreign(stderr, str_z(note));
    fputc('\n', stderr);
}

static bool list_here(struct list *l, const struct times *t, struct str *name, struct err *e)
{
    OWN_DB struct db *db = NULL;
    OWN(page_sums_drop) struct page_sums rows = {0};
    struct call *c = l->call;
    struct site *site = NULL;
    if (!site_load(c->arena, c->site, &site, e) || !columns_dataset(site, call_arg(c, 0), "", name, e)
        || !store_find(c->data, &db, e)
        || !page_sums_read(c->arena, &rows, db, *name, t, str_zdup(c->arena, site->timezone), e))
        return false;
    l->note = rows.note;
    for (size_t i = 0; i < rows.n; i++) {
        struct page_sum s = page_sum_of(rows.at[i]);
        put_page(l, &s);
    }
    return true;
}

static bool list_there(struct list *l, const struct times *t, struct str *name, struct err *e)
{
    struct call *c = l->call;
    int64_t all;
    if (!there_pages(c, call_arg(c, 0), t, name, put_page, l, &all, &l->note, e))
        return false;
    if (all > (int64_t)l->n && !c->quiet)
        fprintf(stderr, "These are the first %zu of %lld pages; on the server itself there are all.\n", l->n,
                (long long)all);
    return true;
}

bool cmd_log_pages(struct call *c, struct err *e)
{
    struct list l = {.call = c};
    struct str name = {0};
    struct times t;
    if (!times_of_call(c, &t, e) || !(far_is(c->data) ? list_there(&l, &t, &name, e) : list_here(&l, &t, &name, e)))
        return false;
    if (l.n)
        times_tell_usual(c, &t, "the last 24 hours");
    if (!l.n && !c->quiet)
        fprintf(stderr, "The log has no page of " STR_F " %s, and pages are made of uri", STR_A(name),
                times_any(&t) ? times_words(c->arena, &t) : "in the last 1d");
    if (!l.n && !c->quiet)
        fputs(l.note ? "; " : ".\n", stderr);
    tell_note(c, l.note);
    return true;
}
