// parquet_read_fuzz.c: any bytes as a Parquet file: nothing outside is read, and what is taken has no negative numbers.
#include "log/parquet_read.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool x)
{
    if (!x)
        abort();
}

// The bytes as they are, and as pages and footer of a file, so that its inside is reached at once.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct parquet_told told;
    struct err e = {0};
    char *file = malloc(size + 12);
    must(file != NULL);
    memcpy(file, data, size);
    must(parquet_check((struct str){file, size}, &told, &e) ? told.rows >= 0 && told.summed <= told.pages
                                                              : e.kind == ERR_CHECK);
    uint32_t footer = (uint32_t)(size ? data[0] < size ? data[0] : size : 0);
    memcpy(file, "PAR1", 4);
    memcpy(file + 4, data, size);
    memcpy(file + 4 + size, &footer, 4);
    memcpy(file + 8 + size, "PAR1", 4);
    must(parquet_check((struct str){file, size + 12}, &told, &e) ? told.rows >= 0 : e.kind == ERR_CHECK);
    free(file);
    return 0;
}
