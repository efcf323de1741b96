#include "base/test.h"
#include "release/remote.h"
#include <string.h>

static bool parse(struct arena *a, const char *text, struct host_state *out, struct err *e)
{
    return host_state_parse(a, str_z(text), out, e);
}

TEST(what_a_host_says_is_read)
{
    OWN_ARENA struct arena a = arena_make(1 << 16);
    struct host_state s;
    struct err e;
    CHECK(parse(&a,
                "current:1482\nfence:58\nreceipt:1482\nreceipt:1481\nfree_kb:1000\nfree_inodes:77\ntime:1700000000\n",
                &s, &e));
    CHECK_INT(s.current, 1482);
    CHECK_INT(s.fence, 58);
    CHECK_INT(s.free_bytes, 1024000);
    CHECK_INT(s.free_inodes, 77);
    CHECK_INT(s.time_s, 1700000000);
    CHECK(s.receipts.n == 2 && s.receipts.at[0] == 1481 && s.receipts.at[1] == 1482);
}

TEST(what_a_host_may_leave_out_and_what_it_may_not)
{
    static const struct { const char *text; bool read; int64_t current, fence, receipts; } rows[] = {
        {"current:0\nfence:0\n", true, 0, 0, 0},                        // a host never released to
        {"current:-1\nfence:3\n", true, -1, 3, 0},                      // a directory in its place
        {"fence:3\ncurrent:7", true, 7, 3, 0},                          // any order, no last line break
        {"Welcome to app1\ncurrent:7\nfence:3\n", true, 7, 3, 0},       // a greeting of the login shell
        {"current:7\nfence:3\nfree_inodes:-\n", true, 7, 3, 0},         // a file system without inodes
        {"current:7\nfence:3\nreceipt:x\nreceipt:7\n", true, 7, 3, 1},
        {"current:7\nfence:3\nunknown:9\n", true, 7, 3, 0},             // a newer script says more
        {"", false, 0, 0, 0},
        {"current:7\n", false, 0, 0, 0},
        {"fence:3\n", false, 0, 0, 0},
        {"current:\nfence:3\n", false, 0, 0, 0},
        {"current:7 \nfence:3\n", false, 0, 0, 0},
        {"current:99999999999999999999\nfence:3\n", false, 0, 0, 0},
        {"current:7\nfence:3\nfree_kb:-5\n", false, 0, 0, 0},
        {"current:7\nfence:3\nfree_kb:9223372036854775807\n", false, 0, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_ARENA struct arena a = arena_make(1 << 16);
        struct host_state s;
        struct err e = {0};
        if (parse(&a, rows[i].text, &s, &e) != rows[i].read) {
            test_failed(__FILE__, __LINE__, "\"%s\" was %s", rows[i].text, rows[i].read ? "refused" : "read");
            continue;
        }
        if (!rows[i].read) {
            CHECK_INT(e.kind, ERR_PEER);
            continue;
        }
        CHECK_INT(s.current, rows[i].current);
        CHECK_INT(s.fence, rows[i].fence);
        CHECK_INT(s.receipts.n, rows[i].receipts);
    }
}
