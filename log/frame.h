// frame.h: what agent and log server say to each other.
//
// A frame is 8 bytes, u32 length of the payload, u8 type, u8 flags, u16 0, and the payload, little-endian. The agent
// speaks first (hello). The server is the only truth about offsets: the agent asks, and goes on from what it hears.
//
//     size_t n = frame_cut(text, &f, e);      // 0: not whole yet; SIZE_MAX: *e says why the connection must end
//     struct block b;
//     if (f.type == FRAME_BLOCK && !block_read(f.payload, &b, e))
#pragma once
#include "log/bytes.h"

enum {
    FRAME_HEAD = 8,
    FRAME_MAX = 1200 << 10,             // bytes of a payload
    BLOCK_HEAD = 64,
    BLOCK_MAX = 1 << 20,                // bytes of text in a block
    STREAMS_MAX = 256,                  // in one FRAME_STREAMS
    PROTOCOL = 1,
};

enum frame_type {
    FRAME_HELLO = 1,    // >  who I am
    FRAME_WELCOME,      // <  and what to follow
    FRAME_OPEN,         // >  which streams do you know of this file's path?
    FRAME_STREAMS,      // <
    FRAME_CLAIM,        // >  this file is that stream, or a new one
    FRAME_STREAM,       // <  send from here
    FRAME_BLOCK,        // >  lines
    FRAME_ACK,          // <  durable up to here
    FRAME_REWIND,       // <  send again from here
    FRAME_WINDOW,       // <  so many bytes may be on their way
    FRAME_DONE,         // >  the file will not grow any more
    FRAME_STATUS,       // >  every 10 s
    FRAME_CONFIG,       // <  as in welcome, when the site changed
    FRAME_PING,         // both
    FRAME_ERROR,        // both, then the connection ends
    // >  on the Unix socket: "status", "tail DATASET\nFILTER", "streams ...", "alike ...", "elsewhere ..."
    FRAME_ASK,
    FRAME_ANSWER,       // <  JSON, or lines
    FRAME_TYPES,
};

enum block_flag { BLOCK_TORN = 1, BLOCK_LONG = 2, BLOCK_STORED = 4 };

struct frame { enum frame_type type; uint8_t flags; struct str payload; };

// The first frame of `text`: its whole length. Payloads are borrowed from text.
size_t frame_cut(struct str text, struct frame *out, struct err *e) MUST_USE;
// Opens a frame in b; frame_close fills in its length.
size_t frame_open(struct buf *b, enum frame_type type, uint8_t flags);
void frame_close(struct buf *b, size_t opened);

// Lines of a stream. crc is of the 60 bytes before it and of the clear text.
struct block {
    uint64_t stream, start;             // offset of the first byte in the raw file
    uint32_t raw_n, lines, policy, clear_n;
    int64_t read_us;
    unsigned char tail[16];             // hash of the 256 raw bytes before the end
    uint32_t packed_n, crc;
    struct str packed;                  // zstd, or the text itself with BLOCK_STORED
};

void block_head_put(unsigned char head[BLOCK_HEAD], const struct block *b);
// The head and the length of what follows; the text is checked by block_text.
bool block_read(struct str payload, struct block *out, struct err *e) MUST_USE;
// Unpacks into `to`, which has room for clear_n bytes, and checks the sum.
bool block_text(struct str payload, const struct block *b, bool stored, char *to, struct err *e) MUST_USE;

// A stream as the server knows it.
struct stream_state {
    uint64_t id, dev, inode, offset;
    uint32_t head_n;                    // bytes that `head` is of
    unsigned char head[16], tail[16];   // BLAKE2b-128 of the first head_n bytes, and of the 256 before offset
    uint8_t done;
};

enum { STREAM_STATE_SIZE = 8 * 4 + 4 + 16 + 16 + 1 };

void stream_state_put(struct buf *b, const struct stream_state *s);
struct stream_state stream_state_read(struct bytes *b);
