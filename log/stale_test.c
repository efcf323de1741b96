// stale_test.c: a file that somebody may still read stays, and goes when the lease is given up.
#include "base/file.h"
#include "base/test.h"
#include "log/stale.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

TEST(replaced_files_wait_for_leases_of_a_time_before)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    const char *file = str_zf(&a, "%s/old.parquet", test_dir()), *session = str_zf(&a, "%s/spill/1", test_dir());
    const char *lease = str_zf(&a, "%s/lease", session);
    struct err e;
    struct stale s;
    setenv("RUSUBAN_PACE_STALE", "0", 1);
    stale_make(&s, test_dir());
    CHECK(file_write(file, S("x"), 0600, &e) && dir_make(session, 0700, &e) && file_write(lease, S("7\n"), 0600, &e));
    OWN_FD fd = open(lease, O_RDWR | O_CLOEXEC);
    CHECK(flock(fd, LOCK_EX) == 0);
    stale_add(&s, file, 8);
    CHECK_INT(stale_sweep(&s, UINT64_MAX), 0);
    CHECK(path_exists(file));
    CHECK(pwrite(fd, "0\n", 2, 0) == 2);            // is reading a catalog at this moment
    CHECK_INT(stale_sweep(&s, UINT64_MAX), 0);
    CHECK(pwrite(fd, "8\n", 2, 0) == 2);
    CHECK_INT(stale_sweep(&s, UINT64_MAX), 1);
    CHECK(!path_exists(file));

    CHECK(file_write(file, S("x"), 0600, &e));
    stale_add(&s, file, 9);
    CHECK_INT(stale_sweep(&s, UINT64_MAX), 0);
    flock(fd, LOCK_UN);                             // its session died
    CHECK_INT(stale_sweep(&s, UINT64_MAX), 1);

    CHECK(file_write(file, S("x"), 0600, &e));
    stale_add(&s, file, 12);
    CHECK_INT(stale_sweep(&s, 11), 0);              // the catalog of that change could not be shown to readers yet
    CHECK(path_exists(file));
    CHECK(unlink(lease) == 0 && symlink("/nowhere", lease) == 0);
    CHECK_INT(stale_sweep(&s, 12), 0);              // whoever cannot be understood may be reading
    CHECK(unlink(lease) == 0);
    CHECK_INT(stale_sweep(&s, 12), 1);
    stale_drop(&s);
    unsetenv("RUSUBAN_PACE_STALE");
}
