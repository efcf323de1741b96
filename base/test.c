// test.c: runs the unit tests that linked themselves in, one after the other in one process.
//
//     build/test/units                # all
//     build/test/units json           # those whose file or name holds "json"
//
// It is linked into the units alone, never into the program (Makefile).
#include "base/test.h"
#include "base/file.h"
#include "base/say.h"
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct test *first, **last = &first;
static const struct test *running;
static unsigned failures;           // of the running test
static char dir[256];               // of the running test; "" until it asks
static int said = -1;               // what it said

// In link order, so that a file's tests run in the order they are written.
void test_add(struct test *t)
{
    *last = t;
    last = &t->next;
}

void test_failed(const char *file, int line, const char *what, ...)
{
    failures++;
    printf("FAIL %s:%d %s: ", file, line, running->name);
    va_list ap;
    va_start(ap, what);
    vprintf(what, ap);
    va_end(ap);
    putchar('\n');
}

void check_str(const char *file, int line, const char *what, struct str got, struct str want)
{
    if (!str_eq(got, want))
        test_failed(file, line, "%s is \"" STR_F "\", not \"" STR_F "\"", what, STR_A(got), STR_A(want));
}

void check_int(const char *file, int line, const char *what, int64_t got, int64_t want)
{
    if (got != want)
        test_failed(file, line, "%s is %lld, not %lld", what, (long long)got, (long long)want);
}

const char *test_dir(void)
{
    if (dir[0])
        return dir;
    const char *tmp = getenv("TMPDIR");
    snprintf(dir, sizeof dir, "%s/rusuban-test-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(dir)) {
        perror(dir);
        exit(1);
    }
    return dir;
}

static void drop_dir(void)
{
    struct err e;
    if (dir[0] && !tree_remove(dir, &e))
        fprintf(stderr, "%s\n", e.text);
    dir[0] = '\0';
}

static void hold_back(void)
{
    said = memfd_create("said", MFD_CLOEXEC);
    if (said < 0 || fcntl(said, F_SETFL, O_APPEND) < 0) {
        perror("memfd_create");
        exit(1);
    }
}

// Also within a signal handler.
static void tell_said(void)
{
    char part[4096];
    off_t at = 0;
    for (ssize_t n; (n = pread(said, part, sizeof part, at)) > 0; at += n)
        if (write(STDERR_FILENO, part, (size_t)n) < 0)
            return;
}

static void forget_said(void)
{
    say_into(said);
    if (ftruncate(said, 0) < 0)
        perror("ftruncate");
}

// An assertion has told its own place already; add which test it was, and end as before.
static void on_abort(int sig)
{
    char line[300];
    int n = snprintf(line, sizeof line, "FAIL %s:0 %s: it ended the process\n", running->file, running->name);
    if (write(STDOUT_FILENO, line, (size_t)n) < 0)
        _exit(1);
    tell_said();
    signal(sig, SIG_DFL);
}

static bool wanted(const struct test *t, const char *filter)
{
    return !filter || strstr(t->file, filter) || strstr(t->name, filter);
}

int main(int argc, char **argv)
{
    unsigned passed = 0, failed = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGABRT, on_abort);
    signal(SIGPIPE, SIG_IGN);
    hold_back();
    for (const struct test *t = first; t; t = t->next) {
        if (!wanted(t, argc > 1 ? argv[1] : NULL))
            continue;
        running = t;
        failures = 0;
        forget_said();
        t->run();
        drop_dir();
        if (failures)
            tell_said();
        *(failures ? &failed : &passed) += 1;
    }
    printf("units: %u passed, %u failed\n", passed, failed);
    return failed ? 1 : 0;
}
