#include "base/test.h"
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(memory_is_zeroed_aligned_and_apart)
{
    OWN_ARENA struct arena a = arena_make(16 << 20);
    unsigned char *before = NULL;
    size_t before_n = 0;
    for (size_t i = 0; i < 2000; i++) {
        size_t n = i * 7 % 900 + 1, align = (size_t)1 << i % 5;
        unsigned char *p = arena_take(&a, n, align);
        CHECK((uintptr_t)p % align == 0);
        for (size_t k = 0; k < n; k++)
            if (p[k])
                test_failed(__FILE__, __LINE__, "byte %zu of %zu is not zero", k, n);
        memset(p, 0xAA, n);
        CHECK(!before || p >= before + before_n || p + n <= before);
        before = p;
        before_n = n;
    }
}

TEST(a_piece_larger_than_a_block_gets_its_own)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    char *big = arena_take(&a, 5 << 20, 1);
    memset(big, 1, 5 << 20);
    CHECK(NEW(&a, int64_t) != NULL);
    CHECK(arena_take(&a, 0, 1) != NULL);
}

TEST(a_dropped_arena_can_be_used_again)
{
    OWN_ARENA struct arena a = arena_make(1000);
    for (int i = 0; i < 10; i++) {
        CHECK(arena_take(&a, 900, 1) != NULL);
        arena_drop(&a);
    }
}

TEST(going_over_the_ceiling_ends_the_process)
{
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGABRT, SIG_DFL);
        close(STDERR_FILENO);
        struct arena a = arena_make(1000);
        arena_take(&a, 600, 1);
        arena_take(&a, 600, 1);
        _exit(0);
    }
    int status = 0;
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

TEST(an_arena_that_is_cleared_gives_zeroed_memory_again)
{
    struct arena a = arena_make(1 << 20);
    for (int round = 0; round < 3; round++) {
        for (int n = 0; n < 50; n++) {
            unsigned char *p = arena_take(&a, 300, 1);
            for (int i = 0; i < 300; i++)
                CHECK_INT(p[i], 0);
            memset(p, 0xA5, 300);
        }
        arena_clear(&a);
        CHECK_INT(a.used, 0);
    }
    memset(arena_take(&a, 100000, 1), 0xA5, 100000);        // more than the first block
    arena_clear(&a);
    CHECK(!*(char *)arena_take(&a, 1, 1));
    arena_drop(&a);
    CHECK(!a.last);
}

TEST(copies_end_with_a_nul_and_may_hold_some)
{
    OWN_ARENA struct arena a = arena_make(1 << 16);
    struct str s = str_dup(&a, S("a\0b"));
    CHECK_STR(s, S("a\0b"));
    CHECK_INT(s.p[3], 0);
    CHECK_INT(strlen(str_zdup(&a, S(""))), 0);
    struct str f = str_f(&a, "%d-%s", 7, "x");
    CHECK_STR(f, S("7-x"));
    CHECK_INT(f.p[f.n], 0);
    CHECK(strcmp(str_zf(&a, "%5.1f", 1.25), "  1.2") == 0);
}
