// def.c: the closers behind OWN_ variables.
#include "base/def.h"
#include <stdlib.h>
#include <unistd.h>

void own_fd_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void own_mem_free(void *p)
{
    free(*(void **)p);
    *(void **)p = NULL;
}
