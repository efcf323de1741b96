// fault.c: the counters behind fault.h; only test builds have them.
#include "base/fault.h"
#ifdef RUSUBAN_FAULTS
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const words[FAULT_KINDS] = {"file", "sql", "child"};
static unsigned count[FAULT_KINDS], fail_at[FAULT_KINDS];

// "WORD#N" of an environment variable: N when WORD is the one asked for; "WORD" alone is 1; else 0.
static unsigned wanted(const char *variable, const char *word)
{
    const char *v = getenv(variable);
    size_t n = strlen(word);
    if (!v || strncmp(v, word, n) != 0)
        return 0;
    if (v[n] == 0)
        return 1;
    return v[n] == '#' ? (unsigned)strtoul(v + n + 1, NULL, 10) : 0;
}

static void read_environment(void)
{
    static bool done;
    if (done)
        return;
    done = true;
    for (int k = 0; k < FAULT_KINDS; k++)
        if (!fail_at[k])
            fail_at[k] = wanted("RUSUBAN_FAULT", words[k]);
}

bool fault_hit(enum fault kind)
{
    read_environment();
    if (++count[kind] != fail_at[kind])
        return false;
    errno = EIO;
    return true;
}

void fault_set(enum fault kind, unsigned nth)
{
    read_environment();
    count[kind] = 0;
    fail_at[kind] = nth;
}

unsigned fault_count(enum fault kind)
{
    return count[kind];
}

// true: the file of this point is ours, and was the last.
static bool wanted_once(const char *point)
{
    const char *dir = getenv("RUSUBAN_DIE_ONCE");
    char path[4200];
    struct stat st;
    if (!dir || snprintf(path, sizeof path, "%s/%s", dir, point) >= (int)sizeof path || stat(path, &st) < 0)
        return false;
    if (st.st_size > 0)     // a counter that cannot be counted down would let the crash never come: die at once
        return truncate(path, st.st_size - 1) < 0 && errno != ENOENT;
    return unlink(path) == 0;
}

void fault_die_at(const char *point)
{
    static unsigned passed;
    unsigned nth = wanted("RUSUBAN_DIE", point);
    if ((nth && ++passed == nth) || wanted_once(point))
        kill(getpid(), SIGKILL);
}
#endif
