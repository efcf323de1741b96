#include "base/fault.h"
#include "base/test.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(the_nth_call_of_its_kind_fails_once)
{
    fault_set(FAULT_SQL, 3);
    errno = 0;
    CHECK(!fault_hit(FAULT_SQL) && !fault_hit(FAULT_FILE) && !fault_hit(FAULT_SQL));
    CHECK_INT(errno, 0);
    CHECK(fault_hit(FAULT_SQL));
    CHECK_INT(errno, EIO);
    CHECK(!fault_hit(FAULT_SQL));
    CHECK_INT(fault_count(FAULT_SQL), 4);
    fault_set(FAULT_SQL, 0);
    CHECK_INT(fault_count(FAULT_SQL), 0);
}

TEST(a_process_dies_at_the_named_point_and_passing)
{
    static const struct { const char *wish; bool dies; } rows[] = {
        {"step", true}, {"step#1", true}, {"step#2", true}, {"step#3", false}, {"other", false}, {"ste", false}, {"stepp", false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int status = 0;
        pid_t pid = fork();
        if (pid == 0) {
            setenv("RUSUBAN_DIE", rows[i].wish, 1);
            fault_die_at("step");
            fault_die_at("step");
            _exit(0);
        }
        CHECK(waitpid(pid, &status, 0) == pid);
        CHECK_INT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, rows[i].dies);
    }
}
