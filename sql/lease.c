// lease.c: see lease.h.
#include "sql/lease.h"
#include "base/file.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

// Held, or of a living process that is about to hold it.
static bool in_use(const char *path, const char *name)
{
    char process[64];
    snprintf(process, sizeof process, "/proc/%d", atoi(name));
    if (atoi(name) <= 0 || (path_exists(process) && atoi(name) != getpid()))
        return true;
    OWN_FD fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0;
}

static void closedir_own(DIR **d)
{
    if (*d)
        closedir(*d);
}

bool spill_sweep(const char *lake, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    const char *dir = str_zf(&a, "%s/spill", lake);
    if (!dir_make(dir, 0750, e))
        return false;
    OWN(closedir_own) DIR *d = opendir(dir);
    for (struct dirent *x; d && (x = readdir(d)) != NULL;) {
        const char *path = str_zf(&a, "%s/%s", dir, x->d_name);
        struct err ignored;
        if (x->d_name[0] != '.' && !in_use(path, x->d_name) && !tree_remove(path, &ignored))
            return err_set(e, ERR_IO, "remove what a session left behind: %s", ignored.text);
    }
    return true;
}

bool spill_make(struct arena *a, const char *lake, unsigned n, const char **path, int *fd, struct err *e)
{
    *path = str_zf(a, "%s/spill/%d-%u", lake, (int)getpid(), n);
    if (!tree_remove(*path, e) || !dir_make(*path, 0750, e))
        return false;
    *fd = open(*path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0 || flock(*fd, LOCK_EX | LOCK_NB) < 0)
        return err_set(e, ERR_IO, "hold %s: %m", *path);
    return true;
}

int lease_begin(const char *spill, struct err *e)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/lease", spill);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && lease_holds(fd, 0, e))
        return fd;
    err_set(e, ERR_IO, "take %s: %m", path);
    if (fd >= 0)
        close(fd);
    return -1;
}

bool lease_holds(int fd, uint64_t generation, struct err *e)
{
    char text[32];
    int n = snprintf(text, sizeof text, "%llu\n", (unsigned long long)generation);
    return pwrite(fd, text, (size_t)n, 0) == n || err_set(e, ERR_IO, "write the lease: %m");
}
