// links_test.c: whose links are followed. As somebody else than root we cannot make links of others, and try our own
// only.
#include "base/file.h"
#include "base/test.h"
#include "log/links.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NOBODY = 65534, ANOTHER = 65533 };

static const char *at(const char *name)
{
    static char path[4][4200];
    static int i;
    snprintf(path[++i % 4], 4200, "%s/%s", test_dir(), name);
    return path[i % 4];
}

static bool opens(const char *name)
{
    char c = 0;
    OWN_FD fd = links_open(at(name));
    return fd >= 0 && read(fd, &c, 1) == 1 && c == 'x';
}

TEST(a_link_is_followed_when_root_or_we_or_the_files_owner_made_it)
{
    struct err e;
    CHECK(file_write(at("file"), S("x"), 0600, &e));
    CHECK(opens("file"));
    CHECK(symlink("file", at("one")) == 0 && symlink(at("one"), at("two")) == 0 && symlink("round", at("round")) == 0);
    CHECK(opens("one"));
    CHECK(opens("two"));
    CHECK(!opens("round"));
    CHECK(!opens("nothing"));
    CHECK_INT(errno, ENOENT);
    if (geteuid() != 0)
        return;
    CHECK(lchown(at("one"), NOBODY, NOBODY) == 0);
    CHECK(!opens("one"));               // of root's file
    CHECK_INT(errno, EPERM);
    CHECK(!opens("two"));               // by way of it
    CHECK(chown(at("file"), NOBODY, NOBODY) == 0);
    CHECK(opens("one") && opens("two"));
    CHECK(chown(at("file"), ANOTHER, ANOTHER) == 0);
    CHECK(!opens("one") && !opens("two"));
}
