// cmd_see.c: plan, status, history, show.
#include "base/clock.h"
#include "release/cli.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_clean(const char *z)
{
    put_foreign(stdout, str_z(z));
}

// ---- plan ----

static void print_commits(const json_t *p)
{
    const json_t *commits = json_object_get(p, "commits");
    size_t i;
    json_t *x;
    printf("Commits     %zu since %s\n", json_array_size(commits),
           j_int(p, "live") ? "the live release" : "the beginning");
    json_array_foreach(commits, i, x) {
        printf("            %.7s ", j_text(x, "rev"));
        put_clean(j_text(x, "subject"));
        printf("  (");
        put_clean(j_text(x, "author"));
        puts(")");
    }
}

static void print_files(const json_t *p)
{
    const json_t *files = json_object_get(p, "files");
    int64_t total = j_int(p, "files_total");
    size_t i;
    json_t *x;
    if (!j_text(p, "live_rev")[0])
        return;
    printf("Files       %lld differ in the repository\n", (long long)total);
    json_array_foreach(files, i, x) {
        if (i == 20)
            break;
        printf("            %s ", j_text(x, "how"));
        put_clean(j_text(x, "path"));
        putchar('\n');
    }
    if (total > 20)
        printf("            and %lld more\n", (long long)total - 20);
}

static void print_list(const char *label, const json_t *list, const char *none)
{
    size_t i;
    json_t *x;
    printf("%-11s ", label);
    if (json_array_size(list) == 0)
        fputs(none, stdout);
    json_array_foreach(list, i, x)
        printf("%s%s", i ? ", " : "", json_string_value(x));
}

// What stands between the canary and production.
static void print_gate(const json_t *p)
{
    char least[TIME_TEXT_MAX], most[TIME_TEXT_MAX];
    bool judged = j_text(p, "judged_by")[0], always = strcmp(j_text(p, "approve"), "always") == 0;
    if (judged)
        printf("Check       the canary is judged by the log %s, %s to %s\n", j_text(p, "judged_by"),
               took_text(j_int(p, "judged_min_ms"), least), took_text(j_int(p, "judged_max_ms"), most));
    if (always || (!judged && strcmp(j_text(p, "approve"), "never") != 0))
        puts("Approve     a person says yes before production");
    else if (judged && j_true(p, "asks_when_unclear"))
        puts("Approve     a person is asked when that is not clear");
}

static void print_groups(const json_t *p)
{
    size_t i;
    json_t *g;
    json_array_foreach(json_object_get(p, "groups"), i, g) {
        char t[TIME_TEXT_MAX];
        const json_t *hosts = json_object_get(g, "hosts");
        print_list(strcmp(j_text(g, "name"), "canary") == 0 ? "Canary" : i ? "Then" : "To", hosts, "nobody");
        if ((size_t)j_int(g, "at_once") < json_array_size(hosts))
            printf(", %lld at once", (long long)j_int(g, "at_once"));
        if (j_int(g, "wait_ms"))
            printf(", %s between", took_text(j_int(g, "wait_ms"), t));
        putchar('\n');
        if (strcmp(j_text(g, "name"), "canary") == 0)
            print_gate(p);
    }
    if (json_array_size(json_object_get(p, "out")) == 0)
        return;
    print_list("Left out", json_object_get(p, "out"), "");
    puts(": gets nothing until it is taken back in");
}

static void print_now(struct call *c, const json_t *p)
{
    long long other = j_int(p, "running");
    const char *verb = j_text(p, "running_needs");
    struct str text = str_z(j_text(p, "closed"));
    if (other && *verb)
        text = str_f(c->arena, STR_F "%swaits for %lld, which waits for a person: rusuban release %s %s %lld",
                     STR_A(text), text.n ? "; " : "", other, verb, j_text(p, "service"), other);
    else if (other)
        text = str_f(c->arena, STR_F "%swaits for %lld to end", STR_A(text), text.n ? "; " : "", other);
    printf("Now         ");
    put_told(stdout, text.n ? text : S("may start"));
    putchar('\n');
}

bool cmd_plan(struct call *c, struct err *e)
{
    OWN_JSON *j = NULL;
    OWN_JSON *holder = NULL;
    if (!cli_post(c, "/api/v1/plans", KVS(KV("service", call_arg(c, 0)), KV("rev", call_arg(c, 1))), &j, e) ||
        !cli_wait(c, j_int(j, "request"), &holder, e))
        return false;
    const json_t *p = json_object_get(holder, "answer");
    if (cli_json(c, p))
        return true;
    printf("Release     %.12s of %s\n", j_text(p, "rev"), j_text(p, "branch"));
    if (j_int(p, "live"))
        printf("Live        %lld, %.12s\n", (long long)j_int(p, "live"), j_text(p, "live_rev"));
    print_commits(p);
    print_files(p);
    print_list("Build", json_object_get(p, "build"), "nothing to build");
    printf("%s%s\n", j_text(p, "image")[0] ? " in " : "", j_text(p, "image"));
    if (j_text(p, "migrate")[0])
        printf("Migrate     %s on %s (a rollback does not undo it)\n", j_text(p, "migrate"), j_text(p, "migrate_on"));
    print_groups(p);
    print_now(c, p);
    puts("Nothing was touched.");
    return true;
}

// ---- history and status ----

// Six columns as wide as their longest text; then come revision, subject and why, which need no column.
enum { COLUMNS = 6, NUMBER = 1 };
struct history_row { const json_t *of; const char *text[COLUMNS]; };
struct history_rows { struct history_row *at; size_t n, cap; };

static struct history_row history_row(struct call *c, const json_t *answer, const json_t *r)
{
    char t[TIME_TEXT_MAX] = "";
    if (j_int(r, "took_ms"))
        took_text(j_int(r, "took_ms"), t);
    return (struct history_row){r, {j_text(r, "service"), str_zf(c->arena, "%lld", (long long)j_int(r, "number")),
                                    j_text(r, "state"), j_time(c, answer, r, "created_at", false),
                                    str_zdup(c->arena, str_z(t)), j_text(r, "asked_by")}};
}

static void print_row(const struct history_row *row, const int wide[COLUMNS])
{
    const json_t *r = row->of;
    for (int i = 0; i < COLUMNS; i++) {
        if (!wide[i])
            continue;
        int blanks = wide[i] - cli_width(row->text[i]);
        printf("%*s", i == NUMBER ? blanks : 0, "");
        put_clean(row->text[i]);
        printf("%*s", i == NUMBER ? 0 : blanks, "");
        fputs(i + 1 < COLUMNS ? "  " : "", stdout);
    }
    bool forward = j_int(r, "base") && j_int(r, "target") > j_int(r, "base");
    if (strcmp(j_text(r, "kind"), "rollback") == 0)
        printf("  %s %lld", forward ? "to" : "back to", (long long)j_int(r, "target"));
    if (j_text(r, "rev")[0]) {
        printf("  %.7s ", j_text(r, "rev"));
        put_clean(j_text(r, "subject"));
    }
    if (j_text(r, "why")[0] && strcmp(j_text(r, "state"), "done") != 0) {
        printf("  (");
        put_told(stdout, str_z(j_text(r, "why")));
        putchar(')');
    }
    if (j_int(r, "undone_by"))
        printf("  (rolled back by %lld)", (long long)j_int(r, "undone_by"));
    putchar('\n');
}

static bool history(struct call *c, const char *limit, bool open_only, struct err *e)
{
    OWN_JSON *j = NULL;
    struct str service = call_arg(c, 0);
    uint64_t n;
    struct history_rows rows = {0};
    int wide[COLUMNS] = {0};
    size_t i;
    json_t *r;
    if (!str_u64(str_z(limit), &n) || n == 0 || n > 500)
        return err_set(e, ERR_INPUT, "--limit: 1 to 500");
    if (!cli_get(
            c,
            str_zf(c->arena, "/api/v1/releases?limit=%s%s" STR_F, limit, service.n ? "&service=" : "", STR_A(service)),
            &j, e))
        return false;
    if (cli_json(c, j))
        return true;
    json_array_foreach(json_object_get(j, "items"), i, r)
        if (!open_only || !j_true(r, "over"))
            vec_push(c->arena, &rows, history_row(c, j, r));
    for (i = 0; i < rows.n; i++)
        for (int k = 0; k < COLUMNS; k++)
            wide[k] = cli_width(rows.at[i].text[k]) > wide[k] ? cli_width(rows.at[i].text[k]) : wide[k];
    for (i = 0; i < rows.n; i++)
        print_row(&rows.at[i], wide);
    if (rows.n == 0) {
        put_told(stdout, open_only ? S("Nothing is being released.")
                                   : str_f(c->arena, "No release yet. Start one: rusuban release " STR_F,
                                           STR_A(service.n ? service : S("SERVICE"))));
        putchar('\n');
    }
    return true;
}

bool cmd_history(struct call *c, struct err *e)
{
    const char *limit = call_option(c, "limit");
    return history(c, limit ? limit : "20", false, e);
}

bool cmd_status_of(struct call *c, struct err *e)
{
    return history(c, "100", true, e);
}

// ---- show ----

// Lines and tabs stay, whatever else would move the cursor does not.
static void print_output(struct str text)
{
    while (text.n) {
        struct str line = str_cut(&text, '\n');
        while (line.n) {
            bool tab = str_has(line, '\t');
            put_foreign(stdout, str_cut(&line, '\t'));
            if (tab)
                putchar('\t');
        }
        putchar('\n');
    }
}

static bool show_output(struct call *c, const char *number, const char *step, struct err *e)
{
    OWN_JSON *j = NULL;
    const char *host = call_option(c, "host");
    if (!str_plain(str_z(step), "_-") || (host && !str_plain(str_z(host), "_-")))
        return err_set(e, ERR_INPUT, "--output and --host take a plain word");
    if (!cli_get(c,
                 str_zf(c->arena, "/api/v1/releases/" STR_F "/%s/output?step=%s%s%s", STR_A(call_arg(c, 0)), number,
                        step, host ? "&host=" : "", host ? host : ""),
                 &j, e))
        return false;
    if (!cli_json(c, j))
        print_output(str_z(j_text(j, "text")));
    return true;
}

// The journal keeps what kind of failure it was ("check", "late"); a person reads that it failed, and then why.
static const char *result_word(const char *result)
{
    return !*result ? "open" : strcmp(result, "ok") == 0 ? "ok" : "failed";
}

static void print_steps(struct call *c, const json_t *r)
{
    size_t i;
    json_t *s;
    int host_wide = j_width(json_object_get(r, "steps"), "host", 12);
    json_array_foreach(json_object_get(r, "steps"), i, s) {
        char t[TIME_TEXT_MAX];
        const json_t *took = json_object_get(s, "took_ms");
        printf("  %s  %-*s %-13s %-8s ", j_time(c, r, s, "begun_at", true), host_wide,
               j_text(s, "host")[0] ? j_text(s, "host") : "here", j_text(s, "step"), result_word(j_text(s, "result")));
        printf("%8s  ", json_is_integer(took) ? took_text(json_integer_value(took), t) : "");
        put_clean(j_text(s, "detail"));
        putchar('\n');
    }
}

static const char *path_of(struct call *c, const char *number, const char *below)
{
    return str_zf(c->arena, "/api/v1/releases/" STR_F "/%s%s", STR_A(call_arg(c, 0)), number, below);
}

static void print_counts(const json_t *file)
{
    if (j_true(file, "binary"))
        printf("  binary\n");
    else if (json_is_integer(json_object_get(file, "added")))
        printf("  +%lld -%lld\n", (long long)j_int(file, "added"), (long long)j_int(file, "removed"));
    else
        putchar('\n');
}

static void print_diff(const json_t *d)
{
    size_t i;
    json_t *x;
    printf("%lld files of release %lld differ from %lld, +%lld -%lld lines\n", (long long)j_int(d, "files_total"),
           (long long)j_int(d, "number"), (long long)j_int(d, "against"), (long long)j_int(d, "added"),
           (long long)j_int(d, "removed"));
    json_array_foreach(json_object_get(d, "files"), i, x) {
        printf("\n%s ", j_text(x, "how"));
        put_clean(j_text(x, "path"));
        print_counts(x);
        print_output(str_z(j_text(x, "text")));
    }
}

static bool show_diff(struct call *c, const char *number, struct err *e)
{
    OWN_JSON *j = NULL;
    OWN_JSON *holder = NULL;
    const char *text = call_option(c, "against");
    int64_t against = 0;
    if (text && (!str_i64(str_z(text), &against) || against < 1))
        return err_set(e, ERR_INPUT, "--against: \"%s\" is not a release number", text);
    if (!cli_post(c, path_of(c, number, "/diff"), KVS(KV("against", against ? V(against) : V_NULL)), &j, e) ||
        !cli_wait(c, j_int(j, "request"), &holder, e))
        return false;
    const json_t *d = json_object_get(holder, "answer");
    if (cli_json(c, d))
        return true;
    print_diff(d);
    if (!j_true(d, "all"))
        cli_say(c, "Not all of it: some lines or files are too many or too long to be shown.");
    return true;
}

enum { LINES_OF_CHANGES = 20 };

static bool print_changes(struct call *c, const char *number, struct err *e)
{
    OWN_JSON *j = NULL;
    size_t i;
    json_t *x;
    if (!cli_get(c, path_of(c, number, "/commits"), &j, e))
        return false;
    if (!j_true(j, "known"))
        return true;
    json_array_foreach(json_object_get(j, "commits"), i, x) {
        if (i == LINES_OF_CHANGES)
            break;
        printf("    %.7s ", j_text(x, "rev"));
        put_clean(j_text(x, "subject"));
        printf(" (");
        put_clean(j_text(x, "author"));
        puts(")");
    }
    if (j_int(j, "commits_total") > LINES_OF_CHANGES)
        printf("    and %lld more\n", (long long)j_int(j, "commits_total") - LINES_OF_CHANGES);
    printf("  %lld file%s differ%s from %lld, +%lld -%lld lines: rusuban release show %s %lld --diff\n",
           (long long)j_int(j, "files_total"), j_int(j, "files_total") == 1 ? "" : "s",
           j_int(j, "files_total") == 1 ? "s" : "", (long long)j_int(j, "base"), (long long)j_int(j, "added"),
           (long long)j_int(j, "removed"), j_text(j, "service"), (long long)j_int(j, "number"));
    return true;
}

static void print_side(const char *name, const json_t *side)
{
    const json_t *p95 = json_object_get(side, "p95_ms");
    printf("%s %lld requests", name, (long long)j_int(side, "requests"));
    if (json_is_integer(p95))
        printf(", p95 %lld ms", (long long)json_integer_value(p95));
    printf(", %lld 5xx, %lld 4xx", (long long)j_int(side, "e5xx"), (long long)j_int(side, "e4xx"));
}

static const char *verdict_text(const char *answer)
{
    static const struct { const char *answer, *text; } words[] = {
        {"not_worse", "not worse"},
        {"worse_errors", "WORSE: more 5xx"},
        {"worse_client_errors", "WORSE: more 4xx"},
        {"worse_times", "WORSE: slower"},
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(answer, words[i].answer) == 0)
            return words[i].text;
    return "not clear";
}

// What its visitors got, for who decides; nothing where no log tells.
static bool print_traffic(struct call *c, const char *number, struct err *e)
{
    OWN_JSON *j = NULL;
    if (!cli_get(c, path_of(c, number, "/traffic"), &j, e))
        return false;
    if (strcmp(j_text(j, "state"), "ok") != 0)
        return true;
    print_side("  canary", json_object_get(j, "canary"));
    print_side("; others", json_object_get(j, "others"));
    puts(", in the same minutes");
    const json_t *v = json_object_get(j, "verdict");
    if (v && !json_is_null(v))
        printf("  %s, judged by %lld min: 5xx %lld of %lld against %lld of %lld\n", verdict_text(j_text(v, "answer")),
               (long long)j_int(v, "minutes"), (long long)j_int(v, "canary_e5xx"),
               (long long)j_int(v, "canary_requests"), (long long)j_int(v, "others_e5xx"),
               (long long)j_int(v, "others_requests"));
    return true;
}

// Without a revision it was asked for what the repository does not have.
static void put_revision(const json_t *r)
{
    if (!j_text(r, "rev")[0]) {
        printf("\n  of %s", j_text(r, "branch"));
        return;
    }
    printf("\n  %.12s on %s", j_text(r, "rev"), j_text(r, "branch"));
    if (j_int(r, "base"))
        printf(", %lld commit%s since %lld", (long long)j_int(r, "commits"), j_int(r, "commits") == 1 ? "" : "s",
               (long long)j_int(r, "base"));
    printf(": ");
    put_clean(j_text(r, "subject"));
    printf(" (");
    put_clean(j_text(r, "author"));
    putchar(')');
}

bool cmd_show(struct call *c, struct err *e)
{
    OWN_JSON *r = NULL;
    const char *number = cli_number(c, 1, "last", e), *step = call_option(c, "output");
    if (!number)
        return false;
    if (step)
        return show_output(c, number, step, e);
    if (call_flag(c, "diff") || call_option(c, "against"))
        return show_diff(c, number, e);
    if (!cli_get(c, path_of(c, number, ""), &r, e))
        return false;
    if (cli_json(c, r))
        return true;
    printf("%s %lld, %s: %s", j_text(r, "service"), (long long)j_int(r, "number"), j_text(r, "kind"),
           j_text(r, "state"));
    if (j_text(r, "why")[0]) {
        printf(", ");
        put_told(stdout, str_z(j_text(r, "why")));
    }
    put_revision(r);
    printf("\n  asked for by %s (%s) at %s\n", j_text(r, "asked_by"), j_text(r, "via"),
           j_time(c, r, r, "created_at", true));
    if (j_text(r, "stopped_by")[0] || j_text(r, "reason")[0]) {
        const char *by = j_text(r, "stopped_by");
        printf("  %s%s", by[0] ? j_text(r, "stopped") : "reason", by[0] ? " by " : "");
        put_clean(by);
        if (j_text(r, "reason")[0]) {
            printf(": ");
            put_clean(j_text(r, "reason"));
        }
        putchar('\n');
    }
    if (j_text(r, "tree")[0])
        printf("  tree %.16s, %lld file%s, %lld changed, %lld byte%s\n", j_text(r, "tree"),
               (long long)j_int(r, "files"), j_int(r, "files") == 1 ? "" : "s", (long long)j_int(r, "files_changed"),
               (long long)j_int(r, "size_bytes"), j_int(r, "size_bytes") == 1 ? "" : "s");
    if (j_text(r, "warnings")[0]) {
        printf("  note: ");
        put_clean(j_text(r, "warnings"));
        putchar('\n');
    }
    if (!print_changes(c, number, e) || !print_traffic(c, number, e))
        return false;
    print_steps(c, r);
    return true;
}
