// agent.h: `rusuban log agent`: follows the files that the log server names and sends their lines, each once.
//
// It keeps nothing on disk and nothing for sending again: the server knows where every file stands, and the files are
// the buffer. Memory is a room for a block, one for a packed block, and at most LINK_ROOM bytes on their way out, for
// ever.
//
//     struct agent_spec spec = {.socket = path, .host = S("app1"), .root = ""};
//     struct agent *a = agent_new(loop, &spec, e);
//     loop_run(loop);
//     agent_free(a);
#pragma once
#include "log/follow.h"

struct agent_spec {
    const char *socket, *server;        // one of them (link.h)
    int fd;
    const struct token *token;
    struct str host;
    const char *root;                   // put before every path; ""
    int64_t quiet_ms, settle_ms;        // follow.h; 0: 60 s, 5 s
    int64_t gather_ms, sweep_ms;        // small writes are gathered; files are looked at; 0: 50 ms, 1 s
    int64_t retry_ms;                   // link.h
    int level;                          // zstd's; 0: as pack.h has it
};

struct agent;
// Everything that `spec` points to outlives it.
struct agent *agent_new(struct loop *l, const struct agent_spec *spec, struct err *e);
void agent_free(struct agent *a);
