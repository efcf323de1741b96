// steady.c: see steady.h.
#include "log/steady.h"
#include "base/clock.h"
#include "base/say.h"
#include "log/pace.h"
#include <pthread.h>
#include <stdlib.h>

enum { JUMP_MS = 60000 };

bool clock_steady(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static int64_t since = -1, apart;       // tick; how far the clock is from the ticks
    int64_t tick = tick_ms(), now = now_ms() - tick, jump = 0;
    pthread_mutex_lock(&lock);
    if (since < 0 || llabs(now - apart) > JUMP_MS) {
        jump = since < 0 ? 0 : now - apart;
        since = tick;
    }
    apart = now;
    bool steady = tick - since >= pace_ms(PACE_STEADY);
    pthread_mutex_unlock(&lock);
    if (jump)
        say("log.clock", KV("jumped_s", jump / 1000), KV("deletes_again_in_s", pace_ms(PACE_STEADY) / 1000));
    return steady;
}
