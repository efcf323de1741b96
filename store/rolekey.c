// rolekey.c: reads a role's key file and makes it on first use: complete under a name of its own, then linked to its
// place. link(2) never replaces, so of two processes that make it at once one wins and both read the winner's.
#include "store/rolekey.h"
#include "base/fault.h"
#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool make_key(struct arena *a, const char *dir, const char *path, const char *role, struct err *e)
{
    OWN_ROLEKEY struct rolekey key;
    const char *mine = str_zf(a, "%s/.%s.%d", dir, role, (int)getpid());
    randombytes_buf(key.bytes, sizeof key.bytes);
    if (!dir_make(dir, 0700, e) || !file_write(mine, (struct str){(char *)key.bytes, sizeof key.bytes}, 0600, e))
        return false;
    bool linked = !fault_hit(FAULT_FILE) && link(mine, path) == 0;
    bool ok = linked || errno == EEXIST || err_set(e, ERR_IO, "make %s: %m", path);
    unlink(mine);
    return ok && dir_sync(dir, e);
}

// Not file_read: its buffers would leave copies of the key behind.
static bool read_key(const char *path, struct rolekey *out, struct err *e)
{
    OWN_FD fd = fault_hit(FAULT_FILE) ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "open %s: %m", path);
    if (st.st_mode & 077) {
        err_set(e, ERR_STATE, "%s can be read by others (mode %03o)", path, (unsigned)st.st_mode & 0777);
        return err_hint(e, "chmod 600 %s", path);
    }
    ssize_t n = read(fd, out->bytes, sizeof out->bytes);
    if (n < 0)
        return err_set(e, ERR_IO, "read %s: %m", path);
    if (n != sizeof out->bytes || st.st_size != sizeof out->bytes)
        return err_set(e, ERR_STATE, "%s is not a key: it has %lld bytes, not %zu", path, (long long)st.st_size,
                       sizeof out->bytes);
    return true;
}

bool rolekey_read(const char *data_dir, const char *role, bool make, struct rolekey *out, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    if (sodium_init() < 0)
        return err_set(e, ERR_IO, "no source of random numbers");
    const char *dir = str_zf(&a, "%s/keys", data_dir), *path = str_zf(&a, "%s/%s.key", dir, role);
    if (read_key(path, out, e))
        return true;
    return make && e->kind == ERR_NOT_FOUND && make_key(&a, dir, path, role, e) && read_key(path, out, e);
}
