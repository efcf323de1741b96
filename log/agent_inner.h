// agent_inner.h: the inside of an agent: agent.c is its loop, agent_config.c what is followed, agent_frames.c what the
// server says, agent_send.c what it is sent, agent_status.c how all is.
#pragma once
#include "log/agent.h"

enum { FOLLOWS_MAX = 1024, DATASETS_MAX = 64 };

struct watch { int wd; char *dir; };
// What may leave this host of a dataset's lines.
struct rules { uint16_t dataset; struct policy *policy; };

struct agent {
    struct loop *loop;
    struct agent_spec spec;
    struct talk talk;
    struct packer *packer;
    char *room;
    struct buf clear;                   // what a policy made of the lines in room
    struct rules rules[DATASETS_MAX];
    size_t rules_n;
    uint32_t window;
    size_t follows_n;
    struct follow *turn;                // whose turn it is
    int inotify;
    struct event *changed, *gather, *sweep, *status, *more;
    struct watch *watches;
    size_t watches_n;
};

// agent.c
void agent_watch(struct agent *a, const char *dir);     // once; one that cannot be watched is looked at all the same
void agent_tick(struct agent *a);                       // looks at every file, and sends what there is

// agent_config.c. A list that is wrong anywhere ends the connection, since nothing may be sent under rules that are not
// understood.
bool agent_configure(struct agent *a, struct str config, struct err *e) MUST_USE;
struct follow *agent_find(struct agent *a, uint16_t dataset, struct str path);      // NULL: it is not followed
void agent_free_rules(struct rules *rules, size_t n);

// agent_frames.c: for link.h
void agent_on_up(void *agent, const struct wire_welcome *w);
void agent_on_frame(void *agent, const struct frame *f);
void agent_on_down(void *agent);

// agent_send.c: as much as may be on its way, a turn of the loop long
void agent_pump(struct agent *a);

// agent_status.c
void agent_on_status(evutil_socket_t fd, short what, void *agent);
