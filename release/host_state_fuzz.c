// host_state_fuzz.c: a host may say anything. What is read is what a slow reading of its lines finds, last one first.
#include "release/remote.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool x)
{
    if (!x)
        abort();
}

// The value of the last line "NAME:NUMBER"; false when there is none.
static bool last_of(struct str text, struct str name, int64_t *out)
{
    bool found = false;
    while (text.n) {
        struct str line = str_cut(&text, '\n');
        bool named = str_starts(line, name) && line.n > name.n && line.p[name.n] == ':';
        int64_t n;
        if (named && str_i64(str_from(line, name.n + 1), &n)) {
            *out = n;
            found = true;
        }
    }
    return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    OWN_ARENA struct arena a = arena_make(16 << 20);
    struct str text = {(const char *)data, size};
    struct host_state s;
    struct err e;
    int64_t current = 0, fence = 0, free_kb = 0;
    bool has_current = last_of(text, S("current"), &current), has_fence = last_of(text, S("fence"), &fence);
    bool room = !last_of(text, S("free_kb"), &free_kb) || (free_kb >= 0 && free_kb <= INT64_MAX / 1024);
    bool possible = current >= -1 && fence >= 0;
    bool read = host_state_parse(&a, text, &s, &e);
    must(read == (has_current && has_fence && room && possible));
    must(read || (e.kind == ERR_PEER && e.text[0]));
    if (read)
        must(s.current == current && s.fence == fence && s.free_bytes == free_kb * 1024);
    return 0;
}
