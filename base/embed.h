// embed.h: a file of the source tree inside the program, byte for byte, NUL-ended behind its last byte.
//
//     EMBED(host_script, "release/host.sh");      // struct str host_script(void)
//
// The path is from the root of the source tree; the Makefile knows that the object depends on it (DEPENDS below
// each user). Measured: 6 MB take 0.03 s to build this way and 10 s as a C array.
#pragma once
#include "base/str.h"

#define EMBED(name, path)                                                                           \
    __asm__(".pushsection .rodata\n.balign 16\nembed_" #name ":\n.incbin \"" path "\"\n"             \
            "embed_" #name "_end:\n.byte 0\n.popsection\n");                                         \
    extern const char embed_##name[] __attribute__((visibility("hidden")));                          \
    extern const char embed_##name##_end[] __attribute__((visibility("hidden")));                    \
    static inline struct str name(void)                                                              \
    {                                                                                                \
        return (struct str){embed_##name, (size_t)(embed_##name##_end - embed_##name)};              \
    }
