#include "base/fault.h"
#include "base/test.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
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
    static const struct { const char *wish; bool dies;
    } rows[] = {{"step", true},   {"step#1", true}, {"step#2", true}, {"step#3", false},
                {"other", false}, {"ste", false},   {"stepp", false}};
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

TEST(a_point_with_a_file_is_deadly_once_and_a_byte_in_it_is_a_passing)
{
    static const struct { const char *text; int wait; } rows[] = {{"", 1}, {"..", 3}};
    char dir[] = "/tmp/rusuban-fault-XXXXXX", path[100];
    CHECK(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/switch:app1:before", dir);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        FILE *f = fopen(path, "w");
        CHECK(f && fputs(rows[i].text, f) >= 0 && fclose(f) == 0);
        for (int life = 1; life <= 2; life++) {         // the second life passes everywhere
            int status = 0;
            pid_t pid = fork();
            if (pid == 0) {
                setenv("RUSUBAN_DIE_ONCE", dir, 1);
                fault_die_at("switch:app1:after");
                for (int n = 1; n <= 3; n++) {
                    if (n > rows[i].wait && life == 1)
                        _exit(1);                       // too late
                    fault_die_at("switch:app1:before");
                }
                _exit(0);
            }
            CHECK(waitpid(pid, &status, 0) == pid);
            CHECK_INT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, life == 1);
            CHECK(life == 1 || status == 0);
        }
        CHECK(access(path, F_OK) < 0);
    }
    rmdir(dir);
}
