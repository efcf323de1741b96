// agent_fuzz.c: a server that says anything, to an agent with real files: the agent never crashes, sends frames that
// the server's own readers take, blocks whose sums are right and that lie inside a file, and never speaks of stream 0.
//
// Input: pieces of u8 type, u16 length, payload, each a frame behind a welcome that is good.
#include "log/agent.h"
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <sanitizer/common_interface_defs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINES = 300, TURNS = 12, OUT_MAX = 4 << 20 };

static char root[] = "/tmp/agent-fuzz-XXXXXX";
static struct str out;              // what the agent said
static uint64_t longest;

static const char config[] = "{\"datasets\":[{\"id\":1,\"name\":\"access\",\"format\":\"ltsv\","
                             "\"policy\":0,\"privacy\":[],\"hash_key\":\"\",\"paths\":[\"/access.log\"]}]}";

static void must(bool x)
{
    if (!x)
        abort();
}

static void make_file(const char *name, unsigned from)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", root, name);
    FILE *f = fopen(path, "we");
    must(f != NULL);
    for (unsigned i = from; i < from + LINES; i++)
        fprintf(f, "time:2026-11-22T09:00:00+09:00\turi:/works/%u\tstatus:200\n", i);
    fprintf(f, "half a line");
    long n = ftell(f);
    longest = (uint64_t)n > longest ? (uint64_t)n : longest;
    fclose(f);
}

static void remove_files(void)
{
    char path[200];
    snprintf(path, sizeof path, "%s/access.log", root);
    unlink(path);
    snprintf(path, sizeof path, "%s/access.log.1", root);
    unlink(path);
    rmdir(root);
}

static void prepare(void)
{
    if (out.p)
        return;
    out.p = malloc(OUT_MAX);
    must(mkdtemp(root) != NULL);
    signal(SIGPIPE, SIG_IGN);
    make_file("access.log.1", 0);
    make_file("access.log", 100000);
    atexit(remove_files);
}

static void check_block(const struct frame *f)
{
    struct block b;
    struct err e;
    must(block_read(f->payload, &b, &e) && b.stream && b.lines && b.start + b.raw_n <= longest);
    char *text = malloc(b.clear_n + 1);
    must(block_text(f->payload, &b, f->flags & BLOCK_STORED, text, &e));
    free(text);
}

static void check_frame(const struct frame *f)
{
    static struct wire_status status;
    struct wire_hello hello;
    struct wire_open opened;
    struct wire_claim claim;
    struct wire_done done;
    struct err e;
    switch ((int)f->type) {
    case FRAME_HELLO:   must(wire_hello_read(f->payload, &hello, &e));                                      return;
    case FRAME_OPEN:    must(wire_open_read(f->payload, &opened, &e));                                      return;
    case FRAME_CLAIM:   must(wire_claim_read(f->payload, &claim, &e) && claim.head_n && !claim.imported);   return;
    case FRAME_BLOCK:   check_block(f);                                                                     return;
    case FRAME_DONE:    must(wire_done_read(f->payload, &done, &e) && done.stream);                         return;
    case FRAME_STATUS:  must(wire_status_read(f->payload, &status, &e));                                    return;
    case FRAME_PING:    return;
    default:            must(false);
    }
}

static void check_all(void)
{
    struct frame f;
    struct err e;
    for (size_t n; (n = frame_cut(out, &f, &e)) != 0; out = str_from(out, n)) {
        must(n != SIZE_MAX);
        check_frame(&f);
    }
}

static void hear(int fd, char *base)
{
    for (ssize_t n; out.n < OUT_MAX && (n = read(fd, base + out.n, OUT_MAX - out.n)) > 0;)
        out.n += (size_t)n;
}

static void say_all(int fd, const uint8_t *data, size_t size)
{
    OWN_BUF struct buf b = buf_make(1 << 20);
    size_t at = frame_open(&b, FRAME_WELCOME, 0);
    wire_welcome_put(&b, &(struct wire_welcome){.window = 8 << 20, .config = str_z(config)});
    frame_close(&b, at);
    while (size >= 3) {
        size_t n = (size_t)(data[1] | data[2] << 8);
        n = n < size - 3 ? n : size - 3;
        at = frame_open(&b, data[0] % FRAME_TYPES, 0);
        buf_add(&b, (struct str){(const char *)data + 3, n});
        frame_close(&b, at);
        data += 3 + n;
        size -= 3 + n;
    }
    must(b.failed || write(fd, b.p, b.n) == (ssize_t)b.n || size);
}

static void converse(const uint8_t *data, size_t size)
{
    int fd[2], room = 1 << 20;
    struct err e = {0};
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd) == 0);
    setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    struct loop *l = loop_new(&e);
    struct agent_spec spec = {.fd = fd[1], .host = S("app1"), .root = root, .quiet_ms = 1, .settle_ms = 1,
                              .gather_ms = 1, .sweep_ms = 1};
    struct agent *a = agent_new(l, &spec, &e);
    must(a != NULL);
    char *base = (char *)(uintptr_t)out.p;
    say_all(fd[0], data, size);
    for (int i = 0; i < TURNS; i++) {
        event_base_loop(loop_base(l), EVLOOP_NONBLOCK);
        hear(fd[0], base);
    }
    usleep(1500);                   // one sweep
    event_base_loop(loop_base(l), EVLOOP_NONBLOCK);
    hear(fd[0], base);
    check_all();
    out = (struct str){base, 0};
    agent_free(a);
    loop_free(l);
    close(fd[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    prepare();
    // The agent says what it does, which nobody reads here; what the sanitizers say somebody does.
    int kept = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    __sanitizer_set_report_fd((void *)(intptr_t)kept);
    dup2(null, STDERR_FILENO);
    converse(data, size);
    dup2(kept, STDERR_FILENO);
    __sanitizer_set_report_fd((void *)(intptr_t)STDERR_FILENO);
    close(kept);
    close(null);
    return 0;
}
