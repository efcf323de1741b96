// wire.c: see wire.h.
#include "log/wire.h"
#include <string.h>

static const struct str magic = {"RSBL", 4};

static void put_hash(struct buf *b, const unsigned char hash[16])
{
    buf_add(b, (struct str){(const char *)hash, 16});
}

static void put_long_text(struct buf *b, struct str s)
{
    put_u32(b, (uint32_t)s.n);
    buf_add(b, s);
}

static bool whole(const struct bytes *b, const char *what, struct err *e)
{
    return bytes_done(b) || err_set(e, ERR_PEER, "a frame of %s that is shorter or longer than it says", what);
}

void wire_hello_put(struct buf *b, const struct wire_hello *m)
{
    buf_add(b, magic);
    put_u16(b, m->version);
    put_hash(b, m->boot);
    put_text(b, m->host);
    put_text(b, m->secret);
    put_text(b, m->build);
}

bool wire_hello_read(struct str payload, struct wire_hello *m, struct err *e)
{
    struct bytes b = bytes_of(payload);
    if (!str_eq(bytes_take(&b, magic.n), magic))
        return err_set(e, ERR_PEER, "who is there speaks another protocol");
    m->version = bytes_u16(&b);
    if (m->version != PROTOCOL) {
        err_set(e, ERR_PEER, "the agent speaks version %u of the protocol, this server version %d", m->version,
                PROTOCOL);
        return err_hint(e, "run the same version of rusuban on both");
    }
    bytes_copy(&b, m->boot, sizeof m->boot);
    m->host = bytes_text(&b);
    m->secret = bytes_text(&b);
    m->build = bytes_text(&b);
    return whole(&b, "hello", e);
}

void wire_welcome_put(struct buf *b, const struct wire_welcome *m)
{
    put_u64(b, (uint64_t)m->now_us);
    put_u64(b, m->fence);
    put_u32(b, m->window);
    put_long_text(b, m->config);
}

bool wire_welcome_read(struct str payload, struct wire_welcome *m, struct err *e)
{
    struct bytes b = bytes_of(payload);
    *m = (struct wire_welcome){.now_us = (int64_t)bytes_u64(&b), .fence = bytes_u64(&b), .window = bytes_u32(&b)};
    m->config = bytes_take(&b, bytes_u32(&b));
    return whole(&b, "welcome", e);
}

void wire_open_put(struct buf *b, const struct wire_open *m)
{
    put_u16(b, m->dataset);
    put_text(b, m->path);
}

bool wire_open_read(struct str payload, struct wire_open *m, struct err *e)
{
    struct bytes b = bytes_of(payload);
    *m = (struct wire_open){.dataset = bytes_u16(&b), .path = bytes_text(&b)};
    return whole(&b, "open", e);
}

void wire_streams_put(struct buf *b, const struct wire_streams *m)
{
    put_u16(b, m->dataset);
    put_text(b, m->path);
    put_u64(b, (uint64_t)m->horizon_us);
    put_u8(b, m->more);
    put_u16(b, (uint16_t)m->n);
    for (size_t i = 0; i < m->n; i++)
        stream_state_put(b, &m->at[i]);
}

bool wire_streams_read(struct str payload, struct wire_streams *m, struct err *e)
{
    struct bytes b = bytes_of(payload);
    m->dataset = bytes_u16(&b);
    m->path = bytes_text(&b);
    m->horizon_us = (int64_t)bytes_u64(&b);
    m->more = bytes_u8(&b);
    m->n = bytes_u16(&b);
    if (m->n > STREAMS_MAX)
        return err_set(e, ERR_PEER, "%zu streams in a frame; %d at most", m->n, STREAMS_MAX);
    for (size_t i = 0; i < m->n; i++)
        m->at[i] = stream_state_read(&b);
    return whole(&b, "streams", e);
}

void wire_claim_put(struct buf *b, const struct wire_claim *m)
{
    put_u64(b, m->id);
    put_u16(b, m->dataset);
    put_text(b, m->path);
    put_u64(b, m->dev);
    put_u64(b, m->inode);
    put_u32(b, m->head_n);
    put_hash(b, m->head);
    put_u8(b, m->imported);
}

bool wire_claim_read(struct str payload, struct wire_claim *m, struct err *e)
{
    struct bytes b = bytes_of(payload);
    *m = (struct wire_claim){.id = bytes_u64(&b), .dataset = bytes_u16(&b), .path = bytes_text(&b),
                             .dev = bytes_u64(&b), .inode = bytes_u64(&b), .head_n = bytes_u32(&b)};
    bytes_copy(&b, m->head, sizeof m->head);
    m->imported = bytes_u8(&b);
    if (!whole(&b, "claim", e))
        return false;
    if (m->path.n == 0 || m->path.n > PATH_BYTES_MAX || !str_utf8(m->path) || m->head_n > HEAD_BYTES || m->imported > 1)
        return err_set(e, ERR_PEER, "a claim of no possible file");
    return true;
}

void wire_stream_put(struct buf *b, const struct wire_stream *m)
{
    put_u64(b, m->id);
    put_u64(b, m->offset);
}

bool wire_stream_read(struct str payload, struct wire_stream *m, struct err *e)
{
    struct bytes b = bytes_of(payload);
    *m = (struct wire_stream){.id = bytes_u64(&b), .offset = bytes_u64(&b)};
    return whole(&b, "stream", e);
}

void wire_offsets_put(struct buf *b, const struct wire_offsets *m)
{
    put_u16(b, (uint16_t)m->n);
    for (size_t i = 0; i < m->n; i++)
        wire_stream_put(b, &m->at[i]);
}

bool wire_offsets_read(struct str payload, struct wire_offsets *m, struct err *e)
{
    struct bytes b = bytes_of(payload);
    m->n = bytes_u16(&b);
    if (m->n > STREAMS_MAX)
        return err_set(e, ERR_PEER, "%zu offsets in a frame; %d at most", m->n, STREAMS_MAX);
    for (size_t i = 0; i < m->n; i++)
        m->at[i] = (struct wire_stream){.id = bytes_u64(&b), .offset = bytes_u64(&b)};
    return whole(&b, "offsets", e);
}

void wire_window_put(struct buf *b, uint32_t bytes)
{
    put_u32(b, bytes);
}

bool wire_window_read(struct str payload, uint32_t *bytes, struct err *e)
{
    struct bytes b = bytes_of(payload);
    *bytes = bytes_u32(&b);
    return whole(&b, "window", e);
}

void wire_done_put(struct buf *b, const struct wire_done *m)
{
    put_u64(b, m->stream);
    put_u64(b, m->size);
    put_u8(b, m->why);
}

bool wire_done_read(struct str payload, struct wire_done *m, struct err *e)
{
    struct bytes b = bytes_of(payload);
    *m = (struct wire_done){.stream = bytes_u64(&b), .size = bytes_u64(&b), .why = bytes_u8(&b)};
    if (!whole(&b, "done", e))
        return false;
    return (m->why >= DONE_ROTATED && m->why <= DONE_IMPORTED)
        || err_set(e, ERR_PEER, "a stream done for no known reason");
}

void wire_status_put(struct buf *b, const struct wire_status *m)
{
    put_u64(b, (uint64_t)m->now_us);
    put_u64(b, (uint64_t)m->cpu_us);
    put_u64(b, (uint64_t)m->rss);
    put_u16(b, (uint16_t)m->n);
    for (size_t i = 0; i < m->n; i++) {
        const struct wire_file *f = &m->at[i];
        put_u64(b, f->stream);
        put_u64(b, f->size);
        put_u64(b, f->offset);
        put_u64(b, (uint64_t)f->oldest_us);
        put_text(b, f->path);
    }
    put_u64(b, (uint64_t)m->until_us);
    for (size_t i = 0; i < m->n; i++)
        put_u8(b, m->at[i].open);
    put_text(b, m->trouble);
}

bool wire_status_read(struct str payload, struct wire_status *m, struct err *e)
{
    struct bytes b = bytes_of(payload);
    m->n = 0;                           // and stays so when it is no status
    m->trouble = S("");
    m->now_us = (int64_t)bytes_u64(&b);
    m->cpu_us = (int64_t)bytes_u64(&b);
    m->rss = (int64_t)bytes_u64(&b);
    size_t n = bytes_u16(&b);
    if (n > STATUS_FILES)
        return err_set(e, ERR_PEER, "%zu files in a status; %d at most", n, STATUS_FILES);
    for (size_t i = 0; i < n; i++)
        m->at[i] = (struct wire_file){.stream = bytes_u64(&b), .size = bytes_u64(&b), .offset = bytes_u64(&b),
                                      .oldest_us = (int64_t)bytes_u64(&b), .path = bytes_text(&b)};
    m->until_us = b.n ? (int64_t)bytes_u64(&b) : 0;         // agents of older releases do not tell
    bool more = b.n > 0;
    for (size_t i = 0; i < n && more; i++)
        m->at[i].open = bytes_u8(&b) != 0;
    struct str trouble = more ? bytes_text(&b) : S("");
    if (!whole(&b, "status", e))
        return false;
    m->n = n;
    m->trouble = trouble;
    return true;
}

void wire_error_put(struct buf *b, const struct err *why)
{
    put_u16(b, (uint16_t)why->kind);
    put_text(b, str_z(why->text));
    put_text(b, str_z(why->hint));
}

bool wire_error_read(struct str payload, struct err *why, struct err *e)
{
    struct bytes b = bytes_of(payload);
    uint16_t code = bytes_u16(&b);
    struct str text = bytes_text(&b), hint = b.n ? bytes_text(&b) : S("");      // an older one has no hints
    if (!whole(&b, "error", e))
        return false;
    err_set(why, code > ERR_NONE && code <= ERR_BUG ? (enum err_kind)code : ERR_PEER, STR_F,
            STR_A(str_head(text, 1000)));
    err_hint(why, STR_F, STR_A(str_head(hint, sizeof why->hint - 1)));
    return true;
}
