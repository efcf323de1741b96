// links.c: see links.h.
#include "log/links.h"
#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS_MAX = 8 };

// Not blocking: a pipe of that name would make us wait for its writer.
static int open_itself(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
}

// Where the link leads, from where it stands, and who made it. What is looked at is the one link, whatever comes in its
// place.
static bool read_link(char path[static PATH_MAX], uid_t *owner)
{
    char to[PATH_MAX], whole[2 * PATH_MAX];
    struct stat st;
    OWN_FD fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return false;
    ssize_t n = readlinkat(fd, "", to, sizeof to - 1);
    if (n < 0)
        return false;
    to[n] = 0;
    const char *slash = strrchr(path, '/');
    int before = to[0] == '/' || !slash ? 0 : (int)(slash - path) + 1;
    int length = snprintf(whole, sizeof whole, "%.*s%s", before, path, to);
    if (length >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(path, whole, (size_t)length + 1);
    *owner = st.st_uid;
    return true;
}

static bool all_may_lead_to(const uid_t *owners, size_t n, int fd)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return false;
    for (size_t i = 0; i < n; i++)
        if (owners[i] != 0 && owners[i] != geteuid() && owners[i] != st.st_uid) {
            errno = EPERM;
            return false;
        }
    return true;
}

int links_open(const char *path)
{
    char at[PATH_MAX];
    uid_t owners[LINKS_MAX];
    if (strlen(path) >= sizeof at) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(at, path);
    for (size_t n = 0;; n++) {
        OWN_FD fd = open_itself(at);
        if (fd >= 0)
            return all_may_lead_to(owners, n, fd) ? fd_give(&fd) : -1;
        if (errno != ELOOP || n == LINKS_MAX || !read_link(at, &owners[n]))
            return -1;
    }
}
