// session.h: one question, inside the sandbox: its range, its views, its estimate, its rows.
#pragma once
#include "sql/engine.h"

struct session {
    struct engine *engine;
    int socket;                 // frames of log/ask.h
    int io;                     // /proc/self/io
    const char *lake, *spill;
    struct strs datasets;       // directories of the lake that have a manifest
    int64_t memory;
    uint64_t looked;            // bytes that looking at `io` read
    bool open;                  // test builds: any statement is taken
};

// Takes the job from the socket and answers it, whatever comes; ends when the last frame was written.
void session_run(struct session *s);
