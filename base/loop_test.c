#include "base/clock.h"
#include "base/loop.h"
#include "base/test.h"
#include <signal.h>
#include <unistd.h>

struct seen { struct loop *loop; int times, stop_at; };

static void count(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct seen *s = arg;
    if (++s->times == s->stop_at)
        loop_stop(s->loop);
}

static struct seen seen_until(int stop_at)
{
    struct err e;
    struct seen s = {.loop = loop_new(&e), .stop_at = stop_at};
    CHECK(s.loop != NULL);
    return s;
}

TEST(a_timer_comes_once_and_a_clock_comes_again)
{
    struct seen s = seen_until(3), once = {.loop = s.loop};
    struct event *every = loop_every(s.loop, 20, count, &s), *after = loop_after(s.loop, 1, count, &once);
    int64_t begun = tick_ms();
    loop_run(s.loop);
    CHECK(tick_ms() - begun >= 55);
    CHECK_INT(once.times, 1);
    event_free(every);
    event_free(after);
    loop_free(s.loop);
}

TEST(a_signal_is_an_event_and_sigpipe_is_none)
{
    struct seen s = seen_until(1);
    loop_signal(s.loop, SIGUSR1, count, &s);
    kill(getpid(), SIGPIPE);
    kill(getpid(), SIGUSR1);
    loop_run(s.loop);
    CHECK_INT(s.times, 1);
    loop_free(s.loop);
}

TEST(a_descriptor_tells_when_it_can_be_read)
{
    struct seen s = seen_until(2);
    int ends[2];
    CHECK(pipe(ends) == 0);
    CHECK(write(ends[1], "x", 1) == 1);
    struct event *readable = loop_readable(s.loop, ends[0], count, &s);     // nobody reads it, so it stays so
    loop_run(s.loop);
    CHECK_INT(s.times, 2);
    event_free(readable);
    close(ends[0]);
    close(ends[1]);
    loop_free(s.loop);
}

TEST(a_freed_timer_never_comes)
{
    struct seen s = seen_until(1), never = {.loop = s.loop};
    event_free(loop_after(s.loop, 1, count, &never));
    struct event *end = loop_after(s.loop, 30, count, &s);
    loop_run(s.loop);
    CHECK_INT(never.times, 0);
    event_free(end);
    loop_free(s.loop);
}
