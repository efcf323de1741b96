// asking.c: see asking.h. One thread that reads one socket; Ctrl C ends us, the connection with us, and whoever has the
// other end kills what worked on the answer.
#include "log/asking.h"
#include "base/file.h"
#include "log/asking_far.h"
#include "log/cli.h"
#include "site/site.h"
#include "web/far.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SLOW_MS = 10000 };

static const int64_t MUCH_BYTES = INT64_C(2000000000);

#ifdef RUSUBAN_FAULTS
static int slow_ms(void)                // plays wait for less, and have less to read
{
    const char *text = getenv("RUSUBAN_SLOW_MS");
    return text ? atoi(text) : SLOW_MS;
}

int64_t ask_before(void)
{
    const char *text = getenv("RUSUBAN_ASK_BEFORE");
    return text ? atoll(text) : MUCH_BYTES;
}
#else
static int slow_ms(void)
{
    return SLOW_MS;
}

int64_t ask_before(void)
{
    return MUCH_BYTES;
}
#endif

// ---- the other side ----

bool sql_program(struct arena *a, const char **path, struct err *e)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = 0;
    char *slash = strrchr(self, '/');
    *path = str_zf(a, "%.*s/rusuban-sql", slash ? (int)(slash - self) : 0, self);
    if (access(*path, X_OK) == 0)
        return true;
    struct str rest = str_z(getenv("PATH") ? getenv("PATH") : ""), dir;
    while ((dir = str_cut(&rest, ':')).n || rest.n) {
        *path = str_zf(a, STR_F "/rusuban-sql", STR_A(dir));
        if (dir.n && dir.p[0] == '/' && access(*path, X_OK) == 0)
            return true;
    }
    err_set(e, ERR_PEER, "rusuban-sql is neither beside rusuban nor in PATH, and it is what answers SQL");
    return err_hint(e, "`make` builds it, `make install` puts it there");
}

static void become_sql(const struct call *c, const char *path, int socket, pid_t parent)
{
    const char *const argv[] = {"rusuban-sql", "--site", c->site, "--data", c->data, "one", NULL};
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() == parent && dup2(socket, STDIN_FILENO) == STDIN_FILENO)
        execv(path, (char *const *)(uintptr_t)argv);
    _exit(127);
}

static bool start_own(const struct call *c, int *fd, pid_t *pid, struct err *e)
{
    const char *path;
    int ends[2];
    pid_t parent = getpid();
    struct site *site;
    if (!path_exists(c->data)) {                // mistyped: rusuban-sql would begin a lake there
        err_set(e, ERR_NOT_FOUND, "%s is no data directory of rusuban: it is not there", c->data);
        return err_hint(e, "name the right one by --data DIR or RUSUBAN_DATA");
    }
    if (!site_load(c->arena, c->site, &site, e) || !sql_program(c->arena, &path, e))    // it would say so, and go
        return false;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return err_set(e, ERR_IO, "a socket: %m");
    *pid = fork();
    if (*pid == 0)
        become_sql(c, path, ends[1], parent);
    close(ends[1]);
    *fd = ends[0];
    return *pid > 0 || err_set(e, ERR_IO, "start %s: %m", path);
}

// The house's, else our own.
static bool reach(const struct call *c, int *fd, pid_t *pid, struct err *e)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if ((size_t)snprintf(at.sun_path, sizeof at.sun_path, "%s/run/sql.sock", c->data) >= sizeof at.sun_path)
        return start_own(c, fd, pid, e);
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*fd >= 0 && connect(*fd, (struct sockaddr *)&at, sizeof at) == 0)
        return true;
    if (errno == EACCES || errno == EPERM)
        return err_set(e, ERR_DENIED, "you may not ask %s", at.sun_path);
    own_fd_close(fd);
    return start_own(c, fd, pid, e);
}

// ---- what is said on stderr ----

static const char *grouped(uint64_t n, char out[32])
{
    char digits[32];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n), k = 0;
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            out[k++] = ',';
        out[k++] = digits[i];
    }
    out[k] = 0;
    return out;
}

struct talk {
    struct asking *a;
    struct render *render;
    int fd;
    bool said, over;                // said: the estimate stands on an open line
    char note[400];                 // that was kept to ourselves
    bool no_file;                   // of that time has a row
    bool slow_said;                 // or rows came
    struct err *e;
};

static bool quiet(const struct talk *t)
{
    return t->a->call->quiet || t->a->silent;
}

static void close_line(struct talk *t)
{
    if (t->said)
        fputc('\n', stderr);
    t->said = false;
}

static bool agrees(void)
{
    char line[16] = "";
    fputs("; go on? [y/N] ", stderr);
    return fgets(line, sizeof line, stdin) && (line[0] == 'y' || line[0] == 'Y');
}

static bool too_much(struct talk *t, const struct ask_estimate *m)
{
    char head[ASK_HEAD];
    const struct call *c = t->a->call;
    bool person = c->terminal && !c->no_input && isatty(STDIN_FILENO);
    if (person && agrees()) {
        t->said = false;
        if (t->fd < 0)
            return true;                // far away: it is asked again
        ask_head_put(head, ASK_GO, 0);
        return fd_write_all(t->fd, (struct str){head, ASK_HEAD}, t->e);
    }
    close_line(t);
    err_set(t->e, ERR_INPUT, "the question would read about %s", size_text(c->arena, m->bytes));
    return err_hint(t->e, "--yes does it; --since, --day, --from and --to narrow it");
}

static bool on_estimate(struct talk *t, struct str payload)
{
    struct ask_estimate m;
    char files[32], of[32];
    if (!ask_estimate_read(payload, &m))
        return err_set(t->e, ERR_PEER, "rusuban-sql sent a damaged estimate");
    t->no_file = m.files == 0 && m.of > 0;
    if (!quiet(t) || m.waits) {
        fprintf(stderr, "will read about %s, %s of %s files%s", size_text(t->a->call->arena, m.bytes), grouped(m.files, files),
                grouped(m.of, of), m.waits ? "" : "\n");
        t->said = m.waits;
    }
    return !m.waits || too_much(t, &m);
}

static bool on_note(struct talk *t, struct str payload)
{
    if (str_starts(payload, S(ASK_NO_LINES)))
        t->a->no_lines = str_zdup(t->a->call->arena, str_from(payload, sizeof ASK_NO_LINES - 1));
    if (quiet(t) && t->a->no_lines)
        return true;                    // who said the time knows where was looked
    if (quiet(t)) {
        snprintf(t->note, sizeof t->note, STR_F, STR_A(str_head(payload, sizeof t->note - 1)));
        return true;
    }
    close_line(t);
    put_foreign(stderr, payload);
    fputc('\n', stderr);
    return true;
}

// Who asked for quiet and for no time, and gets nothing, would believe that there is nothing.
static void tell_note(struct talk *t, uint64_t rows)
{
    if (!t->note[0] || (rows && !t->no_file))
        return;
    fputs("nothing was found in ", stderr);
    put_foreign(stderr, str_z(t->note));
    fputc('\n', stderr);
}

static bool on_end(struct talk *t, struct str payload)
{
    struct ask_end m;
    char rows[32], most[32];
    if (!ask_end_read(payload, &m))
        return err_set(t->e, ERR_PEER, "rusuban-sql sent a damaged end");
    render_end(t->render);
    fflush(stdout);
    t->over = true;
    t->a->rows = m.rows;
    if (!quiet(t))
        fprintf(stderr, "read %s, %s row%s, %.2f s\n", size_text(t->a->call->arena, m.bytes), grouped(m.rows, rows),
                m.rows == 1 ? "" : "s", (double)m.ms / 1000);
    tell_note(t, m.rows);
    if (m.more)
        fprintf(stderr,
                "These are the first %s rows, and there are more: --limit 0 for all, --csv or --json for a program.\n",
                grouped(m.rows, most));
    return true;
}

static bool on_fail(struct talk *t, struct str payload)
{
    render_break(t->render);
    fflush(stdout);
    close_line(t);
    if (!ask_fail_read(payload, t->e))
        err_set(t->e, ERR_PEER, "rusuban-sql failed and did not say why");
    return false;
}

static bool on_heard(struct talk *t, struct str payload)
{
    return !payload.n || err_set(t->e, ERR_PEER, "rusuban-sql sent a damaged greeting");
}

static bool on_columns(struct talk *t, struct str payload)
{
    return render_columns(t->render, payload) || err_set(t->e, ERR_PEER, "rusuban-sql sent damaged columns");
}

static bool on_rows(struct talk *t, struct str payload)
{
    t->slow_said = true;
    if (!render_rows(t->render, payload))
        return err_set(t->e, ERR_PEER, "rusuban-sql sent damaged rows");
    return !ferror(stdout) || call_flush(t->e);
}

static bool on_frame(struct talk *t, const struct ask_frame *f)
{
    static bool (*const on[ASK_TYPES])(struct talk *, struct str) = {
        [ASK_NOTE] = on_note, [ASK_ESTIMATE] = on_estimate, [ASK_COLUMNS] = on_columns, [ASK_ROWS] = on_rows,
        [ASK_END] = on_end, [ASK_FAIL] = on_fail, [ASK_HEARD] = on_heard};
    if (!on[f->type])
        return err_set(t->e, ERR_PEER, "rusuban-sql said something unexpected (%d)", (int)f->type);
    return on[f->type](t, f->payload);
}

// The person may have joined what they did not mean to. Once, and only while nothing comes.
static void say_slow(struct talk *t)
{
    t->slow_said = true;
    if (quiet(t))
        return;
    close_line(t);
    fprintf(stderr, "%d s and no answer yet; Ctrl-C ends the question, a narrower --day, --from or --to makes it"
            " shorter\n", slow_ms() / 1000);
}

static void wait_for_more(struct talk *t)
{
    struct pollfd p = {.fd = t->fd, .events = POLLIN};
    while (!t->slow_said && poll(&p, 1, slow_ms()) == 0)
        say_slow(t);
}

// ---- the conversation ----

static bool take_frames(struct talk *t, struct buf *in)
{
    struct ask_frame f;
    size_t used = 0, n = 0;
    while (!t->over && (n = ask_cut(str_from(buf_str(in), used), &f, t->e)) != 0 && n != SIZE_MAX) {
        if (!on_frame(t, &f))
            return false;
        used += n;
    }
    if (n == SIZE_MAX)
        return false;
    memmove(in->p, in->p + used, in->n - used);
    buf_cut(in, in->n - used);
    return true;
}

static bool converse(struct talk *t)
{
    static char piece[256 << 10];
    OWN_BUF struct buf in = buf_make(2 * (size_t)ASK_MAX), job = buf_make(ASK_JOB_MAX),
        frame = buf_make(ASK_JOB_MAX + ASK_HEAD);
    ask_job_put(&job, &t->a->job);
    if (!buf_ok(&job, t->e))
        return err_set(t->e, ERR_INPUT, "the question is longer than 1 MB");
    ask_put(&frame, ASK_JOB, buf_str(&job));
    if (!fd_write_all(t->fd, buf_str(&frame), t->e))
        return err_in(t->e, "ask rusuban-sql");
    while (!t->over) {
        wait_for_more(t);
        ssize_t n = read(t->fd, piece, sizeof piece);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            close_line(t);
            return err_set(t->e, ERR_PEER, "rusuban-sql ended in the middle of the answer");
        }
        buf_add(&in, (struct str){piece, (size_t)n});
        if (!take_frames(t, &in))
            return false;
    }
    return true;
}

static bool on_far_frame(void *arg, const struct ask_frame *f)
{
    return on_frame(arg, f);
}

static void on_far_slow(void *arg)
{
    say_slow(arg);
}

// As when rusuban-sql says it itself: the line that stands open ends, and the rows that came are shown.
static bool converse_far(struct talk *t)
{
    struct far_question q = {.data = t->a->call->data, .job = &t->a->job, .slow_ms = slow_ms(), .slow = on_far_slow,
                             .on = on_far_frame, .arg = t};
    if (far_ask(t->a->call->arena, &q, t->e))
        return true;
    render_break(t->render);
    fflush(stdout);
    close_line(t);
    return false;
}

static size_t terminal_width(void)
{
    struct winsize w;
    if (!isatty(STDOUT_FILENO))
        return 0;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col >= 20 ? w.ws_col : 80;
}

static struct str who(struct arena *a)
{
    const struct passwd *p = getpwuid(getuid());
    return p ? str_dup(a, str_z(p->pw_name)) : str_f(a, "uid:%u", (unsigned)getuid());
}

bool asking_style(const struct call *c, enum render_style *out, struct err *e)
{
    bool csv = call_flag(c, "csv"), exact = call_flag(c, "exact");
    *out = !csv ? c->json ? RENDER_JSON : RENDER_TABLE : exact ? RENDER_EXACT : RENDER_CSV;
    if (csv && c->json)
        return err_set(e, ERR_INPUT, "--csv and --json: choose one");
    if (!exact || csv)
        return true;
    err_set(e, ERR_INPUT, "--exact says how CSV is written");
    return err_hint(e, "--csv --exact; a table and JSON are exact always");
}

bool asking_run(struct asking *a, struct err *e)
{
    pid_t pid = 0;
    OWN_FD fd = -1;
    signal(SIGPIPE, SIG_IGN);
    a->job.utc = a->style == RENDER_JSON;
    a->job.person = who(a->call->arena);
    a->job.confirm_over = a->yes ? 0 : a->job.confirm_over ? a->job.confirm_over : ask_before();
    bool far = far_is(a->call->data);
    if (!far && !reach(a->call, &fd, &pid, e))
        return false;
    FILE *nowhere = a->mute ? fopen("/dev/null", "we") : NULL;
    struct talk t = {.a = a, .fd = fd, .e = e,
                     .render = render_new(nowhere ? nowhere : stdout, a->style, terminal_width(),
                                          a->call->colour && isatty(STDOUT_FILENO))};
    render_part(t.render, a->part);
    bool ok = far ? converse_far(&t) : converse(&t);
    render_free(t.render);
    if (nowhere)
        fclose(nowhere);
    own_fd_close(&fd);
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    return ok;
}
