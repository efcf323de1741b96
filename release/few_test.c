// few_test.c: all of them, in order, and never more at once than was said.
#include "base/test.h"
#include "release/few.h"

enum { N = 10 };

struct play {
    struct few few;
    struct event *timer[N];
    size_t order[N], started, now, most;
    bool none_starts;
};

static void on_over(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct play *p = arg;
    p->now--;
    few_over(&p->few);
}

static bool begin(void *arg, size_t i)
{
    struct play *p = arg;
    p->order[p->started++] = i;
    if (p->none_starts || i % 4 == 3)
        return false;
    p->now++;
    p->most = p->now > p->most ? p->now : p->most;
    p->timer[i] = loop_after(p->few.loop, 1 + (int64_t)i % 3, on_over, p);
    return true;
}

static struct play played(size_t n, size_t at_once, bool none_starts)
{
    struct err e;
    struct play p = {.none_starts = none_starts};
    p.few = (struct few){.loop = loop_new(&e), .n = n, .at_once = at_once, .start = begin, .arg = &p};
    few_run(&p.few);
    for (size_t i = 0; i < N; i++)
        if (p.timer[i])
            event_free(p.timer[i]);
    loop_free(p.few.loop);
    return p;
}

TEST(few_at_once_and_all_in_the_end)
{
    for (size_t at_once = 1; at_once <= N + 1; at_once++) {
        struct play p = played(N, at_once, false);
        CHECK_INT(p.started, N);
        CHECK_INT(p.now, 0);
        CHECK_INT(p.most, at_once < N - 2 ? at_once : N - 2);       // two of ten do not start
        for (size_t i = 0; i < N; i++)
            CHECK_INT(p.order[i], i);
    }
}

TEST(nobody_is_waited_for_when_none_starts)
{
    CHECK_INT(played(N, 3, true).started, N);
    CHECK_INT(played(0, 3, false).started, 0);
}
