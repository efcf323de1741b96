// fault.c: the counters behind fault.h; only test builds have them.
#include "base/fault.h"
#ifdef RUSUBAN_FAULTS
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
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

void fault_die_at(const char *point)
{
    static unsigned passed;
    unsigned nth = wanted("RUSUBAN_DIE", point);
    if (nth && ++passed == nth)
        kill(getpid(), SIGKILL);
}
#endif
