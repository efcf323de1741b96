// sink.h: for tests: a log server without a lake. It speaks the frames, holds every block to the rule (start =
// offset), to its checksum and to the hash of its end, and keeps the text.
#pragma once
#include "base/loop.h"
#include "log/wire.h"

enum { SINK_STREAMS = 64, SINK_LINES = 40000 };

struct sink_stream {
    struct stream_state s;
    uint8_t why;
    uint64_t size;
    unsigned torn, long_lines, claims;
};

struct sink {
    struct loop *loop;
    char path[256];
    const char *config;             // JSON of the welcome
    uint32_t window;
    bool no_acks;                   // takes blocks and says nothing
    bool closes;                    // its window, with the answer to a claim
    int64_t horizon_us;
    struct bufferevent *b;
    struct evconnlistener *listener;
    struct sink_stream stream[SINK_STREAMS];
    size_t n;
    unsigned blocks, rewinds, wrong;    // wrong: what an agent must never do
    unsigned hellos, statuses;
    unsigned seen[SINK_LINES];      // of lines "n:NUMBER\t..."
    unsigned others;                // other lines
    struct wire_status status;
    uint16_t last_policy;
};

void sink_open(struct sink *s, struct loop *l, const char *dir);
void sink_hang_up(struct sink *s);
void sink_close(struct sink *s);
void sink_send(struct sink *s, enum frame_type type, struct str payload);
