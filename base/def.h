// def.h: what the compiler can check or do for us: must-use results, printf checking, OWN_ variables.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_USE        __attribute__((warn_unused_result))
#define PRINTF(f, a)    __attribute__((format(printf, f, a)))
#define UNUSED          __attribute__((unused))
#define ARRAY_LEN(a)    (sizeof(a) / sizeof((a)[0]))

// An OWN_ variable closes itself at the end of its scope, so an early return is always right.
#define OWN(fn)         __attribute__((cleanup(fn)))

void own_fd_close(int *fd);
void own_mem_free(void *p);     // p points at the pointer

#define OWN_FD          OWN(own_fd_close) int
#define OWN_MEM         OWN(own_mem_free)

// Gives the descriptor away: the OWN_FD forgets it.
static inline int fd_give(int *fd)
{
    int got = *fd;
    *fd = -1;
    return got;
}
