// wire.h: what stands in the frames of frame.h, as structs. Each has a put (payload into a buf) and a read (payload
// checked).
//
// A conversation. The agent says hello; the server answers welcome, which says what to follow. For each file path the
// agent opens it and hears which streams of that path the server knows. It compares them with the files that are there
// (same head, same tail), claims each file as a known stream or as a new one, and hears the stream's id and offset:
// send from there. Blocks follow; acks say what is durable. An agent keeps nothing: after anything that went wrong it
// asks again.
//
//     OWN_BUF struct buf b = buf_make(FRAME_MAX);
//     size_t at = frame_open(&b, FRAME_CLAIM, 0);
//     wire_claim_put(&b, &claim);
//     frame_close(&b, at);
//     ...
//     struct wire_claim c;
//     if (!wire_claim_read(f.payload, &c, e))         // ERR_PEER; texts are borrowed from the payload
#pragma once
#include "log/frame.h"

enum { TAIL_BYTES = 256, HEAD_BYTES = 256, PATH_BYTES_MAX = 1024 };

// Over a Unix socket host is what the agent says and secret is empty; the server looks at who it is (peer credentials).
struct wire_hello { uint16_t version; unsigned char boot[16]; struct str host, secret, build; };

// config: JSON, {"datasets": [{"id": 1, "name": "access", "format": "ltsv", "paths": ["/var/log/nginx/access.log"],
// "policy": 7, "privacy": [{"label": "query", "do": "keep", "allow": ["page"]}], "hash_key": "hex"}]}. FRAME_CONFIG is
// the same.
struct wire_welcome { int64_t now_us; uint64_t fence; uint32_t window; struct str config; };

struct wire_open { uint16_t dataset; struct str path; };

// Streams of that path on that host, the newest first; more: another frame follows. A file that is none of all of them
// and was last changed before the horizon is none of ours.
struct wire_streams {
    uint16_t dataset;
    struct str path;
    int64_t horizon_us;
    bool more;
    struct stream_state at[STREAMS_MAX];
    size_t n;
};

// id 0: a new stream. head: hash of the first head_n bytes (at most HEAD_BYTES). A claim of a known id may raise
// head_n. The head of a file that is compressed is that of its clear text, and so are all offsets.
struct wire_claim {
    uint64_t id;
    uint16_t dataset;
    struct str path;
    uint64_t dev, inode;
    uint32_t head_n;
    unsigned char head[16];
    uint8_t imported;           // 1: a person's import: rows of any time are taken
};

struct wire_stream { uint64_t id, offset; };            // the answer to a claim; answers come in the order of claims
struct wire_offsets { struct wire_stream at[STREAMS_MAX]; size_t n; };      // FRAME_ACK, FRAME_REWIND

enum done_why { DONE_ROTATED = 1, DONE_TRUNCATED, DONE_VANISHED, DONE_IMPORTED };
// size: how long the file was in the end; larger than what is acked when bytes were lost (DONE_TRUNCATED,
// DONE_VANISHED).
struct wire_done { uint64_t stream, size; uint8_t why; };

// stream 0: not known yet. oldest_us: 0 = caught up. open: compressed, and how long it is will be known at its end.
struct wire_file { uint64_t stream, size, offset; int64_t oldest_us; struct str path; bool open; };
// What an agent says of itself every STATUS_MS.
enum { STATUS_MS = 2000, STATUS_FILES = 256 };
// until_us: what was written before it, to any file of any dataset here, is durable at the server; 0: nobody can say.
// trouble: why a path that is to be followed cannot be read; of several any one.
struct wire_status {
    int64_t now_us, cpu_us, rss;
    struct wire_file at[STATUS_FILES];
    size_t n;
    int64_t until_us;
    struct str trouble;
};

void wire_hello_put(struct buf *b, const struct wire_hello *m);
bool wire_hello_read(struct str payload, struct wire_hello *m, struct err *e) MUST_USE;
void wire_welcome_put(struct buf *b, const struct wire_welcome *m);
bool wire_welcome_read(struct str payload, struct wire_welcome *m, struct err *e) MUST_USE;
void wire_open_put(struct buf *b, const struct wire_open *m);
bool wire_open_read(struct str payload, struct wire_open *m, struct err *e) MUST_USE;
void wire_streams_put(struct buf *b, const struct wire_streams *m);
bool wire_streams_read(struct str payload, struct wire_streams *m, struct err *e) MUST_USE;
void wire_claim_put(struct buf *b, const struct wire_claim *m);
bool wire_claim_read(struct str payload, struct wire_claim *m, struct err *e) MUST_USE;
void wire_stream_put(struct buf *b, const struct wire_stream *m);
bool wire_stream_read(struct str payload, struct wire_stream *m, struct err *e) MUST_USE;
void wire_offsets_put(struct buf *b, const struct wire_offsets *m);
bool wire_offsets_read(struct str payload, struct wire_offsets *m, struct err *e) MUST_USE;
void wire_window_put(struct buf *b, uint32_t bytes);
bool wire_window_read(struct str payload, uint32_t *bytes, struct err *e) MUST_USE;
void wire_done_put(struct buf *b, const struct wire_done *m);
bool wire_done_read(struct str payload, struct wire_done *m, struct err *e) MUST_USE;
void wire_status_put(struct buf *b, const struct wire_status *m);
bool wire_status_read(struct str payload, struct wire_status *m, struct err *e) MUST_USE;
void wire_error_put(struct buf *b, const struct err *why);
// *why is what the other side says, its kind ERR_PEER unless it is one of ours.
bool wire_error_read(struct str payload, struct err *why, struct err *e) MUST_USE;
