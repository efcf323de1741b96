// clear_fuzz.c: any bytes as a file: it ends, and big and small pieces give the same verdict and the same text. What
// libzstd unpacks of a damaged frame before it sees the damage depends on the room it is given, so there only the
// verdict counts.
#include "log/clear.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool x)
{
    if (!x)
        abort();
}

enum { ENOUGH = 1 << 20 };          // of a text that unpacks into more than anybody waits for

static bool read_in(const uint8_t *data, size_t size, size_t step, struct buf *out, struct err *e)
{
    char piece[4096];
    size_t n = 1;
    int fd = memfd_create("clear", MFD_CLOEXEC);
    must(fd >= 0 && write(fd, data, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0);
    struct clear *c = clear_of(fd, "input", e);
    bool ok = c != NULL;
    while (ok && n && out->n < ENOUGH && (ok = clear_read(c, piece, step, &n, e)))
        buf_add(out, (struct str){piece, n});
    must(!c || (clear_at(c) == out->n && clear_eaten(c) <= size));
    clear_close(c);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = {0}, e2 = {0};
    OWN_BUF struct buf big = buf_make(ENOUGH + 8192), small = buf_make(ENOUGH + 8192);
    bool ok = read_in(data, size, 4096, &big, &e);
    bool ok2 = read_in(data, size, 100, &small, &e2);
    if (big.n < ENOUGH && small.n < ENOUGH) {
        bool zstd = size >= 4 && data[0] != 0x1f;
        must(ok == ok2 && (ok || (e.kind == ERR_INPUT && e2.kind == ERR_INPUT)));
        must(ok ? str_eq(buf_str(&small), buf_str(&big))
                : zstd || str_starts(buf_str(&small), buf_str(&big)) || str_starts(buf_str(&big), buf_str(&small)));
    }
    return 0;
}
