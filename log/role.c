// role.c: the role `sql` of a house: becomes rusuban-sql, which answers at DATA/run/sql.sock. Where that program is
// absent, or the site has no logs, there is nothing to do, and the role says so once and waits.
#include "log/log.h"
#include "base/say.h"
#include "log/asking.h"
#include "site/site.h"
#include "web/fresh.h"
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

// true when the house wants us to end.
static bool wait_a_second(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    bool end = sigtimedwait(&set, NULL, &(struct timespec){.tv_sec = 1}) > 0;
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    return end;
}

// false: asked to end first.
static bool wait_for_logs(const char *site, const char *data)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct fresh f = {.path = site, .kept = fresh_kept(&a, data)};
    bool end = false;
    for (fresh_look(&f); !end && !(f.good && f.good->log.datasets.n); fresh_look(&f))
        end = wait_a_second();
    fresh_drop(&f);
    return !end;
}

static bool wait_for_program(struct arena *a, const char **path)
{
    struct err e = {0};
    bool said = false;
    while (!sql_program(a, path, &e)) {
        if (!said)
            say_err("sql.absent", &e);
        said = true;
        if (wait_a_second())
            return false;
    }
    return true;
}

bool sqlserver_run(const char *site, const char *data, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 20);
    const char *path, *const argv[] = {"rusuban-sql", "--site", site, "--data", data, "serve", NULL};
    if (!wait_for_logs(site, data) || !wait_for_program(&a, &path))
        return true;
    execv(path, (char *const *)(uintptr_t)argv);
    return err_set(e, ERR_IO, "start %s: %m", path);
}
