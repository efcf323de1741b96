// import_count.c: counts what the server will count, so that a person hears what became of a file.
#include "log/import_inner.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void touch_hour(struct import *im, int32_t hour)
{
    size_t low = 0, high = im->hours_n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (im->hours[middle] < hour)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < im->hours_n && im->hours[low] == hour)
        return;
    if (im->hours_n == im->hours_cap) {
        im->hours_cap = im->hours_cap * 2 + 64;
        im->hours = realloc(im->hours, im->hours_cap * sizeof *im->hours);
        assert(im->hours);
    }
    memmove(im->hours + low + 1, im->hours + low, (im->hours_n - low) * sizeof *im->hours);
    im->hours[low] = hour;
    im->sum.hours = ++im->hours_n;
    im->sum.first_hour = im->hours[0];
    im->sum.last_hour = im->hours[im->hours_n - 1];
}

// Bad lines of a batch are not in order: a time is looked at last.
static void note_first_bad(struct import *im, const struct batch *b)
{
    size_t first = b->bad[0].line.at;
    for (size_t i = 1; i < b->bad_n; i++)
        first = b->bad[i].line.at < first ? b->bad[i].line.at : first;
    im->first_bad = im->lines_before + cut_lines((struct str){b->text, first}) + 1;
}

void import_on_batch(void *arg, const struct batch *b)
{
    struct import *im = arg;
    int32_t last = INT32_MIN;
    im->sum.rows += b->rows;
    if (b->bad_n && !im->first_bad)
        note_first_bad(im, b);
    im->sum.bad += b->bad_n;
    im->sum.blank += b->blank;
    for (size_t i = 0; i < b->rows; i++) {
        int32_t hour = hour_of(&im->zone, b->time[i]);
        if (hour != last)
            touch_hour(im, hour);
        last = hour;
    }
}

void import_count(struct import *im, const struct cut *c, struct str text)
{
    im->sum.clear_bytes += c->raw_n;
    im->sum.lines += c->lines;
    if (c->flags & BLOCK_LONG) {
        im->sum.bad++;
        im->first_bad = im->first_bad ? im->first_bad : im->lines_before + 1;
    } else {
        ltsv_read(im->counter, text.p, text.n);
    }
    im->lines_before += c->lines;
}
