#include "base/clock.h"
#include "base/file.h"
#include "base/keeper.h"
#include "base/test.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// A keeper in a process of its own. Everybody below it holds the write end of a pipe, so the read end's end of file
// says that nobody is left.
struct kept { pid_t keeper; int alive; };

static struct kept start(const char *script)
{
    int ends[2];
    const char *dir = test_dir();       // before the fork, or each process has one of its own
    CHECK(pipe(ends) == 0);
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    char *words[] = {strdup("sh"), strdup("-c"), strdup(script), NULL};
    struct kept k = {fork(), ends[0]};
    if (k.keeper == 0) {
        setpgid(0, 0);      // as child.c starts it
        // Shells announce whom a signal ended; the test's output is not the place.
        if (chdir(dir) < 0 || !freopen("/dev/null", "w", stderr))
            _exit(99);
        _exit(keeper_main(words));
    }
    close(ends[1]);
    for (int i = 0; i < 3; i++)
        free(words[i]);
    return k;
}

static int status_of(pid_t pid)
{
    int status = -1;
    CHECK(waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Everybody is gone, and it took no longer than this.
static void check_gone(struct kept *k, int within_ms)
{
    struct pollfd p = {.fd = k->alive, .events = POLLIN};
    char c;
    CHECK(poll(&p, 1, within_ms) == 1);
    CHECK(p.revents && read(k->alive, &c, 1) == 0);
    close(k->alive);
}

static void wait_for(const char *name)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", test_dir(), name);
    for (int i = 0; i < 500 && !path_exists(path); i++)
        usleep(10000);
    CHECK(path_exists(path));
}

TEST(the_keeper_ends_as_its_command_did)
{
    static const struct { const char *script; int status; } rows[] = {
        {"exit 0", 0}, {"exit 7", 7}, {"kill -9 $$", 137}, {"kill -TERM $$", 143}, {"exec /nowhere/at/all", 127}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct kept k = start(rows[i].script);
        CHECK_INT(status_of(k.keeper), rows[i].status);
        check_gone(&k, 0);
    }
}

TEST(a_command_that_does_not_exist_is_127)
{
    char *words[] = {strdup("/nowhere/at/all"), NULL};
    pid_t pid = fork();
    if (pid == 0) {
        close(2);
        _exit(keeper_main(words));
    }
    CHECK_INT(status_of(pid), 127);
    free(words[0]);
}

// setsid leaves the process group, the double fork leaves the parent: what a daemon does.
#define DAEMONS "setsid sh -c 'sleep 600 & sleep 600 & touch up; wait' & (setsid sleep 600 &) & " \
                "while [ ! -e up ]; do sleep 0.02; done; "

TEST(nobody_outlives_the_end_of_the_command)
{
    struct kept k = start(DAEMONS "exit 3");
    CHECK_INT(status_of(k.keeper), 3);
    check_gone(&k, 0);
}

TEST(nobody_outlives_a_term)
{
    struct kept k = start(DAEMONS "touch ready; sleep 600");
    wait_for("ready");
    CHECK(kill(k.keeper, SIGTERM) == 0);
    CHECK_INT(status_of(k.keeper), 143);
    check_gone(&k, 0);
}

TEST(term_is_sent_once_and_leaves_time_to_clean_up)
{
    struct kept k = start("trap 'echo x >>terms; sleep 0.3; exit 5' TERM; touch ready; while :; do sleep 0.05; done");
    wait_for("ready");
    CHECK(kill(-k.keeper, SIGTERM) == 0);       // as child_stop ends it
    CHECK_INT(status_of(k.keeper), 5);
    OWN_ARENA struct arena a = arena_make(1 << 16);
    struct str text = S("");
    struct err e;
    CHECK(file_read(&a, str_zf(&a, "%s/terms", test_dir()), 100, &text, &e));
    CHECK_STR(text, S("x\n"));
    check_gone(&k, 0);
}

TEST(who_does_not_listen_is_killed_after_five_seconds)
{
    int64_t begun = tick_ms();
    struct kept k = start("trap '' TERM; setsid sh -c 'trap \"\" TERM; touch deaf; while :; do sleep 0.1; done' & "
                          "while [ ! -e deaf ]; do sleep 0.02; done; exit 0");
    CHECK_INT(status_of(k.keeper), 0);
    int64_t took = tick_ms() - begun;
    CHECK(took >= 5000 && took < 8000);
    check_gone(&k, 0);
}

TEST(nobody_outlives_the_parent)
{
    int ends[2];
    test_dir();
    CHECK(pipe(ends) == 0);
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    pid_t parent = fork();
    if (parent == 0) {
        struct kept k = start(DAEMONS "touch ready; sleep 600");
        close(k.alive);
        wait_for("ready");
        _exit(0);
    }
    close(ends[1]);
    struct kept k = {parent, ends[0]};
    CHECK_INT(status_of(parent), 0);
    check_gone(&k, 3000);
}

TEST(a_second_keeper_in_the_directory_waits_for_the_last_of_the_first)
{
    struct kept first = start("trap 'env --ignore-signal=TERM sleep 0.4; echo old >>said; exit 1' TERM; touch ready; "
                              "while :; do sleep 0.02; done");
    wait_for("ready");
    CHECK(kill(first.keeper, SIGTERM) == 0);
    struct kept second = start("echo new >>said");
    CHECK_INT(status_of(second.keeper), 0);
    OWN_ARENA struct arena a = arena_make(1 << 16);
    struct str text = S("");
    struct err e;
    CHECK(file_read(&a, str_zf(&a, "%s/said", test_dir()), 100, &text, &e));
    CHECK_STR(text, S("old\nnew\n"));
    CHECK_INT(status_of(first.keeper), 1);
    check_gone(&first, 0);
    check_gone(&second, 0);
}

TEST(a_keeper_that_waits_can_be_ended)
{
    struct kept first = start("touch ready; sleep 600");
    wait_for("ready");
    struct kept second = start("echo new >>said");
    usleep(100000);
    CHECK(kill(second.keeper, SIGTERM) == 0);
    CHECK_INT(status_of(second.keeper), 143);
    CHECK(kill(first.keeper, SIGTERM) == 0);
    CHECK_INT(status_of(first.keeper), 143);
    char path[300];
    snprintf(path, sizeof path, "%s/said", test_dir());
    CHECK(!path_exists(path));
    check_gone(&first, 0);
    check_gone(&second, 0);
}

static pid_t first_child(pid_t pid)
{
    char path[64], text[64] = "";
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    OWN_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(fd >= 0 && read(fd, text, sizeof text - 1) > 0);
    return (pid_t)atoi(text);
}

TEST(nobody_outlives_a_keeper_that_was_killed_be_it_the_outer_or_the_inner_one)
{
    for (int inner = 0; inner < 2; inner++) {
        struct kept k = start(inner ? DAEMONS "touch inner; sleep 600" : DAEMONS "touch outer; sleep 600");
        wait_for(inner ? "inner" : "outer");
        CHECK(kill(inner ? first_child(k.keeper) : k.keeper, SIGKILL) == 0);
        CHECK_INT(status_of(k.keeper), inner ? 137 : -1);
        check_gone(&k, 3000);
    }
}
