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

void git_words(struct arena *a, const char *data, const struct service *svc, struct strs *argv)
{
    static const char *const options[] = {"-c", "core.hooksPath=/dev/null",      "-c", "gc.auto=0",
                                          "-c", "maintenance.auto=false",        "-c", "advice.detachedHead=false",
                                          "-c", "core.autocrlf=false",           "-c", "safe.directory=*",
                                          "-c", "fetch.recurseSubmodules=false", NULL};
    vec_push(a, argv, S("git"));
    vec_push(a, argv, str_f(a, "--git-dir=%s", git_mirror(a, data, svc)));
    vec_push(a, argv, str_f(a, "--work-tree=%s/builds/" STR_F "/tree", data, STR_A(svc->name)));
    for (const char *const *o = options; *o; o++)
        vec_push(a, argv, str_z(*o));
}

const char **git_argv(struct arena *a, const struct strs *words)
{
    const char **z = NEW_N(a, const char *, words->n + 1);
    for (size_t i = 0; i < words->n; i++)
        z[i] = str_zdup(a, words->at[i]);
    return z;
}

// git runs in DIR/run, so that ssh's options hold relative names without blanks (git splits them by the shell's rules).
const char *const *git_env(struct arena *a, const char *data, const struct service *svc)
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
    env[n++] = str_zf(a, "GIT_INDEX_FILE=%s/builds/" STR_F "/index", data, STR_A(svc->name));
    env[n] = NULL;
    return env;
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

bool git_revision_ok(struct str rev)
{
    if (rev.n == 0 || rev.n > 200 || rev.p[0] == '-')
        return false;
    for (size_t i = 0; i < rev.n; i++)
        if ((unsigned char)rev.p[i] <= ' ' || rev.p[i] == 0x7F)
            return false;
    return true;
}
