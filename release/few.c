// few.c: see few.h.
#include "release/few.h"

static void start_more(struct few *f)
{
    while (f->running < f->at_once && f->next < f->n)
        f->running += f->start(f->arg, f->next++);
}

void few_over(struct few *f)
{
    f->running--;
    start_more(f);
    if (!f->running)
        loop_stop(f->loop);
}

void few_run(struct few *f)
{
    start_more(f);
    if (f->running)
        loop_run(f->loop);
}
