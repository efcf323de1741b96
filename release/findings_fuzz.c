// Whatever a host answers to doctor.sh: at least one finding comes of it, about that host, and "ok" only alone.
#include "release/findings.h"
#include "base/clock.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct host app1 = {.name = S("app1"), .ssh = {22, S("deploy")}};
    OWN_ARENA struct arena a = arena_make(64 << 20);
    struct checks out = {0};
    findings_read(&a, &app1, now_ms(), (struct str){(const char *)data, size}, &out);
    assert(out.n);
    for (size_t i = 0; i < out.n; i++)
        assert(str_eq(out.at[i].about, app1.name) && (out.n == 1 || out.at[i].level != CHECK_OK));
    return 0;
}
