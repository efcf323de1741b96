// git.c: words and environment for git(1).
#include "release/git.h"
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *git_mirror(struct arena *a, const char *data, const struct service *svc)
{
    return str_zf(a, "%s/repos/" STR_F ".git", data, STR_A(svc->name));
}

static void words(struct arena *a, const char *data, const struct service *svc, bool tree, struct strs *argv)
{
    static const char *const options[] = {"-c", "core.hooksPath=/dev/null",      "-c", "gc.auto=0",
                                          "-c", "maintenance.auto=false",        "-c", "advice.detachedHead=false",
                                          "-c", "core.autocrlf=false",           "-c", "safe.directory=*",
                                          "-c", "fetch.recurseSubmodules=false", NULL};
    vec_push(a, argv, S("git"));
    vec_push(a, argv, str_f(a, "--git-dir=%s", git_mirror(a, data, svc)));
    if (tree)
        vec_push(a, argv, str_f(a, "--work-tree=%s/builds/" STR_F "/tree", data, STR_A(svc->name)));
    for (const char *const *o = options; *o; o++)
        vec_push(a, argv, str_z(*o));
}

void git_words(struct arena *a, const char *data, const struct service *svc, struct strs *argv)
{
    words(a, data, svc, true, argv);
}

void git_compare_words(struct arena *a, const char *data, const struct service *svc, struct strs *argv)
{
    words(a, data, svc, false, argv);
    vec_push(a, argv, S("-c"));
    vec_push(a, argv, S("core.attributesFile=/dev/null"));
    vec_push(a, argv, S("-c"));
    vec_push(a, argv, S("core.quotePath=false"));
    vec_push(a, argv, S("diff-tree"));
}

const char **git_argv(struct arena *a, const struct strs *words)
{
    const char **z = NEW_N(a, const char *, words->n + 1);
    for (size_t i = 0; i < words->n; i++)
        z[i] = str_zdup(a, words->at[i]);
    return z;
}

// git runs in DIR/run, so that ssh's options hold relative names without blanks (git splits them by the shell's rules).
static const char *const *env_with(struct arena *a, const char *index)
{
    const char **env = NEW_N(a, const char *, 12);
    size_t n = 0;
    env[n++] = "GIT_CONFIG_NOSYSTEM=1";
    env[n++] = "GIT_CONFIG_GLOBAL=/dev/null";
    env[n++] = "GIT_TERMINAL_PROMPT=0";
    env[n++] = "GIT_ASKPASS=/bin/false";
    env[n++] = "GIT_ALLOW_PROTOCOL=ssh:https:file";
    env[n++] = "GIT_SSH_COMMAND=ssh -F none -i ../keys/forge -o IdentitiesOnly=yes -o BatchMode=yes "
               "-o StrictHostKeyChecking=yes -o UserKnownHostsFile=../known_hosts -o ConnectTimeout=10 "
               "-o ServerAliveInterval=5 -o ForwardAgent=no";
    env[n++] = index;
    env[n] = NULL;
    return env;
}

const char *const *git_env(struct arena *a, const char *data, const struct service *svc)
{
    return env_with(a, str_zf(a, "GIT_INDEX_FILE=%s/builds/" STR_F "/index", data, STR_A(svc->name)));
}

const char *const *git_compare_env(struct arena *a)
{
    return env_with(a, "GIT_INDEX_FILE=/nonexistent/index");
}

static int remove_lock(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st, (void)where;
    if (type == FTW_F && str_ends(str_z(path), S(".lock")))
        unlink(path);
    return 0;
}

void git_unlock(const char *mirror)
{
    char path[4200];
    static const char *const single[] = {"HEAD.lock", "config.lock", "packed-refs.lock", "shallow.lock",
                                         "FETCH_HEAD.lock"};
    for (size_t i = 0; i < ARRAY_LEN(single); i++) {
        snprintf(path, sizeof path, "%s/%s", mirror, single[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/refs", mirror);
    nftw(path, remove_lock, 16, FTW_PHYS);
}

// Where the repository lives, as `rusuban host trust --forge` wants it: NAME or NAME:PORT. Empty when not behind ssh.
static struct str forge_of(struct str repository)
{
    struct str rest = repository;
    if (str_starts(rest, S("/")) || str_starts(rest, S("https://")))
        return S("");
    bool url = str_starts(rest, S("ssh://"));
    rest = url ? str_from(rest, 6) : rest;
    struct str place = str_cut(&rest, url ? '/' : ':'), name = place;
    str_cut(&name, '@');
    return name.n ? name : place;
}

// What ssh, a forge or git itself put before a reason. "error: " is left to the last line: git says it of every
// reference.
static bool is_reason(struct str line)
{
    static const char *const begins[] = {"fatal: ", "ssh: ", "ERROR: ", "remote: ERROR",
                                         "kex_exchange_identification: ",
                                         "Connection closed by ", "Connection reset by ", "Connection timed out"};
    for (size_t i = 0; i < ARRAY_LEN(begins); i++)
        if (str_starts(line, str_z(begins[i])))
            return true;
    return str_find(line, S("Permission denied")) >= 0 || str_find(line, S("Host key verification failed")) >= 0;
}

static struct str reason_line(struct str said)
{
    for (struct str rest = said; rest.n;) {
        struct str line = str_trim(str_cut(&rest, '\n'));
        if (is_reason(line))
            return line;
    }
    return str_last_line(said);
}

static bool says(struct str said, const char *what)
{
    return str_find(said, str_z(what)) >= 0;
}

struct str git_reason(struct arena *a, const struct service *svc, struct str said, struct str *hint)
{
    struct str forge = forge_of(svc->repository), why = str_head(reason_line(said), 400);
    *hint = S("");
    if (says(said, "could not read Username") || says(said, "could not read Password"))
        *hint = S("a private repository needs an ssh address and our key at the forge: rusuban host key --forge");
    else if (!forge.n)
        return str_dup(a, why);
    else if (says(said, "REMOTE HOST IDENTIFICATION HAS CHANGED"))
        *hint = str_f(a, "when you know why: rusuban host trust " STR_F " --forge --replace", STR_A(forge));
    else if (says(said, "Host key verification failed"))
        *hint = str_f(a, "rusuban host trust " STR_F " --forge", STR_A(forge));
    else if (says(said, "Identity file") && says(said, "not accessible"))
        *hint = S("there is no key for the forge yet: rusuban host key --forge");
    else if (says(said, "Permission denied") || says(said, "ERROR: "))
        *hint = S("does the forge know our key, with read access to this repository? rusuban host key --forge");
    return str_dup(a, why);
}

bool git_revision_ok(struct str rev)
{
    if (rev.n == 0 || rev.n > 200 || rev.p[0] == '-')
        return false;
    for (size_t i = 0; i < rev.n; i++)
        if ((unsigned char)rev.p[i] <= ' ' || rev.p[i] == 0x7F)
            return false;
    return true;
}

struct str git_said_branch(struct str wanted, struct str branch)
{
    static const char hex[] = "0123456789abcdef";
    size_t n = 0;
    while (n < wanted.n && memchr(hex, wanted.p[n], sizeof hex - 1))
        n++;
    return wanted.n == 0 || (n == wanted.n && n >= 7) ? branch : wanted;
}
