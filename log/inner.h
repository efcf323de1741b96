// inner.h: the inside of the log server: what its loop knows. server.c starts and ends it, peer.c and its three files
// are one connection, recover.c reads the write-ahead log again, config.c says what a host is to follow, report.c how
// everything is.
#pragma once
#include "base/loop.h"
#include "log/counted.h"
#include "log/journal.h"
#include "log/lake.h"
#include "log/rival.h"
#include "store/store.h"
#include "web/fresh.h"
#include <event2/bufferevent.h>

enum {
    PEERS_MAX = 1000,
    READERS_MAX = 4,
    WINDOW_ALL = 64 << 20,              // bytes on their way to us in all
    WINDOW_ONE = 8 << 20,
    WINDOW_LEAST = 64 << 10,
    HELLO_MS = 10000,
    SILENT_MS = 60000,                  // an agent tells how it is every STATUS_MS
    TOKEN_MS = 5000,                    // how often we look whether its token still stands
    HELLO_BYTES = 4096,                 // a stranger's frame
    ASKED_MAX = 32,                     // frames of a peer that wait for the disk; what it sends further is not read
    OUTPUT_MAX = 4 << 20,               // the same when it does not read what we say
};

struct asked { STAILQ_ENTRY(asked) next; struct wire_open open; };

struct peer {
    LIST_ENTRY(peer) next;
    struct log_server *server;
    struct bufferevent *bev;
    uint64_t id;                        // never used again: also its fence
    bool local, greeted, ending, imports;
    char host[64];                      // before greeted: what it says it is
    char from[80];                      // for people: an address, or a process here
    unsigned char boot[16];
    int64_t since_ms, heard_ms;         // wall clock
    int64_t born, heard, looked, caught;        // ticks
    size_t waiting;                     // frames of it that wait for the disk
    uint32_t window;                    // what it was told
    size_t in_flight;                   // bytes of blocks that wait to be durable
    STAILQ_HEAD(, asked) asked;         // opens that wait for their echo
    struct wire_status status;          // its last one; paths are in status_text
    char *status_text;
    struct wire_offsets acks;           // collected until the answers of one ring are through
};

struct log_server {
    const char *data, *rusuban_sql;     // rusuban_sql: path of the program, or NULL
    struct fresh fresh;
    struct loop *loop;
    struct db *db;
    struct tables *tables;
    struct streams streams;
    struct wal *wal;
    struct lake *lake;
    struct counted *counted;
    struct journal *_Atomic journal;    // made when readers and lake, who tell it things, run already
    size_t readers_n;
    struct queue queue[READERS_MAX];
    struct reader *reader[READERS_MAX];
    int bell, unix_fd, tcp_fd;
    char listens[128], listen_trouble[400];     // where tcp_fd is; why it is not where the site file says
    int64_t listen_tried;               // tick
    struct event *bell_event, *unix_event, *tcp_event, *tick;
    struct ssl_ctx_st *tls;
    LIST_HEAD(, peer) peers;
    size_t peers_n;
    struct rivals rivals;
    uint64_t next_peer;
    size_t in_flight;                   // bytes of blocks of all peers that wait to be durable
    uint64_t came, came_before;         // bytes of blocks; until the last look at memory
    bool full, stopping, again;     // again: the site file has a dataset that we have no tables for
    int64_t started_ms;
    uint64_t replayed_mark;             // marks that recovery made
    struct child *sealer;
    struct seal_wish *sealed_wish;      // what the child works on
    struct seal_wish *wish;             // from the lake's thread, until the loop takes it
    pthread_mutex_t lock;               // of wish
    uint32_t config_version;
    bool traffic_wanted;                // a release looks at the lines of a service
};

// peer.c
void peer_accept(struct log_server *s, int fd, bool local);
void peer_drop(struct peer *p, const char *why);
// Each second: ends it when it is silent or its token does not stand any more.
void peer_look_after(struct peer *p);
struct peer *peer_find(struct log_server *s, uint64_t id);
void peer_send(struct peer *p, enum frame_type type, struct str payload);
void peer_read(struct peer *p);                 // frames that are here whole, while there is room for what they ask
// Tells it why, and ends the connection 10 s later: what it sends meanwhile is not read.
void peer_dismiss(struct peer *p, const struct err *e);
// The same for what it did wrong, and log and `log status` say so. Always false.
bool peer_refuse(struct peer *p, const struct err *e);
void peer_note_refusal(struct peer *p, const struct err *e, bool twin);     // for log status

// peer_hello.c
bool peer_on_hello(struct peer *p, struct str payload, struct err *e) MUST_USE;
void peer_configs(struct log_server *s);        // the site changed

// peer_streams.c
bool peer_on_open(struct peer *p, struct str payload, struct err *e) MUST_USE;
bool peer_on_claim(struct peer *p, struct str payload, struct err *e) MUST_USE;
bool peer_on_done(struct peer *p, struct str payload, struct err *e) MUST_USE;
void peer_answer_open(struct peer *p);
void peer_answer_claim(struct peer *p, const struct answer *a);
struct stream *peer_stream(struct peer *p, uint64_t id, struct err *e);     // NULL: none of its host's
void peer_unask(struct peer *p, struct asked *a);

// peer_blocks.c
bool peer_on_block(struct peer *p, uint8_t flags, struct str payload, struct err *e) MUST_USE;  // takes the payload
void peer_answers(struct log_server *s);        // what became durable
uint32_t peer_window(const struct log_server *s);                           // bytes that each may have on their way
void peer_windows(struct log_server *s);        // tells whoever has another one

// door.c: at the start; and each second, for the site file may say another address.
bool door_open(struct log_server *s, struct err *e) MUST_USE;
void door_look(struct log_server *s);

// recover.c: the write-ahead log goes through readers and lake once more.
bool recover(struct log_server *s, struct err *e) MUST_USE;

// config.c: JSON for one host, in the arena: datasets that it writes, or all of them. The month's key goes to nobody
// else.
struct str config_for(struct arena *a, const struct log_server *s, struct str host, bool all, struct err *e);
bool host_writes(const struct site *site, struct str dataset, struct str host);      // by `from`
int64_t dataset_keep_us(const struct site *site, struct str name);

// report.c
void report_json(struct log_server *s, struct buf *out);
// "DATASET AFTER": some of its streams, with ids above AFTER; none: there are no more.
bool report_streams(struct log_server *s, struct str what, struct buf *out, struct err *e) MUST_USE;
// Streams of that host, or of all others, that begin like the file of this claim: what an import must know before it
// claims one.
void report_alike(struct log_server *s, struct str host, bool others, const struct wire_claim *c, struct buf *out);
