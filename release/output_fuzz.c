// output_fuzz.c: any bytes in any pieces. The file is whole lines of bounded length without controls; the secret is
// nowhere; and how the bytes were cut into pieces makes no difference.
#include "base/file.h"
#include "release/output.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool x)
{
    if (!x)
        abort();
}

// Chosen to be met often by chance, with a repetition that a careless search would step over.
static const struct strs secrets = {(struct str[]){{"aaab", 4}, {"xyzw\nx", 6}}, 2, 2};

static const char *path_of_this_process(void)
{
    static char path[64];
    snprintf(path, sizeof path, "/dev/shm/rusuban-output-fuzz-%d", (int)getpid());
    return path;
}

static struct str written(struct arena *a, struct str in, size_t piece)
{
    struct err e;
    struct str out;
    struct output *o = output_open(path_of_this_process(), &secrets, &e);
    must(o != NULL);
    for (; in.n; in = str_from(in, piece))
        output_add(o, str_head(in, piece));
    output_close(o);
    must(file_read(a, path_of_this_process(), 16 << 20, &out, &e));
    unlink(path_of_this_process());
    return out;
}

static void check(struct str out)
{
    must(out.n == 0 || out.p[out.n - 1] == '\n');
    must(str_find(out, S("aaab")) < 0 && str_find(out, S("xyzw")) < 0);
    for (size_t i = 0; i < out.n; i++)
        must((unsigned char)out.p[i] >= 0x20 ? out.p[i] != 0x7F : out.p[i] == '\t' || out.p[i] == '\n');
    while (out.n)
        must(str_cut(&out, '\n').n <= (8 << 10) + 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    OWN_ARENA struct arena a = arena_make(64 << 20);
    if (size == 0)
        return 0;
    struct str in = {(const char *)data + 1, size - 1};
    struct str whole = written(&a, in, in.n + 1), pieces = written(&a, in, data[0] % 7 + 1u);
    check(whole);
    must(str_eq(whole, pieces));
    return 0;
}
