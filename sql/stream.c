// stream.c: see stream.h.
#include "sql/stream.h"
#include "base/file.h"
#include "log/ask.h"
#include <stdlib.h>
#include <unistd.h>

enum { FRAME_BYTES = 128 << 10 };

struct stream {
    int socket;
    struct buf b;               // rows of the frame that is open
    uint32_t rows;              // in it
    struct err *e;
};

static void send_rows(struct stream *s)
{
    char head[ASK_HEAD + 4];
    struct err ignored;
    if (!s->rows)
        return;
    ask_head_put(head, ASK_ROWS, s->b.n + 4);
    memcpy(head + ASK_HEAD, &s->rows, 4);
    if (!fd_write_all(s->socket, (struct str){head, sizeof head}, &ignored)
        || !fd_write_all(s->socket, buf_str(&s->b), &ignored))
        _exit(0);               // nobody listens any more
    buf_clear(&s->b);
    s->rows = 0;
}

static bool put_row(struct stream *s, duckdb_string_t *const *text, uint64_t *const *validity, size_t columns,
                    idx_t row)
{
    size_t before = s->b.n;
    for (size_t c = 0; c < columns; c++) {
        bool null = engine_is_null(validity[c], row);
        struct str v = null ? S("") : engine_string(&text[c][row]);
        put_u32(&s->b, null ? ASK_NULL : (uint32_t)v.n);
        buf_add(&s->b, v);
    }
    if (s->b.failed)
        return err_set(s->e, ERR_LIMIT, "a row is larger than %zu MB", (s->b.max - before) >> 20);
    s->rows++;
    if (s->b.n > FRAME_BYTES)
        send_rows(s);
    return true;
}

static bool put_chunk(struct stream *s, duckdb_data_chunk c, size_t columns, uint64_t limit, uint64_t *rows, bool *more)
{
    duckdb_string_t *text[ASK_COLUMNS_MAX];
    uint64_t *validity[ASK_COLUMNS_MAX];
    for (size_t i = 0; i < columns; i++) {
        duckdb_vector v = duckdb_data_chunk_get_vector(c, i);
        text[i] = duckdb_vector_get_data(v);
        validity[i] = duckdb_vector_get_validity(v);
    }
    for (idx_t i = 0; i < duckdb_data_chunk_get_size(c); i++) {
        if (limit && *rows == limit) {
            *more = true;
            return true;
        }
        if (!put_row(s, text, validity, columns, i))
            return false;
        ++*rows;
    }
    return true;
}

bool stream_rows(int socket, duckdb_result r, size_t columns, uint64_t limit, uint64_t *rows, bool *more,
                 const char **why, struct err *e)
{
    struct stream s = {.socket = socket, .b = buf_make(ASK_MAX - 64), .e = e};
    bool ok = true;
    *rows = 0;
    *more = false;
    while (ok && !*more) {
        duckdb_data_chunk c = duckdb_fetch_chunk(r);
        if (!c || duckdb_data_chunk_get_size(c) == 0) {
            *why = duckdb_result_error(&r);
            ok = !*why || !**why;
            if (c)
                duckdb_destroy_data_chunk(&c);
            break;
        }
        ok = put_chunk(&s, c, columns, limit, rows, more);
        duckdb_destroy_data_chunk(&c);
    }
    if (ok)
        send_rows(&s);
    buf_drop(&s.b);
    return ok;
}
