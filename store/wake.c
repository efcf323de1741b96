// wake.c: one role taps another on the shoulder: an empty datagram to DIR/run/ROLE.wake. What there is to do
// stands in the store, so a lost datagram costs time (roles also look by themselves now and then), never work.
//
// A socket's path may have 107 bytes and a data directory more, so both ends name it through a descriptor of the
// directory: /proc/self/fd/N/ROLE.wake.
#include "store/store.h"
#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static bool address(int dir, const char *role, struct sockaddr_un *un)
{
    un->sun_family = AF_UNIX;
    int n = snprintf(un->sun_path, sizeof un->sun_path, "/proc/self/fd/%d/%s.wake", dir, role);
    return n > 0 && (size_t)n < sizeof un->sun_path;
}

static int open_run(const char *data_dir)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    return open(str_zf(&a, "%s/run", data_dir), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int new_socket(void)
{
    return socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

void wake_role(const char *data_dir, const char *role)
{
    OWN_FD dir = open_run(data_dir);
    OWN_FD fd = new_socket();
    struct sockaddr_un un;
    if (dir < 0 || fd < 0 || !address(dir, role, &un))
        return;
    // A full queue means that the role has been tapped already.
    (void)!sendto(fd, "", 0, MSG_NOSIGNAL, (struct sockaddr *)&un, sizeof un);
}

bool wake_listen(const char *data_dir, const char *role, int *out, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    const char *run = str_zf(&a, "%s/run", data_dir), *name = str_zf(&a, "%s.wake", role);
    struct sockaddr_un un;
    if (!dir_make(run, 0700, e))
        return false;
    OWN_FD dir = open_run(data_dir);
    OWN_FD fd = new_socket();
    if (dir < 0 || fd < 0)
        return err_set(e, ERR_IO, "listen on %s/%s: %m", run, name);
    if (!address(dir, role, &un))
        return err_set(e, ERR_INPUT, "the name of role %s is too long", role);
    if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)      // left by a process that was killed
        return err_set(e, ERR_IO, "remove %s/%s: %m", run, name);
    if (bind(fd, (struct sockaddr *)&un, sizeof un) < 0 || fchmodat(dir, name, 0600, 0) < 0)
        return err_set(e, ERR_IO, "listen on %s/%s: %m", run, name);
    *out = fd_give(&fd);
    return true;
}

void wake_drain(int fd)
{
    char byte;
    while (recv(fd, &byte, 1, 0) >= 0)
        ;
}
