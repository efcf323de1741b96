// limit.c: a small table, searched from end to end. When it is full the visitor whose minute began first is forgotten:
// whoever comes from that many addresses is not stopped by counting addresses.
#include "web/limit.h"
#include <string.h>

enum { MINUTE_MS = 60000 };

static struct visitor *find(struct limit *l, struct address from)
{
    struct visitor *oldest = &l->visitors[0];
    for (size_t i = 0; i < LIMIT_ADDRESSES; i++) {
        struct visitor *v = &l->visitors[i];
        if (v->visits && memcmp(&v->address, &from, sizeof from) == 0)
            return v;
        if (!v->visits || (oldest->visits && v->since_ms < oldest->since_ms))
            oldest = v;
    }
    *oldest = (struct visitor){.address = from};
    return oldest;
}

bool limit_visit(struct limit *l, struct address from, int64_t tick, int *wait_s)
{
    from = address_network(from);
    struct visitor *v = find(l, from);
    if (!v->visits || tick - v->since_ms >= MINUTE_MS)
        *v = (struct visitor){.address = from, .since_ms = tick};
    *wait_s = (int)((v->since_ms + MINUTE_MS - tick + 999) / 1000);
    if (v->visits >= l->per_minute)
        return false;
    v->visits++;
    return true;
}
