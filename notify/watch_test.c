#include "base/clock.h"
#include "base/file.h"
#include "base/test.h"
#include "notify/notify.h"
#include "store/notice.h"
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// A house with one notifier, "chat": a script that first does `before`, then appends what it was told to `told`.
static void furnish(struct arena *a, const char *before)
{
    struct err e;
    const char *tell = str_zf(a, "%s/tell", test_dir());
    struct str script = str_f(a, "#!/bin/sh\ncd %s || exit 9\n%s\n"
                                 "{ echo \"$RUSUBAN_SERVICE $RUSUBAN_RELEASE $RUSUBAN_EVENT\"; cat; echo; } >>told\n",
                              test_dir(), before);
    struct str site = str_f(a, "site: s\ntimezone: UTC\nnotifiers:\n  chat: {command: [\"%s\"]}\n", tell);
    CHECK(file_write(tell, script, 0700, &e));
    CHECK(file_write(str_zf(a, "%s/site.yaml", test_dir()), site, 0600, &e));
}

// Our own connection is always opened after the fork: SQLite's do not survive one.
static pid_t start_watcher(struct arena *a)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    struct err e;
    dup2(open("/dev/null", O_WRONLY), 2);
    _exit(watcher_run(str_zf(a, "%s/site.yaml", test_dir()), test_dir(), &e) ? 0 : 1);
}

static void write_notices(struct arena *a, int n)
{
    OWN_DB struct db *db = NULL;
    struct strs to = {0};
    struct err e;
    vec_push(a, &to, S("chat"));
    CHECK(store_open(test_dir(), &db, &e));
    for (int i = 1; i <= n; i++)
        CHECK(notice_add(db, S("web"), i, "release.done", S("{\"ok\":true}"), &to, &e));
    wake_role(test_dir(), "watcher");
}

static int64_t unsent(void)
{
    OWN_DB struct db *db = NULL;
    struct err e;
    int64_t n = -1;
    CHECK(store_open(test_dir(), &db, &e));
    CHECK(sql_int(db, &e, &n, "select count(*) from notice where sent_at is null", NO_VALS));
    return n;
}

static bool all_sent_within(int64_t ms)
{
    for (int64_t until = tick_ms() + ms; tick_ms() < until; usleep(20000))
        if (unsent() == 0)
            return true;
    return false;
}

static struct str told(struct arena *a)
{
    struct str text = S("");
    struct err e;
    return file_read(a, str_zf(a, "%s/told", test_dir()), 1 << 16, &text, &e) ? text : S("");
}

static size_t count(struct str text, struct str what)
{
    size_t n = 0;
    for (ptrdiff_t at; (at = str_find(text, what)) >= 0; n++)
        text = str_from(text, (size_t)at + what.n);
    return n;
}

static void end(pid_t pid, int sig)
{
    int status = -1;
    kill(pid, sig);
    CHECK(waitpid(pid, &status, 0) == pid);
    CHECK_INT(status, sig == SIGKILL ? SIGKILL : 0);
}

TEST(each_notice_reaches_its_notifier_with_all_it_needs)
{
    OWN_ARENA struct arena a = arena_make(4 << 20);
    furnish(&a, ":");
    pid_t pid = start_watcher(&a);
    write_notices(&a, 12);
    CHECK(all_sent_within(10000));
    CHECK_INT(count(told(&a), S("{\"ok\":true}")), 12);     // four at once: lines may mix
    CHECK_INT(count(told(&a), S("web 7 release.done\n")), 1);
    end(pid, SIGTERM);
}

TEST(a_failed_try_is_made_again)
{
    OWN_ARENA struct arena a = arena_make(4 << 20);
    furnish(&a, "[ -e tried ] || { touch tried; echo not now >&2; exit 7; }");
    pid_t pid = start_watcher(&a);
    write_notices(&a, 1);
    CHECK(all_sent_within(10000));
    CHECK_INT(count(told(&a), S("web 1 ")), 1);
    end(pid, SIGTERM);
}

TEST(a_watcher_killed_on_the_way_sends_again)
{
    OWN_ARENA struct arena a = arena_make(4 << 20);
    furnish(&a, "[ -e tried ] || { touch tried; exec sleep 30; }");
    pid_t pid = start_watcher(&a);
    write_notices(&a, 1);
    for (int i = 0; i < 500 && !path_exists(str_zf(&a, "%s/tried", test_dir())); i++)
        usleep(10000);
    end(pid, SIGKILL);
    CHECK_INT(unsent(), 1);
    pid = start_watcher(&a);
    CHECK(all_sent_within(10000));
    CHECK_INT(count(told(&a), S("web 1 ")), 1);
    end(pid, SIGTERM);
}

TEST(an_orderly_end_waits_for_what_is_on_its_way)
{
    OWN_ARENA struct arena a = arena_make(4 << 20);
    furnish(&a, "touch tried; sleep 0.3");
    pid_t pid = start_watcher(&a);
    write_notices(&a, 1);
    for (int i = 0; i < 500 && !path_exists(str_zf(&a, "%s/tried", test_dir())); i++)
        usleep(10000);
    end(pid, SIGTERM);
    CHECK_INT(unsent(), 0);
}

TEST(a_site_file_with_a_mistake_keeps_notices_waiting)
{
    OWN_ARENA struct arena a = arena_make(4 << 20);
    struct err e;
    CHECK(file_write(str_zf(&a, "%s/site.yaml", test_dir()), S("siet: s\n"), 0600, &e));
    pid_t pid = start_watcher(&a);
    write_notices(&a, 1);
    usleep(300000);
    CHECK_INT(unsent(), 1);
    furnish(&a, ":");
    kill(pid, SIGHUP);      // do not wait for the next look
    CHECK(all_sent_within(5000));
    end(pid, SIGTERM);
}
