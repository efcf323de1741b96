// file.c: reading and replacing whole files, making and removing directories. What is written is durable or absent.
#include "base/file.h"
#include "base/fault.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_read(struct arena *a, const char *path, size_t max, struct str *out, struct err *e)
{
    OWN_FD fd = fault_hit(FAULT_FILE) ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "open %s: %m", path);
    if (S_ISDIR(st.st_mode))
        return err_set(e, ERR_IO, "%s is a directory", path);
    // A regular file tells its size; growing a buffer covers what does not (pipes, /proc).
    OWN_BUF struct buf b = buf_make(max + 1);
    char part[16384];
    ssize_t k;
    while ((k = read(fd, part, sizeof part)) > 0 && b.n <= max)
        buf_add(&b, (struct str){part, (size_t)k});
    if (k < 0)
        return err_set(e, ERR_IO, "read %s: %m", path);
    if (b.failed || b.n > max)
        return err_set(e, ERR_LIMIT, "%s is larger than %zu bytes", path, max);
    *out = str_dup(a, buf_str(&b));
    return true;
}

bool fd_write_all(int fd, struct str text, struct err *e)
{
    while (text.n) {
        ssize_t n = fault_hit(FAULT_FILE) ? -1 : write(fd, text.p, text.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(e, ERR_IO, "write: %m");
        text = str_from(text, (size_t)n);
    }
    return true;
}

bool dir_sync(const char *path, struct err *e)
{
    OWN_FD fd = fault_hit(FAULT_FILE) ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0)
        return err_set(e, ERR_IO, "flush %s: %m", path);
    return true;
}

static bool fill(const char *temporary, struct str text, mode_t mode, struct err *e)
{
    OWN_FD fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0)
        return err_set(e, ERR_IO, "create %s: %m", temporary);
    if (fchmod(fd, mode) < 0 || !fd_write_all(fd, text, e))
        return err_in(e, "%s", temporary);
    if (fault_hit(FAULT_FILE) || fsync(fd) < 0)
        return err_set(e, ERR_IO, "flush %s: %m", temporary);
    return true;
}

bool file_write(const char *path, struct str text, mode_t mode, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    const char *slash = strrchr(path, '/');
    struct str dir = slash ? (struct str){path, slash == path ? 1 : (size_t)(slash - path)} : S(".");
    const char *temporary = str_zf(&a, "%s.tmp-%d", path, (int)getpid());
    if (!fill(temporary, text, mode, e)) {
        unlink(temporary);
        return false;
    }
    if (fault_hit(FAULT_FILE) || rename(temporary, path) < 0) {
        err_set(e, ERR_IO, "rename %s: %m", temporary);
        unlink(temporary);
        return false;
    }
    return dir_sync(str_zdup(&a, dir), e);
}

bool dir_make(const char *path, mode_t mode, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    char *p = str_zdup(&a, str_z(path));
    for (char *slash = strchr(p + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (mkdir(p, mode) < 0 && errno != EEXIST)
            return err_set(e, ERR_IO, "make directory %s: %m", p);
        *slash = '/';
    }
    if ((fault_hit(FAULT_FILE) || mkdir(p, mode) < 0) && errno != EEXIST)
        return err_set(e, ERR_IO, "make directory %s: %m", p);
    struct stat st;
    if (stat(p, &st) < 0 || !S_ISDIR(st.st_mode))
        return err_set(e, ERR_IO, "%s is not a directory", p);
    return true;
}

bool path_exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

bool file_lock(const char *path, int *fd, struct err *e)
{
    *fd = fault_hit(FAULT_FILE) ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd < 0)
        return err_set(e, ERR_IO, "open %s: %m", path);
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
        return true;
    err_set(e, errno == EWOULDBLOCK ? ERR_STATE : ERR_IO, "lock %s: %m", path);
    own_fd_close(fd);
    return false;
}

static bool remove_at(int at, const char *name, struct err *e);

static bool remove_inside(int fd, struct err *e)
{
    DIR *d = fdopendir(fd);
    if (!d) {
        close(fd);
        return err_set(e, ERR_IO, "open a directory: %m");
    }
    bool ok = true;
    for (struct dirent *x; ok && (x = readdir(d));)
        if (strcmp(x->d_name, ".") != 0 && strcmp(x->d_name, "..") != 0)
            ok = remove_at(dirfd(d), x->d_name, e);
    closedir(d);
    return ok;
}

static bool remove_at(int at, const char *name, struct err *e)
{
    if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
        return true;
    if (errno != EISDIR && errno != EPERM)
        return err_set(e, ERR_IO, "remove %s: %m", name);
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == EACCES && fchmodat(at, name, 0700, 0) == 0)
        fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_set(e, ERR_IO, "open %s: %m", name);
    fchmod(fd, 0700);   // a build may leave directories without write permission
    if (!remove_inside(fd, e))
        return err_in(e, "%s", name);
    if (unlinkat(at, name, AT_REMOVEDIR) < 0)
        return err_set(e, ERR_IO, "remove %s: %m", name);
    return true;
}

bool tree_remove(const char *path, struct err *e)
{
    if (fault_hit(FAULT_FILE))
        return err_set(e, ERR_IO, "remove %s: %m", path);
    return remove_at(AT_FDCWD, path, e);
}
