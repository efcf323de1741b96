// keeper.c: a subreaper that waits for one command and then for silence below it; and one more around it.
//
// There are two, since one may be killed. The inner one runs the command and ends what it left behind. The outer one
// does the same with the inner one as its command: when that is killed, its orphans come to the outer one; when the
// outer one is killed, the kernel tells the inner one to end.
//
// Whoever is ours is found by walking /proc from parent to child, again and again while we end, because a process may
// fork between two looks. Nobody escapes the walk: an orphan's new parent is the nearest subreaper, and that is us.
#include "base/keeper.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/vec.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    GRACE_MS = 5000,        // from TERM to KILL
    GIVE_UP_MS = 10000,     // a process of another user cannot be ended by us; say so and go
    LOOK_MS = 50,
};

struct process { pid_t pid, parent; bool ours; };
struct processes { struct process *at; size_t n, cap; };

struct keeper {
    pid_t command;
    bool outer;                 // the command is the inner keeper, who tells the others while it lives
    int status;                 // of the command, as waitpid tells it; -1: not yet
    int64_t since;              // when the end began; 0: not yet
    struct arena arena;         // of told
    VEC(pid_t) told;            // who got TERM: once is polite, twice means "at once" to some
};

// ---- who is ours ----

// pid and parent from "PID (NAME) STATE PARENT ..."; the name may hold blanks and parentheses.
static bool read_process(const char *pid, struct process *out)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    OWN_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (n <= 0)
        return false;
    text[n] = 0;
    const char *behind = strrchr(text, ')');
    int parent;
    if (!behind || sscanf(behind, ") %*c %d", &parent) != 1)
        return false;
    *out = (struct process){.pid = (pid_t)atoi(pid), .parent = parent};
    return true;
}

static void list_processes(struct arena *a, struct processes *out)
{
    DIR *d = opendir("/proc");
    struct process p;
    if (!d)
        return;
    for (struct dirent *x; (x = readdir(d));)
        if (x->d_name[0] >= '1' && x->d_name[0] <= '9' && read_process(x->d_name, &p))
            vec_push(a, out, p);
    closedir(d);
}

static bool parent_is_ours(const struct processes *all, pid_t parent)
{
    if (parent == getpid())
        return true;
    for (size_t i = 0; i < all->n; i++)
        if (all->at[i].pid == parent)
            return all->at[i].ours;
    return false;
}

// Generation after generation, until no new one is found.
static void mark_ours(struct processes *all)
{
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < all->n; i++) {
            struct process *p = &all->at[i];
            if (!p->ours && parent_is_ours(all, p->parent))
                p->ours = more = true;
        }
    }
}

// ---- ending them ----

static bool was_told(const struct keeper *k, pid_t pid)
{
    for (size_t i = 0; i < k->told.n; i++)
        if (k->told.at[i] == pid)
            return true;
    return false;
}

static void signal_ours(struct keeper *k)
{
    OWN_ARENA struct arena a = arena_make(64 << 20);
    struct processes all = {0};
    bool hard = tick_ms() - k->since >= GRACE_MS;
    list_processes(&a, &all);
    mark_ours(&all);
    for (size_t i = 0; i < all.n; i++) {
        pid_t pid = all.at[i].pid;
        bool others_task = k->outer && k->status < 0 && pid != k->command;
        if (!all.at[i].ours || (!hard && (others_task || was_told(k, pid))))
            continue;
        kill(pid, hard ? SIGKILL : SIGTERM);
        if (!hard)
            vec_push(&k->arena, &k->told, pid);
    }
}

// false: nobody is left.
static bool reap(struct keeper *k)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (pid == k->command)
            k->status = status;
    return pid == 0 || errno == EINTR;
}

static void begin_end(struct keeper *k)
{
    if (!k->since)
        k->since = tick_ms();
}

static void keep(struct keeper *k, const sigset_t *signals)
{
    static const struct timespec look = {0, LOOK_MS * 1000000L}, for_ever = {3600, 0};
    while (reap(k)) {
        if (k->status >= 0)
            begin_end(k);
        if (k->since && tick_ms() - k->since > (k->outer ? 2 : 1) * GIVE_UP_MS) {
            if (!k->outer)
                fprintf(stderr, "rusuban keeper: a process of another user would not end\n");
            return;
        }
        if (k->since)
            signal_ours(k);
        int sig = sigtimedwait(signals, NULL, k->since ? &look : &for_ever);
        if (sig > 0 && sig != SIGCHLD)
            begin_end(k);
    }
}

// ---- starting the command ----

static void become(char *const *words, const sigset_t *before, pid_t keeper)
{
    // Should somebody kill the keeper itself, at least the command goes with it.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != keeper)
        _exit(127);
    // A TERM to our process group must reach the keeper alone, who tells everybody once.
    setpgid(0, 0);
    sigprocmask(SIG_SETMASK, before, NULL);
    execvp(words[0], words);
    int why = errno;
    if (why == EACCES && access(words[0], F_OK) == 0 && access(words[0], X_OK) != 0)
        fprintf(stderr, "%s is no program yet: chmod +x %s in the repository, and commit that\n", words[0], words[0]);
    else
        fprintf(stderr, "rusuban keeper: %s: %s\n", words[0], strerror(why));
    _exit(why == ENOENT ? 127 : 126);       // as shells do
}

// false: asked to end while another keeper still had the directory. The lock goes with the descriptor, at our exit.
static bool take_directory(const sigset_t *signals)
{
    static const struct timespec look = {0, LOOK_MS * 1000000L};
    int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && (errno == EWOULDBLOCK || errno == EINTR)) {
        int sig = sigtimedwait(signals, NULL, &look);
        if (sig > 0 && sig != SIGCHLD)
            return false;
    }
    return true;        // a file system without locks keeps nobody from building
}

static int exit_status(int status)
{
    if (status < 0)
        return 128 + SIGKILL;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// TERM when the parent is gone: child.c promised KILL, but we need a moment longer to take everybody along.
static bool be_subreaper(pid_t parent)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    return getppid() == parent;
}

static int keep_and_tell(struct keeper *k, const sigset_t *signals)
{
    if (k->command < 0) {
        fprintf(stderr, "rusuban keeper: fork: %s\n", strerror(errno));
        return 126;
    }
    k->arena = arena_make(16 << 20);
    keep(k, signals);
    arena_drop(&k->arena);
    return exit_status(k->status);
}

static int inner_main(char *const *words, const sigset_t *signals, const sigset_t *before, pid_t outer)
{
    struct keeper k = {.status = -1};
    pid_t self = getpid();
    if (!be_subreaper(outer))
        return 128 + SIGTERM;
    k.command = fork();
    if (k.command == 0)
        become(words, before, self);
    return keep_and_tell(&k, signals);
}

int keeper_main(char *const *words)
{
    struct keeper k = {.status = -1, .outer = true};
    pid_t parent = getppid(), self = getpid();
    sigset_t signals, before;
    sigemptyset(&signals);
    for (size_t i = 0; i < 4; i++)
        sigaddset(&signals, (const int[]){SIGCHLD, SIGTERM, SIGINT, SIGHUP}[i]);
    sigprocmask(SIG_BLOCK, &signals, &before);
    signal(SIGCHLD, SIG_DFL);       // an inherited "ignore" would hide the command's end
    if (!be_subreaper(parent) || !take_directory(&signals))
        return 128 + SIGTERM;
    k.command = fork();
    if (k.command == 0)
        _exit(inner_main(words, &signals, &before, self));
    return keep_and_tell(&k, &signals);
}
