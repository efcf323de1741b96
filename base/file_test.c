#include "base/fault.h"
#include "base/file.h"
#include "base/test.h"
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *in(struct arena *a, const char *name)
{
    return str_zf(a, "%s/%s", test_dir(), name);
}

static struct str text_of(struct arena *a, const char *name)
{
    struct str text = S("not read");
    struct err e;
    return file_read(a, in(a, name), 1 << 20, &text, &e) ? text : str_f(a, "%s", e.text);
}

// How many names the test's directory holds.
static int names(void)
{
    int n = -2;     // . and ..
    DIR *d = opendir(test_dir());
    while (d && readdir(d))
        n++;
    closedir(d);
    return n;
}

TEST(a_file_is_read_whole_up_to_its_limit)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct str text;
    struct err e;
    CHECK(file_write(in(&a, "f"), S("12\0" "45"), 0644, &e));
    CHECK(file_read(&a, in(&a, "f"), 5, &text, &e));
    CHECK_STR(text, S("12\0" "45"));
    CHECK_INT(text.p[5], 0);
    CHECK(!file_read(&a, in(&a, "f"), 4, &text, &e));
    CHECK_INT(e.kind, ERR_LIMIT);
    CHECK(file_read(&a, "/proc/self/stat", 4096, &text, &e) && text.n > 10);    // says it has 0 bytes
}

TEST(what_cannot_be_read_says_why)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct str text;
    struct err e;
    CHECK(!file_read(&a, in(&a, "none"), 10, &text, &e));
    CHECK_INT(e.kind, ERR_NOT_FOUND);
    CHECK(strstr(e.text, "none"));
    CHECK(!file_read(&a, test_dir(), 10, &text, &e));
    CHECK_INT(e.kind, ERR_IO);
}

TEST(writing_replaces_and_sets_the_mode_whatever_the_umask)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct stat st;
    struct err e;
    mode_t before = umask(077);
    CHECK(file_write(in(&a, "f"), S("one"), 0644, &e));
    umask(before);
    CHECK(stat(in(&a, "f"), &st) == 0 && (st.st_mode & 07777) == 0644);
    CHECK(file_write(in(&a, "f"), S("two"), 0600, &e));
    CHECK(stat(in(&a, "f"), &st) == 0 && (st.st_mode & 07777) == 0600);
    CHECK_STR(text_of(&a, "f"), S("two"));
    CHECK_INT(names(), 1);
}

TEST(a_link_is_replaced_and_never_written_through)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct err e;
    CHECK(file_write(in(&a, "target"), S("old"), 0644, &e));
    CHECK(symlink("target", in(&a, "link")) == 0);
    CHECK(file_write(in(&a, "link"), S("new"), 0644, &e));
    CHECK_STR(text_of(&a, "target"), S("old"));
    CHECK_STR(text_of(&a, "link"), S("new"));
}

TEST(whichever_call_fails_the_file_is_the_old_or_the_new_one_and_nothing_is_left)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct err e;
    for (unsigned nth = 1;; nth++) {
        CHECK(file_write(in(&a, "f"), S("old"), 0644, &e));
        fault_set(FAULT_FILE, nth);
        bool ok = file_write(in(&a, "f"), S("new"), 0644, &e);
        fault_set(FAULT_FILE, 0);
        struct str text = text_of(&a, "f");
        CHECK(str_eq(text, S("new")) || (!ok && str_eq(text, S("old"))));
        CHECK_INT(names(), 1);
        if (ok) {
            CHECK(nth > 3);     // write, flush, rename, flush of the directory
            return;
        }
        CHECK_INT(e.kind, ERR_IO);
        CHECK(strstr(e.text, test_dir()) != NULL);
    }
}

TEST(a_first_writing_that_fails_leaves_no_file)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct err e;
    for (unsigned nth = 1; nth <= 3; nth++) {
        fault_set(FAULT_FILE, nth);
        CHECK(!file_write(in(&a, "f"), S("new"), 0644, &e));
        fault_set(FAULT_FILE, 0);
        CHECK_INT(names(), 0);
    }
    CHECK(!file_write(in(&a, "no/such/f"), S("new"), 0644, &e));
    CHECK(strstr(e.text, "no/such/f"));
}

TEST(a_full_disk_is_an_io_error_with_its_reason)
{
    struct err e;
    OWN_FD fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    CHECK(!fd_write_all(fd, S("x"), &e));
    CHECK_INT(e.kind, ERR_IO);
    CHECK(strstr(e.text, "No space left"));
}

TEST(directories_are_made_with_their_parents)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct err e;
    CHECK(dir_make(in(&a, "x/y/z"), 0755, &e));
    CHECK(dir_make(in(&a, "x/y/z"), 0755, &e));
    CHECK(dir_make(in(&a, "x/y/w/"), 0755, &e));
    CHECK(path_exists(in(&a, "x/y/z")) && path_exists(in(&a, "x/y/w")));
    CHECK(file_write(in(&a, "f"), S(""), 0644, &e));
    CHECK(!dir_make(in(&a, "f"), 0755, &e));
    CHECK(!dir_make(in(&a, "f/g"), 0755, &e));
    CHECK(dir_sync(test_dir(), &e));
    CHECK(!dir_sync(in(&a, "none"), &e));
}

TEST(a_lock_is_held_once_and_ends_with_its_descriptor)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct err e;
    int first = -1, second = -1;
    CHECK(file_lock(in(&a, "lock"), &first, &e));
    CHECK(!file_lock(in(&a, "lock"), &second, &e));
    CHECK_INT(e.kind, ERR_STATE);
    CHECK_INT(second, -1);
    CHECK(fcntl(first, F_GETFD) & FD_CLOEXEC);
    close(first);
    CHECK(file_lock(in(&a, "lock"), &second, &e));
    close(second);
}

TEST(a_tree_goes_and_what_its_links_point_to_stays)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct err e;
    CHECK(dir_make(in(&a, "keep"), 0755, &e) && file_write(in(&a, "keep/f"), S("x"), 0644, &e));
    CHECK(dir_make(in(&a, "t/a/b"), 0755, &e) && file_write(in(&a, "t/a/b/f"), S("x"), 0444, &e));
    CHECK(symlink("../keep", in(&a, "t/link")) == 0 && symlink("nowhere", in(&a, "t/dangling")) == 0);
    CHECK(chmod(in(&a, "t/a/b"), 0555) == 0 && chmod(in(&a, "t/a"), 0) == 0);
    CHECK(tree_remove(in(&a, "t"), &e));
    CHECK(!path_exists(in(&a, "t")));
    CHECK(path_exists(in(&a, "keep/f")));
    CHECK(tree_remove(in(&a, "t"), &e));
    CHECK(symlink("keep", in(&a, "only")) == 0 && tree_remove(in(&a, "only"), &e) && path_exists(in(&a, "keep/f")));
    CHECK(tree_remove(in(&a, "keep/f"), &e));
    CHECK_INT(names(), 1);
}
