// remote.c: a line per host (the ssh master and who waits for it), tasks on it, and exit statuses turned into errors.
//
// The master is a foreground child, so it can neither outlive us nor inherit our descriptors. Its socket's appearance
// says that it is authenticated. A task whose master has died connects by itself: ssh -S falls back to a connection
// of its own when nobody listens.
#include "release/remote.h"
#include "base/clock.h"
#include "base/embed.h"
#include "release/quote.h"
#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

EMBED(host_script, "release/host.sh");

enum { CONNECT_MS = 15000, LOOK_MS = 15, OUTPUT_MAX = 1 << 20, COPY_MS = 3600 * 1000 };

enum line_state { DOWN, CONNECTING, UP };

struct line {
    struct remote *remote;
    char *key;                  // user@address:port
    char socket[64];            // in DIR/run
    char failure[512];          // what the last master said when it failed
    int64_t since;              // tick of the connect
    enum line_state state;
    struct child *master;
    struct event *look;
    TAILQ_HEAD(, task) waiting;
    int busy;                   // tasks running or waiting
    LIST_ENTRY(line) next;
};

enum task_kind { TASK_VERB, TASK_COPY, TASK_TUNNEL };

struct task {
    struct line *line;
    enum task_kind kind;
    struct arena arena;
    const char **argv;          // NULL-ended; one word holds SOCKET until the task begins
    bool script;                // feeds host.sh on stdin
    bool queued, named;
    int stdio;
    int64_t deadline_ms;
    struct child *child;
    struct event *soon;         // a failure told from the loop, not from inside the caller's call
    struct err failure;
    outcome_fn *fn;
    void *arg;
    TAILQ_ENTRY(task) next;
};

struct remote {
    struct loop *loop;
    char *run_dir;
    int serial;
    LIST_HEAD(, line) lines;
};

// Sockets of masters that were killed together with their worker, and there is one worker: nobody else takes them away.
static void sweep_sockets(const char *run_dir)
{
    DIR *d = opendir(run_dir);
    if (!d)
        return;
    for (struct dirent *x; (x = readdir(d));)
        if (str_starts(str_z(x->d_name), S("cm-")))
            unlinkat(dirfd(d), x->d_name, 0);
    closedir(d);
}

struct remote *remote_new(struct loop *l, const char *data_dir)
{
    struct remote *m = calloc(1, sizeof *m);
    assert(m);
    m->loop = l;
    bool named = asprintf(&m->run_dir, "%s/run", data_dir) > 0;
    assert(named && "out of memory");
    sweep_sockets(m->run_dir);
    LIST_INIT(&m->lines);
    return m;
}

struct str remote_dir(struct arena *a, const struct host *h, struct str path)
{
    return str_f(a, STR_F STR_F, STR_A(h->root), STR_A(path));
}

static void push(struct arena *a, struct strs *argv, const char *const *words)
{
    for (; *words; words++)
        vec_push(a, argv, str_z(*words));
}

void remote_words(struct arena *a, const struct host *h, struct strs *argv)
{
    static const char *const words[] = {
        "-F", "none", "-i", "../keys/deploy", "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes",
        "-o", "StrictHostKeyChecking=yes", "-o", "UserKnownHostsFile=../known_hosts", "-o", "GlobalKnownHostsFile=none",
        "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3",
        "-o", "ForwardAgent=no", "-o", "ForwardX11=no", "-o", "LogLevel=ERROR",
        // First of the defaults: AES in hardware is a fifth of the whole copy faster than ChaCha20 (bench/release).
        "-o", "Ciphers=^aes128-gcm@openssh.com,aes256-gcm@openssh.com", NULL};
    push(a, argv, words);
    vec_push(a, argv, S("-p"));
    vec_push(a, argv, str_f(a, "%d", h->ssh.port));
}

static struct str far(struct arena *a, const struct host *h, bool bracket)
{
    bool six = bracket && str_has(h->address, ':');
    return str_f(a, STR_F "@%s" STR_F "%s", STR_A(h->ssh.user), six ? "[" : "", STR_A(h->address), six ? "]" : "");
}

// ---- a line ----

static struct line *line_of(struct remote *m, const struct host *h)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    struct str key = str_f(&a, STR_F "@" STR_F ":%d", STR_A(h->ssh.user), STR_A(h->address), h->ssh.port);
    struct line *l;
    LIST_FOREACH(l, &m->lines, next)
        if (str_eq(str_z(l->key), key))
            return l;
    l = calloc(1, sizeof *l);
    assert(l);
    l->remote = m;
    l->key = strndup(key.p, key.n);
    TAILQ_INIT(&l->waiting);
    LIST_INSERT_HEAD(&m->lines, l, next);
    return l;
}

static void drop_stdio(struct task *t)
{
    if (t->stdio > 0)
        close(t->stdio);
    t->stdio = 0;
}

static void task_free(struct task *t)
{
    t->line->busy--;
    drop_stdio(t);
    if (t->soon)
        event_free(t->soon);
    arena_drop(&t->arena);
    free(t);
}

static void task_tell(struct task *t, const struct outcome *o)
{
    t->fn(t->arg, o);
    task_free(t);
}

static void on_soon(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct task *t = arg;
    task_tell(t, &(struct outcome){.err = t->failure});
}

static void task_fail_soon(struct task *t)
{
    if (!t->soon)
        t->soon = loop_after(t->line->remote->loop, 0, on_soon, t);
}

// Exit statuses of host.sh and of the programs around it.
static const struct { enum task_kind kind; int status; enum err_kind err; } meanings[] = {
    {TASK_VERB, 28, ERR_IO},       {TASK_VERB, 75, ERR_PEER},  {TASK_VERB, 76, ERR_REFUSED},
    {TASK_VERB, 77, ERR_CONFLICT}, {TASK_VERB, 78, ERR_INPUT}, {TASK_VERB, 79, ERR_CHECK},
    {TASK_VERB, 255, ERR_PEER},    {TASK_COPY, 11, ERR_IO},    {TASK_COPY, 12, ERR_PEER},
    {TASK_COPY, 30, ERR_PEER},     {TASK_COPY, 255, ERR_PEER}, {TASK_COPY, 10, ERR_PEER},
    {TASK_TUNNEL, 255, ERR_PEER},
};

static enum err_kind meaning(enum task_kind kind, int status)
{
    for (size_t i = 0; i < ARRAY_LEN(meanings); i++)
        if (meanings[i].kind == kind && meanings[i].status == status)
            return meanings[i].err;
    return ERR_IO;
}

// rsync says what happened to which path in its first lines, and in the last only which of its own lines noticed.
static struct str copy_reason(struct str text)
{
    struct str first = str_cut(&text, '\n'), line = first;
    while (str_find(line, S("No space left")) < 0 && text.n)
        line = str_cut(&text, '\n');
    if (str_find(line, S("No space left")) < 0)
        line = first;
    if (str_starts(line, S("rsync: ")))
        line = str_from(line, 7);
    if (str_starts(line, S("[")))
        str_cut(&line, ' ');        // [receiver]
    return str_head(str_trim(line), 500);
}

static void explain(const struct task *t, const struct child_result *r, struct err *e)
{
    static const char *const programs[] = {[TASK_VERB] = "ssh", [TASK_COPY] = "rsync", [TASK_TUNNEL] = "ssh -W"};
    const char *program = programs[t->kind];
    if (child_ok(r))
        return;
    if (r->late || r->stopped || r->status < 0) {
        if (!child_err(program, r, e))
            return;
    }
    struct str said = t->kind == TASK_COPY ? copy_reason(r->err) : str_head(str_last_line(r->err), 500);
    if (t->kind == TASK_VERB && r->status != 255 && said.n)
        err_set(e, meaning(t->kind, r->status), STR_F, STR_A(said));
    else
        err_set(e, meaning(t->kind, r->status), "%s exited with %d%s" STR_F, program, r->status, said.n ? ": " : "",
                STR_A(said));
}

static void on_task_done(void *arg, const struct child_result *r)
{
    struct task *t = arg;
    struct outcome o = {.out = r->out, .took_ms = r->took_ms};
    explain(t, r, &o.err);
    task_tell(t, &o);
}

// The socket's name is known only once the line connects, so words that hold it are made when the task begins.
static void add_socket(struct task *t)
{
    for (size_t i = 0; t->argv[i]; i++) {
        struct str word = str_z(t->argv[i]);
        ptrdiff_t at = str_find(word, S("SOCKET"));
        if (at >= 0 && !t->named)
            t->argv[i] = str_zf(&t->arena, STR_F "%s" STR_F, STR_A(str_head(word, (size_t)at)), t->line->socket,
                                STR_A(str_from(word, (size_t)at + 6)));
        t->named = t->named || at >= 0;
    }
}

static void task_begin(struct task *t)
{
    struct remote *m = t->line->remote;
    add_socket(t);
    struct child_spec spec = {.argv = t->argv, .dir = m->run_dir, .deadline_ms = t->deadline_ms,
                              .max_output = OUTPUT_MAX, .stdio = t->stdio};
    if (t->script)
        spec.input = host_script();
    t->child = child_start(m->loop, &spec, on_task_done, t, &t->failure);
    drop_stdio(t);      // the child has its own: held open here, its end would never be seen at the other side
    if (!t->child)
        task_fail_soon(t);
}

static void line_release_waiting(struct line *l, bool up)
{
    struct task *t;
    while ((t = TAILQ_FIRST(&l->waiting))) {
        TAILQ_REMOVE(&l->waiting, t, next);
        t->queued = false;
        if (up) {
            task_begin(t);
            continue;
        }
        err_set(&t->failure, ERR_PEER, "ssh to %s: %s", l->key, l->failure);
        err_hint(&t->failure, "rusuban doctor");
        task_fail_soon(t);
    }
}

static void line_drop_look(struct line *l)
{
    if (l->look)
        event_free(l->look);
    l->look = NULL;
}

static char *socket_path(struct line *l, char *out, size_t size)
{
    snprintf(out, size, "%s/%s", l->remote->run_dir, l->socket);
    return out;
}

static void on_master_done(void *arg, const struct child_result *r)
{
    struct line *l = arg;
    struct str said = str_head(str_last_line(r->err), 500);
    l->master = NULL;
    line_drop_look(l);
    if (l->failure[0] == 0)
        snprintf(l->failure, sizeof l->failure, STR_F "%s", STR_A(said), said.n ? "" : "the connection was closed");
    bool was_connecting = l->state == CONNECTING;
    char path[4200];
    unlink(socket_path(l, path, sizeof path));      // one that was killed leaves it
    l->state = DOWN;
    if (was_connecting)
        line_release_waiting(l, false);
}

static void on_look(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct line *l = arg;
    char path[4200];
    if (access(socket_path(l, path, sizeof path), F_OK) < 0) {
        if (tick_ms() - l->since > CONNECT_MS && l->failure[0] == 0) {
            snprintf(l->failure, sizeof l->failure, "no answer within %d s", CONNECT_MS / 1000);
            child_stop(l->master);
        }
        return;
    }
    line_drop_look(l);
    l->state = UP;
    line_release_waiting(l, true);
}

// argv of ssh up to the destination, which comes last: whatever the master and the tasks add stands before it.
static const char **ssh_argv(struct arena *a, const struct host *h, const char *const *more, size_t *n)
{
    struct strs argv = {0};
    vec_push(a, &argv, S("ssh"));
    remote_words(a, h, &argv);
    push(a, &argv, more);
    vec_push(a, &argv, S("--"));
    vec_push(a, &argv, far(a, h, false));
    const char **z = NEW_N(a, const char *, argv.n + 3);
    for (*n = 0; *n < argv.n; ++*n)
        z[*n] = str_zdup(a, argv.at[*n]);
    return z;
}

static void line_connect(struct line *l, const struct host *h)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct remote *m = l->remote;
    struct err e = {0};
    char path[4200];
    size_t n;
    snprintf(l->socket, sizeof l->socket, "cm-%d-%d", (int)getpid(), ++m->serial);
    unlink(socket_path(l, path, sizeof path));
    struct child_spec spec = {.argv =
                                  ssh_argv(&a, h, (const char *const[]){"-M", "-N", "-T", "-S", l->socket, NULL}, &n),
                              .dir = m->run_dir,
                              .max_output = 4096};
    l->failure[0] = 0;
    l->since = tick_ms();
    l->master = child_start(m->loop, &spec, on_master_done, l, &e);
    l->state = l->master ? CONNECTING : DOWN;
    if (l->master)
        l->look = loop_every(m->loop, LOOK_MS, on_look, l);
    else
        snprintf(l->failure, sizeof l->failure, "%.500s", e.text);
}

void remote_warm(struct remote *m, const struct host *h)
{
    struct line *l = line_of(m, h);
    if (l->state == DOWN && !l->master)
        line_connect(l, h);
}

static void line_close(struct line *l)
{
    if (l->master)
        child_stop(l->master);
    l->state = DOWN;
}

void remote_rest(struct remote *m)
{
    struct line *l;
    LIST_FOREACH(l, &m->lines, next)
        if (l->busy == 0)
            line_close(l);
}

// The children end with us (PDEATHSIG); what remains is memory and, at an orderly end, nothing waits.
void remote_free(struct remote *m)
{
    struct line *l;
    while ((l = LIST_FIRST(&m->lines))) {
        LIST_REMOVE(l, next);
        line_drop_look(l);
        free(l->key);
        free(l);
    }
    free(m->run_dir);
    free(m);
}

// ---- a task ----

static struct task *task_new(struct remote *m, const struct host *h, enum task_kind kind, int64_t deadline_ms,
                             outcome_fn *fn, void *arg)
{
    struct task *t = calloc(1, sizeof *t);
    assert(t);
    t->line = line_of(m, h);
    t->line->busy++;
    t->kind = kind;
    t->arena = arena_make(4 << 20);
    t->deadline_ms = deadline_ms;
    t->fn = fn;
    t->arg = arg;
    return t;
}

// Begins at once on a standing line, else waits for it; never calls back from inside.
static struct task *task_go(struct task *t, const struct host *h)
{
    struct line *l = t->line;
    if (l->state == DOWN && !l->master)
        line_connect(l, h);
    if (l->state == UP || (l->state == DOWN && l->master)) {    // closing: ssh connects by itself
        task_begin(t);
        return t;
    }
    if (l->state == CONNECTING) {
        TAILQ_INSERT_TAIL(&l->waiting, t, next);
        t->queued = true;
        return t;
    }
    err_set(&t->failure, ERR_PEER, "ssh to %s: %s", l->key, l->failure);
    task_fail_soon(t);
    return t;
}

void task_stop(struct task *t)
{
    if (t->child) {
        child_stop(t->child);
        return;
    }
    if (t->queued)
        TAILQ_REMOVE(&t->line->waiting, t, next);
    t->queued = false;
    err_set(&t->failure, ERR_STATE, "stopped");
    task_fail_soon(t);
}

struct task *remote_verb(struct remote *m, const struct host *h, const struct verb *v, outcome_fn *fn, void *arg)
{
    struct task *t = task_new(m, h, TASK_VERB, v->deadline_ms, fn, arg);
    struct strs words = {0};
    vec_push(&t->arena, &words, str_z(v->name));
    vec_push(&t->arena, &words, v->dir);
    vec_push(&t->arena, &words, str_f(&t->arena, "%lld", (long long)v->fence));
    vec_push(&t->arena, &words, v->owner);
    for (size_t i = 0; i < v->args.n; i++)
        vec_push(&t->arena, &words, v->args.at[i]);
    size_t n;
    t->argv = ssh_argv(&t->arena, h, (const char *const[]){"-T", "-S", "SOCKET", NULL}, &n);
    t->argv[n] = str_zf(&t->arena, "/bin/sh -s -- " STR_F, STR_A(quote_words(&t->arena, &words)));
    t->script = true;
    return task_go(t, h);
}

// rsync splits the words of -e at blanks; none of ours holds one.
static const char *rsync_shell(struct arena *a, const struct host *h)
{
    OWN_BUF struct buf b = buf_make(64 << 10);
    struct strs words = {0};
    remote_words(a, h, &words);
    buf_addz(&b, "ssh -T -S SOCKET");
    for (size_t i = 0; i < words.n; i++)
        buf_addf(&b, " " STR_F, STR_A(words.at[i]));
    return str_zdup(a, buf_str(&b));
}

static struct task *copy(struct remote *m, const struct host *h, struct str from, struct str to,
                         const char *const *options, outcome_fn *fn, void *arg)
{
    struct task *t = task_new(m, h, TASK_COPY, COPY_MS, fn, arg);
    struct strs argv = {0};
    struct arena *a = &t->arena;
    // -s: the far shell never reads a path.
    push(a, &argv, (const char *const[]){"rsync", "-rlpts", "--delete", "--timeout=60", NULL});
    push(a, &argv, options);
    vec_push(a, &argv, S("-e"));
    vec_push(a, &argv, str_z(rsync_shell(a, h)));
    vec_push(a, &argv, S("--"));
    vec_push(a, &argv, str_f(a, STR_F "/", STR_A(from)));
    vec_push(a, &argv, str_f(a, STR_F ":" STR_F "/", STR_A(far(a, h, true)), STR_A(to)));
    t->argv = NEW_N(a, const char *, argv.n + 1);
    for (size_t i = 0; i < argv.n; i++)
        t->argv[i] = str_zdup(a, argv.at[i]);
    return task_go(t, h);
}

struct task *remote_copy(struct remote *m, const struct host *h, struct str from, struct str to, enum copy_onto onto,
                         outcome_fn *fn, void *arg)
{
    static const char *const option[] = {[ONTO_FOREIGN] = "--checksum", [ONTO_NOTHING] = "--inplace"};
    return copy(m, h, from, to, (const char *const[]){"--stats", option[onto], NULL}, fn, arg);
}

struct task *remote_compare(struct remote *m, const struct host *h, struct str from, struct str to, outcome_fn *fn,
                            void *arg)
{
    return copy(m, h, from, to, (const char *const[]){"-n", "-c", "--out-format=%i %n", NULL}, fn, arg);
}

struct task *remote_tunnel(struct remote *m, const struct host *h, struct str address, int port, int stdio,
                           outcome_fn *fn, void *arg)
{
    struct task *t = task_new(m, h, TASK_TUNNEL, COPY_MS, fn, arg);
    size_t n;
    const char *to = str_zf(&t->arena, STR_F ":%d", STR_A(address), port);
    t->argv = ssh_argv(&t->arena, h, (const char *const[]){"-S", "SOCKET", "-W", to, NULL}, &n);
    t->stdio = stdio;
    return task_go(t, h);
}

// ---- what a host says of itself ----

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

bool host_state_parse(struct arena *a, struct str text, struct host_state *out, struct err *e)
{
    static const struct { const char *name; size_t at;
    } fields[] = {{"current", offsetof(struct host_state, current)},
                  {"fence", offsetof(struct host_state, fence)},
                  {"free_kb", offsetof(struct host_state, free_bytes)},
                  {"free_inodes", offsetof(struct host_state, free_inodes)},
                  {"time", offsetof(struct host_state, time_s)}};
    *out = (struct host_state){0};
    size_t seen = 0;
    while (text.n) {
        struct str value = str_cut(&text, '\n');
        struct str name = str_cut(&value, ':');
        int64_t n;
        if (!str_i64(value, &n))
            continue;       // a dash where a file system counts no inodes; a greeting of the login shell
        if (str_eq(name, S("receipt")) && n > 0)
            vec_push(a, &out->receipts, n);
        for (size_t i = 0; i < ARRAY_LEN(fields); i++)
            if (str_eq(name, str_z(fields[i].name))) {
                *(int64_t *)((char *)out + fields[i].at) = n;
                seen |= (size_t)1 << i;
            }
    }
    if (out->receipts.n)            // the host's shell lists 10 before 9
        qsort(out->receipts.at, out->receipts.n, sizeof *out->receipts.at, by_number);
    if (out->current < -1 || out->fence < 0)
        return err_set(e, ERR_PEER, "the host says an impossible release or fence");
    if (out->free_bytes < 0 || out->free_bytes > INT64_MAX / 1024)
        return err_set(e, ERR_PEER, "the host says an impossible amount of free space");
    out->free_bytes *= 1024;
    // current and fence are the ones that decide.
    return (seen & 3) == 3 || err_set(e, ERR_PEER, "the host's answer is not complete");
}
