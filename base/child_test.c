#include "base/child.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/test.h"
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

// A script run to its end; *e is only filled when it fails.
static bool sh(struct arena *a, const char *script, struct child_spec spec, struct child_result *r, struct err *e)
{
    const char *argv[] = {"sh", "-c", script, NULL};
    spec.argv = argv;
    *e = (struct err){0};
    *r = (struct child_result){0};
    return child_run(a, &spec, r, e);
}

static int descriptors(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (d && readdir(d))
        n++;
    closedir(d);
    return n;
}

TEST(a_child_gives_back_what_it_said_and_how_it_ended)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct child_result r;
    struct err e;
    CHECK(sh(&a, "echo out; echo err >&2", (struct child_spec){.max_output = 100}, &r, &e));
    CHECK(child_ok(&r));
    CHECK_STR(r.out, S("out\n"));
    CHECK_STR(r.err, S("err\n"));
    CHECK_INT(r.out.p[r.out.n], 0);
    CHECK_INT(r.status, 0);
    CHECK(r.took_ms >= 0 && r.took_ms < 5000);
}

TEST(how_a_child_ended_becomes_a_sentence)
{
    static const struct { const char *script; enum err_kind kind; const char *says; } rows[] = {
        {"exit 3", ERR_PEER, "sh exited with 3"},
        {"echo one >&2; echo 'two  ' >&2; echo >&2; exit 1", ERR_PEER, "sh exited with 1: two"},
        {"kill -9 $$", ERR_PEER, "sh was ended by signal 9 (Killed)"},
        {"kill -PIPE $$; exit 0", ERR_PEER, "sh was ended by signal 13 (Broken pipe)"},     // though we ignore it
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_ARENA struct arena a = arena_make(1 << 20);
        struct child_result r;
        struct err e;
        CHECK(!sh(&a, rows[i].script, (struct child_spec){.max_output = 100}, &r, &e));
        CHECK_INT(e.kind, rows[i].kind);
        CHECK_STR(str_z(e.text), str_z(rows[i].says));
    }
}

TEST(a_program_that_is_not_there_is_named)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    const char *argv[] = {"no-such-program", NULL};
    struct child_spec spec = {.argv = argv};
    struct child_result r;
    struct err e = {0};
    CHECK(!child_run(&a, &spec, &r, &e));
    CHECK_INT(e.kind, ERR_IO);
    CHECK_STR(str_z(e.text), S("start no-such-program: No such file or directory"));
    CHECK(strstr(e.hint, "install no-such-program"));
}

TEST(a_directory_is_where_it_runs_or_why_it_does_not)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct child_result r;
    struct err e;
    CHECK(sh(&a, "pwd -P", (struct child_spec){.max_output = 300, .dir = test_dir()}, &r, &e));
    CHECK_STR(str_trim(r.out), str_z(test_dir()));
    CHECK(!sh(&a, "pwd", (struct child_spec){.dir = "/nowhere/at/all"}, &r, &e));
    CHECK_INT(e.kind, ERR_IO);
}

TEST(the_environment_is_what_was_given_and_nothing_else)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    const char *argv[] = {"env", NULL}, *env[] = {"SERVICE=web", "EMPTY=", NULL};
    struct child_spec spec = {.argv = argv, .env = env, .max_output = 8192};
    struct child_result r;
    struct err e;
    setenv("SECRET_OF_OURS", "swordfish", 1);
    setenv("HOME", "/tmp", 1);
    CHECK(child_run(&a, &spec, &r, &e));
    CHECK_STR(r.out, str_f(&a, "PATH=%s\nHOME=/tmp\nLANG=C.UTF-8\nSERVICE=web\nEMPTY=\n", getenv("PATH")));
    unsetenv("SECRET_OF_OURS");
}

TEST(no_descriptor_of_ours_reaches_a_child)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    const char *argv[] = {"ls", "/proc/self/fd", NULL};
    struct child_spec spec = {.argv = argv, .max_output = 8192};
    struct child_result r;
    struct err e;
    OWN_FD leaky = dup2(STDIN_FILENO, 77);      // not close-on-exec
    OWN_FD low = dup(STDIN_FILENO);
    CHECK(leaky == 77 && low > 2);
    CHECK(child_run(&a, &spec, &r, &e));
    CHECK_STR(r.out, S("0\n1\n2\n3\n"));         // 3 is ls's own
}

TEST(no_descriptor_stays_open_here_whatever_happens)
{
    OWN_ARENA struct arena a = arena_make(16 << 20);
    struct child_result r;
    struct err e;
    CHECK(sh(&a, "true", (struct child_spec){0}, &r, &e));
    int before = descriptors();
    for (int i = 0; i < 20; i++) {
        CHECK(!sh(&a, "cat; exit 1", (struct child_spec){.input = S("x"), .max_output = 1}, &r, &e));
        CHECK(!sh(&a, "true", (struct child_spec){.dir = "/nowhere/at/all", .input = S("x")}, &r, &e));
        fault_set(FAULT_CHILD, 1);
        CHECK(!sh(&a, "true", (struct child_spec){.input = S("x")}, &r, &e));
        fault_set(FAULT_CHILD, 0);
        CHECK_INT(e.kind, ERR_IO);
    }
    CHECK_INT(descriptors(), before);
}

TEST(closed_standard_streams_do_not_confuse_the_start)
{
    pid_t pid = fork();
    if (pid == 0) {
        OWN_ARENA struct arena a = arena_make(1 << 20);
        struct child_result r;
        struct err e;
        for (int fd = 0; fd < 5; fd++)
            close(fd);
        bool ok = sh(&a, "cat; echo err >&2", (struct child_spec){.input = S("in"), .max_output = 10}, &r, &e);
        _exit(ok && str_eq(r.out, S("in")) && str_eq(r.err, S("err\n")) ? 0 : 1);
    }
    int status = -1;
    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

TEST(input_larger_than_a_pipe_goes_in_while_output_comes_out)
{
    OWN_ARENA struct arena a = arena_make(32 << 20);
    OWN_BUF struct buf big = buf_make(4 << 20);
    struct child_result r;
    struct err e;
    for (int i = 0; i < 300000; i++)
        buf_addf(&big, "%08d\n", i);
    CHECK(sh(&a, "cat", (struct child_spec){.input = buf_str(&big), .max_output = 4 << 20}, &r, &e));
    CHECK(str_eq(r.out, buf_str(&big)));
    CHECK(sh(&a, "head -c 10", (struct child_spec){.input = buf_str(&big), .max_output = 100}, &r,
             &e)); // reads no further
    CHECK_STR(r.out, S("00000000\n0"));
    CHECK(sh(&a, "wc -c", (struct child_spec){.max_output = 100}, &r, &e));     // nothing given: at its end at once
    CHECK_STR(str_trim(r.out), S("0"));
}

TEST(output_beyond_its_bound_is_counted)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct child_result r;
    struct err e;
    CHECK(
        sh(&a, "head -c 1000000 /dev/zero; head -c 150 /dev/zero >&2", (struct child_spec){.max_output = 100}, &r, &e));
    CHECK_INT(r.out.n, 100);
    CHECK_INT(r.err.n, 100);
    CHECK_INT(r.dropped, 999900 + 50);
}

TEST(a_deadline_ends_the_whole_group)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct child_result r;
    struct err e;
    CHECK(!sh(&a, "sleep 60 | sleep 60", (struct child_spec){.deadline_ms = 100, .max_output = 10}, &r, &e));
    CHECK_INT(e.kind, ERR_LATE);
    CHECK(r.late && !r.stopped && r.took_ms >= 100 && r.took_ms < 5000);
    CHECK(strstr(e.text, "sh was ended after") && strstr(e.text, "its deadline"));
}

TEST(a_deadline_met_is_no_deadline)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct child_result r;
    struct err e;
    CHECK(sh(&a, "sleep 0.05", (struct child_spec){.deadline_ms = 5000}, &r, &e));
    CHECK(!r.late && r.took_ms < 4000);
}

TEST(a_grandchild_that_holds_the_output_is_waited_for_one_second)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct child_result r;
    struct err e;
    CHECK(sh(&a, "sleep 4 & echo done", (struct child_spec){.max_output = 100}, &r, &e));
    CHECK_STR(r.out, S("done\n"));
    CHECK(r.took_ms >= 900 && r.took_ms < 3000);
}

// ---- in the loop ----

struct heard { struct loop *loop; struct child *child; struct buf text; struct child_result result; int done; };

static void on_output(void *arg, struct str piece)
{
    struct heard *h = arg;
    buf_add(&h->text, piece);
    if (h->child && str_find(buf_str(&h->text), S("stop me")) >= 0)
        child_stop(h->child);
}

static void on_done(void *arg, const struct child_result *r)
{
    struct heard *h = arg;
    h->result = *r;
    h->done++;
    loop_stop(h->loop);
}

static void hear(struct heard *h, const char *script)
{
    struct err e;
    const char *argv[] = {"sh", "-c", script, NULL};
    struct child_spec spec = {.argv = argv, .on_output = on_output};
    *h = (struct heard){.loop = loop_new(&e), .text = buf_make(1 << 20)};
    h->child = child_start(h->loop, &spec, on_done, h, &e);
    CHECK(h->child && child_pid(h->child) > 0);
    loop_run(h->loop);
    loop_free(h->loop);
    CHECK_INT(h->done, 1);
}

TEST(output_comes_in_pieces_and_none_is_kept)
{
    struct heard h;
    hear(&h, "echo one; sleep 0.05; echo two >&2");
    CHECK_STR(buf_str(&h.text), S("one\ntwo\n"));
    CHECK(h.result.out.n == 0 && h.result.err.n == 0 && child_ok(&h.result));
    buf_drop(&h.text);
}

TEST(a_stopped_child_is_asked_first_and_tells_that_it_was)
{
    struct heard h;
    struct err e;
    hear(&h, "trap 'echo bye; exit 0' TERM; echo stop me; while :; do sleep 0.02; done");
    CHECK(str_ends(buf_str(&h.text), S("bye\n")));
    CHECK(h.result.stopped && !h.result.late && h.result.status == 0);
    CHECK(!child_ok(&h.result));
    CHECK(!child_err("sh", &h.result, &e));
    CHECK_INT(e.kind, ERR_STATE);
    buf_drop(&h.text);
}

// The kernel's promise: a child ends when we do. As a subreaper we hear of our grandchild's end.
TEST(a_child_does_not_outlive_us)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    const char *file = str_zf(&a, "%s/pid", test_dir());
    struct str text = S("");
    struct err e;
    int64_t child = 0;
    int status = 0;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t pid = fork();
    if (pid == 0) {
        struct child_result r;
        _exit(sh(&a, str_zf(&a, "echo $$ >%s.new; mv %s.new %s; exec sleep 600", file, file, file),
                 (struct child_spec){0}, &r, &e));
    }
    for (int i = 0; i < 500 && !path_exists(file); i++)
        usleep(10000);
    kill(pid, SIGKILL);
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(file_read(&a, file, 100, &text, &e) && str_i64(str_trim(text), &child));
    CHECK(waitpid((pid_t)child, &status, 0) == (pid_t)child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    prctl(PR_SET_CHILD_SUBREAPER, 0);
}
