// watch.c: a release as people follow it: one line for each state that is over, one live line on a terminal for what
// goes on now, a question when it asks. Ctrl-C leaves the release alone.
#include "base/clock.h"
#include "release/cli.h"
#include "release/state.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum {
    POLL_MS = 200, PLAIN_EVERY_MS = 5000, PLAIN_AGAIN_MS = 60000, HEALTH_FIRST_MS = 2000, HEALTH_AGAIN_MS = 10000,
    QUEUE_FIRST_MS = 1000,      // a release that begins at once says nothing of the moment before
};

struct watch {
    struct call *call;
    struct str service;
    int64_t number;
    bool printed[STATES];
    int64_t last_plain;
    char said[1000];            // the last plain line, or why it waits: not said again at once
    int turn;                   // of the spinner
    bool live;                  // a live line stands on the terminal
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int sig)
{
    (void)sig;
    interrupted = 1;
}

static int columns(void)
{
    struct winsize w;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 20 ? w.ws_col : 80;
}

static void clear_live(struct watch *w)
{
    if (w->live)
        fputs("\r\033[K", stderr);
    w->live = false;
}

// "app2, app3" of the hosts on which `step` went well in `state`.
static void list_hosts(struct buf *b, const json_t *steps, const char *state, const char *step)
{
    size_t i;
    json_t *s;
    json_array_foreach(steps, i, s) if (strcmp(j_text(s, "state"), state) == 0 &&
                                        strcmp(j_text(s, "step"), step) == 0 && strcmp(j_text(s, "result"), "ok") == 0)
        buf_addf(b, "%s%s", b->n ? ", " : "", j_text(s, "host"));
}

static size_t count_hosts(const json_t *steps, const char *state, const char *step)
{
    size_t i, n = 0;
    json_t *s;
    json_array_foreach(steps, i, s) n += strcmp(j_text(s, "state"), state) == 0 &&
                                         strcmp(j_text(s, "step"), step) == 0 && strcmp(j_text(s, "result"), "ok") == 0;
    return n;
}

static const char *detail_of(const json_t *steps, const char *step)
{
    const char *last = "";
    size_t i;
    json_t *s;
    json_array_foreach(steps, i, s)
        if (strcmp(j_text(s, "step"), step) == 0 && strcmp(j_text(s, "result"), "ok") == 0)
            last = j_text(s, "detail");
    return last;
}

static void add_thousands(struct buf *b, int64_t n)
{
    if (n >= 1000) {
        add_thousands(b, n / 1000);
        buf_addf(b, ",%03d", (int)(n % 1000));
    } else
        buf_addf(b, "%d", (int)n);
}

static void tell_build(struct buf *b, const json_t *r, const json_t *steps)
{
    (void)steps;
    bool known = j_text(r, "rev")[0];           // else there is no such revision
    buf_addf(b, "%.7s%s%s", j_text(r, "rev"), known ? " " : "", j_text(r, "branch"));
    if (known && j_int(r, "base"))
        buf_addf(b, ", %lld commit%s since %lld", (long long)j_int(r, "commits"), j_int(r, "commits") == 1 ? "" : "s",
                 (long long)j_int(r, "base"));
    if (known)
        buf_addf(b, ": %s", j_text(r, "subject"));
}

static void tell_copy(struct buf *b, const json_t *r, const json_t *steps)
{
    size_t n = count_hosts(steps, "staging", "stage");
    if (strcmp(j_text(r, "kind"), "rollback") == 0) {
        buf_addf(b, "every host still holds %lld", (long long)j_int(r, "target"));
        return;
    }
    add_thousands(b, j_int(r, "files_changed"));
    buf_addz(b, " of ");
    add_thousands(b, j_int(r, "files"));
    buf_addf(b, " files to %zu host%s, nobody sees them yet", n, n == 1 ? "" : "s");
}

static void tell_switch(struct buf *b, const json_t *r, const json_t *steps, const char *state, const char *step,
                        const char *health)
{
    list_hosts(b, steps, state, step);
    size_t n = count_hosts(steps, state, step);
    buf_addf(b, "%s%s %lld", b->n ? "" : "nothing was switched", n ? n == 1 ? " runs" : " run" : ", live is",
             (long long)j_int(r, "target"));
    if (detail_of(steps, health)[0])
        buf_addf(b, ", %s", detail_of(steps, health));
}

static void tell_canary(struct buf *b, const json_t *r, const json_t *steps)
{
    tell_switch(b, r, steps, "canary", "switch", "health");
}

static void tell_judged(struct buf *b, const json_t *r, const json_t *steps)
{
    (void)r;
    buf_addz(b, detail_of(steps, "judge"));
}

static void tell_production(struct buf *b, const json_t *r, const json_t *steps)
{
    tell_switch(b, r, steps, "production", "switch", "health");
}

static void tell_back(struct buf *b, const json_t *r, const json_t *steps)
{
    (void)r;
    list_hosts(b, steps, "rolling_back", "back");
    buf_addz(b, b->n ? " back on the release before" : "nothing had been switched");
}

static void tell_migrate(struct buf *b, const json_t *r, const json_t *steps)
{
    (void)r;
    const char *detail = detail_of(steps, "migrate");
    list_hosts(b, steps, "migrating", "migrate");
    buf_addf(b, "%s%s", b->n ? ": " : "", *detail ? detail : "the migration went well");
}

static const struct {
    enum state state;
    void (*tell)(struct buf *b, const json_t *r, const json_t *steps);
} tellers[] = {
    {BUILDING, tell_build}, {STAGING, tell_copy},          {MIGRATING, tell_migrate},
    {CANARY, tell_canary},  {JUDGING, tell_judged},        {PRODUCTION, tell_production},
    {ROLLING_BACK, tell_back},
};

// First intent to last result of a state.
static int64_t took(const json_t *steps, const char *state)
{
    int64_t first = 0, last = 0;
    size_t i;
    json_t *s;
    json_array_foreach(steps, i, s) {
        int64_t begun = time_parse(j_text(s, "begun_at")), done = time_parse(j_text(s, "done_at"));
        if (strcmp(j_text(s, "state"), state) != 0)
            continue;
        if (!first || begun < first)
            first = begun;
        if (done > last)
            last = done;
    }
    return last > first ? last - first : 0;
}

static void line(struct watch *w, const char *label, struct str text, int64_t ms)
{
    char t[TIME_TEXT_MAX];
    if (w->call->quiet)
        return;
    clear_live(w);
    fprintf(stderr, "%-11s ", label);
    put_told(stderr, text);
    if (ms >= 0)
        fprintf(stderr, "  %s", took_text(ms, t));
    fputc('\n', stderr);
}

// The state was entered, and the last thing it did went well: how it failed is told at the end.
static bool went_well(const json_t *steps, const char *state)
{
    bool well = false;
    size_t i;
    json_t *s;
    json_array_foreach(steps, i, s)
        if (strcmp(j_text(s, "state"), state) == 0)
            well = strcmp(j_text(s, "result"), "ok") == 0;
    return well;
}

static void print_passed(struct watch *w, const json_t *r)
{
    const json_t *steps = json_object_get(r, "steps");
    // A rollback fails in one way: a host cannot follow, and then nobody goes.
    if (strcmp(j_text(r, "kind"), "rollback") == 0 && strcmp(j_text(r, "state"), "failed") == 0)
        return;
    for (size_t i = 0; i < ARRAY_LEN(tellers); i++) {
        const struct state_row *row = state_row(tellers[i].state);
        bool now = strcmp(j_text(r, "state"), row->name) == 0;
        if (w->printed[tellers[i].state] || now || !went_well(steps, row->name))
            continue;
        OWN_BUF struct buf b = buf_make(4096);
        tellers[i].tell(&b, r, steps);
        w->printed[tellers[i].state] = true;
        line(w, row->label, buf_str(&b), took(steps, row->name));
    }
}

// What was done last here: between two batches, or while a step is about to be tried again, no step is open.
static void last_text(struct buf *b, const json_t *r)
{
    const json_t *s, *last = NULL;
    size_t i;
    json_array_foreach(json_object_get(r, "steps"), i, s) if (strcmp(j_text(s, "state"), j_text(r, "state")) == 0)
        last = s;
    if (!last) {
        buf_addz(b, "begins");
        return;
    }
    bool ok = strcmp(j_text(last, "result"), "ok") == 0;
    buf_addf(b, "%s%s%s %s", j_text(last, "host"), j_text(last, "host")[0] ? ": " : "", j_text(last, "step"),
             ok ? "done" : "failed, again soon");
}

static bool is_held(const json_t *r)
{
    return str_starts(str_z(j_text(r, "why")), S("held by"));
}

// Why it waits, and what a person can type about it. A release behind another one has that in its reason already.
static void why_text(struct buf *b, const json_t *r)
{
    const char *why = j_text(r, "why"), *service = j_text(r, "service");
    buf_addz(b, why);
    if (is_held(r))
        buf_addf(b, ". Go on: rusuban release continue %s %lld", service, (long long)j_int(r, "number"));
    else if (str_find(str_z(why), S(" is locked by ")) >= 0)
        buf_addf(b, ". Lift it: rusuban lock lift %s", service);
}

// What goes on now: "app2: stage, app3: stage", or why it waits, or what was done last. true: it waits.
static bool now_text(struct buf *b, const json_t *r)
{
    const json_t *steps = json_object_get(r, "steps");
    size_t i;
    json_t *s;
    json_array_foreach(steps, i, s) if (json_is_null(json_object_get(s, "result")) &&
                                        strcmp(j_text(s, "state"), j_text(r, "state")) == 0)
        buf_addf(b, "%s%s%s%s%s%s%s", b->n ? ", " : "", j_text(s, "host"), j_text(s, "host")[0] ? ": " : "",
                 j_text(s, "step"), j_text(s, "detail")[0] ? " (" : "", j_text(s, "detail"),
                 j_text(s, "detail")[0] ? ")" : "");
    // Who judges is nobody that one would wait for: what it waits for says it all.
    if (strcmp(j_text(r, "state"), "judging") == 0 && j_text(r, "why")[0])
        buf_clear(b);
    if (b->n)
        return false;
    why_text(b, r);
    if (b->n)
        return true;
    last_text(b, r);
    return false;
}

static bool was_said(const struct watch *w, const struct buf *b)
{
    return str_eq(str_z(w->said), str_head(buf_str(b), sizeof w->said - 1));
}

static void remember(struct watch *w, struct buf *b)
{
    snprintf(w->said, sizeof w->said, "%s", buf_z(b));
}

static void show_now(struct watch *w, const json_t *r)
{
    static const char turns[] = "|/-\\";
    OWN_BUF struct buf b = buf_make(4096);
    char t[TIME_TEXT_MAX];
    int64_t ms = now_ms() - time_parse(j_text(r, "state_at"));
    if (w->call->quiet)
        return;
    bool waits = now_text(&b, r);
    if (!w->call->terminal) {
        bool same = was_said(w, &b);
        int64_t pause = same ? PLAIN_AGAIN_MS : PLAIN_EVERY_MS;
        if (str_find(buf_str(&b), S(": health")) >= 0)
            pause = same ? HEALTH_AGAIN_MS : HEALTH_FIRST_MS;
        if (waits && !same)
            pause = QUEUE_FIRST_MS;
        if (tick_ms() - w->last_plain < pause)
            return;
        w->last_plain = tick_ms();
        remember(w, &b);
        line(w, j_text(r, "label"), buf_str(&b), ms);
        return;
    }
    const char *name = getenv("RUSUBAN_NAME");      // put_told may make it longer by that
    int room = columns() - 12 - 14 - (name ? (int)strlen(name) : 0);
    if (waits && room < (int)b.n) {                 // whole, above the live line: what to type stands at its end
        if (!was_said(w, &b))
            line(w, j_text(r, "label"), buf_str(&b), -1);
        remember(w, &b);
        buf_clear(&b);
        buf_addz(&b, "waits");
    }
    clear_live(w);
    fprintf(stderr, "%-11s ", j_text(r, "label"));
    put_told(stderr, str_head(buf_str(&b), room > 0 ? (size_t)room : 0));
    fprintf(stderr, " %c %s", turns[w->turn++ % 4], took_text(ms < 0 ? 0 : ms, t));
    fflush(stderr);
    w->live = true;
}

// ---- asking ----

static bool nobody_to_ask(const struct call *c)
{
    return c->no_input || c->json || !c->terminal || !isatty(STDIN_FILENO);
}

// "app2, app3": who gets it after the canary.
static void list_production(struct watch *w, struct buf *b)
{
    OWN_JSON *j = NULL;
    struct err ignored = {0};
    size_t i;
    json_t *h;
    if (!cli_get(w->call, str_zf(w->call->arena, "/api/v1/services/" STR_F "/hosts", STR_A(w->service)), &j, &ignored))
        return;
    json_array_foreach(json_object_get(j, "hosts"), i, h)
        if (strcmp(j_text(h, "group"), "canary") != 0 && !j_text(h, "out_by")[0])
            buf_addf(b, "%s%s", b->n ? ", " : "", j_text(h, "host"));
}

static bool person_says_yes(struct watch *w)
{
    OWN_BUF struct buf hosts = buf_make(2000);
    char answer[16] = "";
    clear_live(w);
    list_production(w, &hosts);
    fprintf(stderr, "Send to %s? [y/N] ", hosts.n ? buf_z(&hosts) : "production");
    tcflush(STDIN_FILENO, TCIFLUSH);    // what was typed before the question is no answer to it
    if (!fgets(answer, sizeof answer, stdin))
        return false;
    return answer[0] == 'y' || answer[0] == 'Y';
}

static bool approve(struct watch *w, struct err *e)
{
    json_t *j = NULL;
    const char *path =
        str_zf(w->call->arena, "/api/v1/releases/" STR_F "/%lld/approve", STR_A(w->service), (long long)w->number);
    bool ok = cli_post(w->call, path, (struct kvs){0}, &j, e);
    json_decref(j);
    // Somebody else may have answered in the same moment.
    return ok || e->kind == ERR_STATE;
}

static void say_waiting(struct watch *w, const json_t *r)
{
    OWN_BUF struct buf b = buf_make(4096);
    why_text(&b, r);
    line(w, "Approve", buf_str(&b), -1);
    if (is_held(r))
        return;
    cli_say(w->call, "Next        rusuban release approve " STR_F "   (or: rusuban release reject " STR_F ")",
            STR_A(w->service), STR_A(w->service));
}

// It is asked because its canary was judged, and not well: --yes does not answer that.
static bool speaks_against(const json_t *r)
{
    const char *verdict = j_text(r, "verdict");
    return verdict[0] && strcmp(verdict, "not_worse") != 0;
}

// true: go on watching. false with kind NONE: the watch ends well here.
static bool answer_question(struct watch *w, const json_t *r, const struct watch_wish *wish, struct err *e)
{
    bool held = is_held(r);
    if (wish->yes && !held && !speaks_against(r))
        return approve(w, e);
    if (!held && !nobody_to_ask(w->call) && person_says_yes(w))
        return approve(w, e);
    e->kind = ERR_NONE;
    say_waiting(w, r);
    if (wish->yes && !held)
        return err_set(e, ERR_CHECK, "--yes does not answer for a canary that is not well");
    return false;
}

// ---- the end ----

enum { TAIL_LINES = 5, TAIL_BYTES = 500 };

static size_t hosts_on_it(const json_t *steps)
{
    return count_hosts(steps, "canary", "switch") + count_hosts(steps, "production", "switch");
}

// "release 4 of web was rolled back: ..."
static const char *ending(const char *state)
{
    static const struct { enum state state; const char *words; } endings[] = {
        {FAILED, "failed"}, {CANCELLED, "was cancelled"}, {SUPERSEDED, "was superseded"},
        {ROLLED_BACK, "was rolled back"}, {LEFT, "was left as it is"},
    };
    for (size_t i = 0; i < ARRAY_LEN(endings); i++)
        if (strcmp(state, state_row(endings[i].state)->name) == 0)
            return endings[i].words;
    return state;
}

// Going back is only offered where there is something to go back to; after a roll back it would go one further.
static void tell_done(struct watch *w, const json_t *r)
{
    OWN_BUF struct buf b = buf_make(4096);
    size_t n = hosts_on_it(json_object_get(r, "steps"));
    bool rollback = strcmp(j_text(r, "kind"), "rollback") == 0;
    buf_addf(&b, "%lld on %zu host%s", (long long)j_int(r, "target"), n, n == 1 ? "" : "s");
    if (j_int(r, "back_to"))
        buf_addf(&b, ". %s: rusuban release rollback " STR_F, rollback ? "Further back" : "Undo", STR_A(w->service));
    line(w, "Done", buf_str(&b), j_int(r, "took_ms"));
    if (j_text(r, "warnings")[0])
        line(w, "Note", str_z(j_text(r, "warnings")), -1);
}

// The step whose failure ended it, when what it printed was kept: build or migrate. NULL for any other end.
static const json_t *failed_command(const json_t *r)
{
    const json_t *steps = json_object_get(r, "steps");
    const json_t *last = json_array_get(steps, json_array_size(steps) - 1);
    bool kept = strcmp(j_text(last, "step"), "build") == 0 || strcmp(j_text(last, "step"), "migrate") == 0;
    bool bad = j_text(last, "result")[0] && strcmp(j_text(last, "result"), "ok") != 0;
    bool by_itself = strcmp(j_text(r, "state"), "failed") == 0 && !j_text(r, "aborting")[0];
    return by_itself && kept && bad ? last : NULL;
}

// The end of what the command printed, where programs say what was wrong.
static void print_tail(struct watch *w, struct str text)
{
    struct str lines[TAIL_LINES];
    size_t n = 0;
    while (text.n) {
        struct str one = str_cut(&text, '\n');
        if (str_trim(one).n)
            lines[n++ % TAIL_LINES] = one;
    }
    clear_live(w);
    for (size_t i = n > TAIL_LINES ? n - TAIL_LINES : 0; i < n; i++) {
        fputs("          | ", stderr);
        put_foreign(stderr, str_head(lines[i % TAIL_LINES], TAIL_BYTES));
        fputc('\n', stderr);
    }
}

static void show_tail(struct watch *w, const json_t *step)
{
    OWN_JSON *j = NULL;
    struct err none = {0};
    const char *host = j_text(step, "host");
    const char *path = str_zf(w->call->arena, "/api/v1/releases/" STR_F "/%lld/output?step=%s%s%s", STR_A(w->service),
                              (long long)w->number, j_text(step, "step"), host[0] ? "&host=" : "", host);
    if (!w->call->quiet && !w->call->json && cli_get(w->call, path, &j, &none))
        print_tail(w, str_z(j_text(j, "text")));
}

static bool tell_end(struct watch *w, const json_t *r, struct err *e)
{
    const char *state = j_text(r, "state"), *why = j_text(r, "why");
    const json_t *command = failed_command(r);
    if (strcmp(state, "done") == 0) {
        tell_done(w, r);
        return true;
    }
    if (command)
        show_tail(w, command);
    line(w, j_text(r, "label"), str_z(why), j_int(r, "took_ms"));
    bool stopped_by_check = strcmp(state, "rolled_back") == 0;
    err_set(e, stopped_by_check ? ERR_CHECK : ERR_STATE, "release %lld of " STR_F " %s: %s", (long long)w->number,
            STR_A(w->service), ending(state), why);
    const char *host = command ? j_text(command, "host") : "";
    return err_hint(e, "rusuban release show " STR_F " %lld%s%s%s%s", STR_A(w->service), (long long)w->number,
                    command ? " --output " : "", command ? j_text(command, "step") : "", *host ? " --host " : "", host);
}

static bool tell_needs_human(struct watch *w, const json_t *r, struct err *e)
{
    line(w, "Needs you", str_z(j_text(r, "why")), -1);
    err_set(e, ERR_STATE, "release %lld of " STR_F " needs a person", (long long)w->number, STR_A(w->service));
    return err_hint(e, "rusuban release continue " STR_F ", or rollback, or leave", STR_A(w->service));
}

static bool step(struct watch *w, const json_t *r, const struct watch_wish *wish, bool *over, struct err *e)
{
    const char *state = j_text(r, "state");
    print_passed(w, r);
    *over = true;
    if (j_true(r, "over"))
        return tell_end(w, r, e);
    if (strcmp(state, "needs_human") == 0 && !j_text(r, "aborting")[0])
        return tell_needs_human(w, r, e);
    bool asks = strcmp(state, "asking") == 0 && !j_text(r, "aborting")[0] && j_text(r, "why")[0] &&
                json_array_size(json_object_get(r, "approvals")) == 0;
    if (asks && !answer_question(w, r, wish, e))
        return e->kind == ERR_NONE;
    *over = false;
    show_now(w, r);
    return true;
}

static bool follow(struct watch *w, const char *path, const struct watch_wish *wish, struct err *e)
{
    bool over = false, ok = true;
    while (!over && !interrupted) {
        json_t *r = NULL;
        if (!cli_get(w->call, path, &r, e))
            return false;
        ok = step(w, r, wish, &over, e);
        if (over && w->call->json)
            cli_json(w->call, r);
        json_decref(r);
        if (!ok)
            return false;
        if (!over)
            nanosleep(&(struct timespec){0, POLL_MS * 1000000}, NULL);
    }
    return ok;
}

bool watch_release(struct call *c, struct str service, int64_t number, const struct watch_wish *wish, struct err *e)
{
    struct watch w = {.call = c, .service = service, .number = number, .last_plain = tick_ms()};
    struct sigaction on = {.sa_handler = on_interrupt};
    sigaction(SIGINT, &on, NULL);
    const char *path = str_zf(c->arena, "/api/v1/releases/" STR_F "/%lld", STR_A(service), (long long)number);
    bool ok = follow(&w, path, wish, e);
    clear_live(&w);
    if (interrupted) {
        cli_say(c,
                "The release goes on. Follow it: rusuban release watch " STR_F
                " %lld. Stop it: rusuban release abort " STR_F,
                STR_A(service), (long long)number, STR_A(service));
        _exit(130);
    }
    return ok;
}
