// thrift.c: see thrift.h.
#include "log/thrift.h"
#include "log/bytes.h"
#include <assert.h>

static uint64_t zigzag(int64_t v)
{
    return (uint64_t)v << 1 ^ (uint64_t)(v >> 63);
}

static void field(struct thrift *t, int id, enum thrift_type type)
{
    int step = id - t->last[t->deep];
    if (step > 0 && step < 16) {
        buf_addc(t->out, (char)(step << 4 | (int)type));
    } else {
        buf_addc(t->out, (char)type);
        put_varint(t->out, zigzag(id));
    }
    t->last[t->deep] = id;
}

static void text(struct buf *b, struct str s)
{
    put_varint(b, s.n);
    buf_add(b, s);
}

struct thrift thrift_make(struct buf *out)
{
    return (struct thrift){.out = out};
}

void thrift_i32(struct thrift *t, int id, int32_t v)
{
    field(t, id, THRIFT_I32);
    put_varint(t->out, zigzag(v));
}

void thrift_i64(struct thrift *t, int id, int64_t v)
{
    field(t, id, THRIFT_I64);
    put_varint(t->out, zigzag(v));
}

void thrift_bool(struct thrift *t, int id, bool v)
{
    field(t, id, v ? THRIFT_TRUE : THRIFT_FALSE);
}

void thrift_text(struct thrift *t, int id, struct str s)
{
    field(t, id, THRIFT_BINARY);
    text(t->out, s);
}

void thrift_struct(struct thrift *t, int id)
{
    field(t, id, THRIFT_STRUCT);
    thrift_begin(t);
}

void thrift_list(struct thrift *t, int id, enum thrift_type of, size_t n)
{
    field(t, id, THRIFT_LIST);
    if (n < 15) {
        buf_addc(t->out, (char)((int)n << 4 | (int)of));
    } else {
        buf_addc(t->out, (char)(0xf0 | (int)of));
        put_varint(t->out, n);
    }
}

void thrift_begin(struct thrift *t)
{
    t->deep++;
    assert(t->deep < THRIFT_DEEP);
    t->last[t->deep] = 0;
}

void thrift_item_i32(struct thrift *t, int32_t v)
{
    put_varint(t->out, zigzag(v));
}

void thrift_item_text(struct thrift *t, struct str s)
{
    text(t->out, s);
}

void thrift_end(struct thrift *t)
{
    buf_addc(t->out, 0);
    t->deep--;
}
