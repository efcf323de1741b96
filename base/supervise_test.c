#include "base/supervise.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/test.h"
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

// News as lines of a file: "NAME STATE PID RESTARTS TICK WHY".
static void write_news(void *arg, const struct supervised_news *n)
{
    struct err e;
    OWN_BUF struct buf b = buf_make(1024);
    int *fd = arg;
    buf_addf(&b, "%s %d %d %u %lld %s\n", n->name, (int)n->state, (int)n->pid, n->restarts, (long long)tick_ms(),
             n->why);
    CHECK(fd_write_all(*fd, buf_str(&b), &e));
}

struct play { struct arena a; const char *news; pid_t pid; };

// Forks a supervisor of one shell script.
static struct play begin(const char *script)
{
    struct play p = {.a = arena_make(8 << 20)};
    p.news = str_zf(&p.a, "%s/news", test_dir());
    p.pid = fork();
    if (p.pid != 0)
        return p;
    struct err e;
    const char *argv[] = {"sh", "-c", script, NULL};
    struct supervised row = {.name = "it", .argv = argv};
    int fd = open(p.news, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600), quiet = open("/dev/null", O_WRONLY);
    dup2(quiet, 2);
    struct supervise_spec spec = {.path = "/bin/sh", .rows = &row, .n = 1, .news = write_news, .arg = &fd};
    _exit(supervise(&spec, &e) ? 0 : 1);
}

// Waits until the news have n lines; returns them.
static struct str news(struct play *p, size_t n)
{
    struct str text = S("");
    struct err e;
    for (int64_t until = tick_ms() + 10000; tick_ms() < until; usleep(10000)) {
        size_t lines = 0;
        if (file_read(&p->a, p->news, 1 << 16, &text, &e))
            for (size_t i = 0; i < text.n; i++)
                lines += text.p[i] == '\n';
        if (lines >= n)
            return text;
    }
    test_failed(__FILE__, __LINE__, "no %zu lines of news: " STR_F, n, STR_A(text));
    return text;
}

static pid_t last_pid(struct str text)
{
    int64_t pid = 0;
    while (text.n) {
        struct str line = str_cut(&text, '\n');
        (void)str_word(&line), (void)str_word(&line);
        if (!str_i64(str_word(&line), &pid))
            pid = 0;
    }
    return (pid_t)pid;
}

static int end(struct play *p, int sig)
{
    int status = -1;
    kill(p->pid, sig);
    CHECK(waitpid(p->pid, &status, 0) == p->pid);
    arena_drop(&p->a);
    return status;
}

// Orphans come to us (we made ourselves their reaper): waiting for one shows that it ended.
static bool gone_within(pid_t pid, int64_t ms)
{
    for (int64_t until = tick_ms() + ms; tick_ms() < until; usleep(5000))
        if (waitpid(pid, NULL, WNOHANG) == pid)
            return true;
    return false;
}

TEST(what_ends_is_started_again_later_each_time)
{
    struct play p = begin("exit 7");
    struct str text = news(&p, 8), rest = text;
    int64_t at[4] = {0};
    for (int i = 0; i < 8; i++) {       // up, waiting, up, waiting, ...
        struct str line = str_cut(&rest, '\n');
        if (i % 2)
            CHECK(str_ends(line, S("exited with 7")));
        for (int k = 0; k < 4; k++)
            (void)str_word(&line);
        if (i % 2 == 0)
            CHECK(str_i64(str_word(&line), &at[i / 2]));
    }
    CHECK(at[1] - at[0] >= 100 && at[2] - at[1] >= 200 && at[3] - at[2] >= 400);
    CHECK_INT(end(&p, SIGTERM), 0);
}

TEST(an_orderly_end_waits_for_the_step_in_flight)
{
    struct play p = begin("trap 'sleep 0.3; exit 0' TERM; while :; do sleep 0.05; done");
    pid_t pid = last_pid(news(&p, 1));
    usleep(100000);
    int64_t before = tick_ms();
    CHECK_INT(end(&p, SIGTERM), 0);
    CHECK(tick_ms() - before >= 250);
    CHECK(kill(pid, 0) < 0);
}

TEST(a_second_signal_kills_at_once)
{
    struct play p = begin("trap '' TERM; while :; do sleep 0.05; done");
    pid_t pid = last_pid(news(&p, 1));
    usleep(100000);
    kill(p.pid, SIGTERM);
    usleep(100000);
    CHECK(kill(pid, 0) == 0);
    CHECK_INT(end(&p, SIGINT), 0);
    CHECK(kill(pid, 0) < 0);
}

TEST(a_killed_supervisor_takes_its_processes_with_it)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    struct play p = begin("exec sleep 30");
    pid_t pid = last_pid(news(&p, 1));
    CHECK(end(&p, SIGKILL) == SIGKILL);
    CHECK(gone_within(pid, 2000));
    prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST(hup_is_passed_on)
{
    struct play p = begin("trap 'exit 3' HUP; while :; do sleep 0.02; done");
    (void)news(&p, 1);
    usleep(100000);
    kill(p.pid, SIGHUP);
    CHECK(str_find(news(&p, 2), S("exited with 3")) >= 0);
    CHECK_INT(end(&p, SIGTERM), 0);
}

TEST(a_program_that_is_not_there_is_told_as_127)
{
    struct play p = {.a = arena_make(1 << 20)};
    p.news = str_zf(&p.a, "%s/news", test_dir());
    p.pid = fork();
    if (p.pid == 0) {
        struct err e;
        const char *argv[] = {"x", NULL};
        struct supervised row = {.name = "it", .argv = argv};
        int fd = open(p.news, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
        dup2(open("/dev/null", O_WRONLY), 2);
        struct supervise_spec spec = {.path = "/nowhere", .rows = &row, .n = 1, .news = write_news, .arg = &fd};
        _exit(supervise(&spec, &e) ? 0 : 1);
    }
    CHECK(str_find(news(&p, 2), S("exited with 127")) >= 0);
    CHECK_INT(end(&p, SIGTERM), 0);
}

#ifdef RUSUBAN_FAULTS
TEST(a_fork_that_fails_is_tried_again)
{
    fault_set(FAULT_CHILD, 1);      // inherited by the supervisor
    struct play p = begin("exec sleep 30");
    struct str text = news(&p, 2);
    CHECK(str_find(text, S("could not be started")) >= 0);
    CHECK(last_pid(text) > 0);
    CHECK_INT(end(&p, SIGTERM), 0);
    fault_set(FAULT_CHILD, 0);
}
#endif
