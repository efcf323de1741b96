#include "base/file.h"
#include "base/test.h"
#include "store/store.h"
#include <poll.h>

static bool woken(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) == 1;
}

TEST(a_tap_arrives_and_is_gone_when_drained)
{
    struct err e;
    OWN_FD fd = -1;
    CHECK(wake_listen(test_dir(), "releaser", &fd, &e));
    CHECK(!woken(fd));
    wake_role(test_dir(), "releaser");
    wake_role(test_dir(), "releaser");
    CHECK(woken(fd));
    wake_drain(fd);
    CHECK(!woken(fd));
}

TEST(nobody_there_is_no_error_and_a_full_queue_does_not_wait)
{
    struct err e;
    OWN_FD fd = -1;
    wake_role(test_dir(), "releaser");
    CHECK(wake_listen(test_dir(), "releaser", &fd, &e));
    for (int i = 0; i < 5000; i++)
        wake_role(test_dir(), "releaser");
    CHECK(woken(fd));
}

TEST(a_killed_role_leaves_its_socket_and_the_next_one_takes_the_name)
{
    struct err e;
    OWN_FD old = -1;
    OWN_FD fd = -1;
    CHECK(wake_listen(test_dir(), "watcher", &old, &e));
    CHECK(wake_listen(test_dir(), "watcher", &fd, &e));
    wake_role(test_dir(), "watcher");
    CHECK(woken(fd) && !woken(old));
}

TEST(a_data_directory_longer_than_a_socket_path)
{
    OWN_ARENA struct arena a = arena_make(1 << 16);
    OWN_BUF struct buf name = buf_make(300);
    struct err e;
    OWN_FD fd = -1;
    buf_addn(&name, 'd', 200);
    const char *dir = str_zf(&a, "%s/%s", test_dir(), buf_z(&name));
    CHECK(dir_make(dir, 0700, &e));
    CHECK(wake_listen(dir, "releaser", &fd, &e));
    wake_role(dir, "releaser");
    CHECK(woken(fd));
}
