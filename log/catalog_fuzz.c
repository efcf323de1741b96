// catalog_fuzz.c: any bytes as a manifest. What is read is written and read again, the same.
#include "base/file.h"
#include "log/catalog.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[96], again[96];
    struct catalog c, back;
    struct err e;
    OWN_ARENA struct arena a = arena_make(64 << 20);
    if (size > 64 << 10)
        return 0;
    snprintf(path, sizeof path, "/dev/shm/catalog-fuzz-%d", (int)getpid());
    snprintf(again, sizeof again, "/dev/shm/catalog-fuzz-%d-again", (int)getpid());
    if (!file_write(path, (struct str){(const char *)data, size}, 0600, &e))
        abort();
    if (!catalog_read(&a, path, &c, &e))
        return 0;
    c.months.n = 0;             // they name other files
    if (!catalog_write(&a, again, &c, false, &e) || !catalog_read(&a, again, &back, &e))
        abort();
    size_t kept = 0;
    for (size_t i = 0; i < c.files.n; i++)
        kept += c.files.at[i].state != FILE_SEALED;
    if (back.files.n != kept || back.schema.n != c.schema.n || back.done != c.done || back.generation != c.generation)
        abort();
    return 0;
}
