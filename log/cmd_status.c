// cmd_status.c: `rusuban log status`: how far each file of each host is, and how the lake is.
#include "base/jansson.h"
#include "log/cli.h"
#include "log/local.h"
#include <stdio.h>
#include <string.h>

enum { ANSWER_MS = 10000 };

// 1,402,112,004
static const char *grouped(struct arena *a, int64_t n)
{
    const char *digits = str_zf(a, "%lld", (long long)n);
    OWN_BUF struct buf b = buf_make(64);
    for (size_t i = 0, left = strlen(digits); left; i++, left--) {
        if (i > 0 && left % 3 == 0 && digits[i - 1] != '-')
            buf_addc(&b, ',');
        buf_addc(&b, digits[i]);
    }
    return str_zdup(a, buf_str(&b));
}

static const char *size_of(struct arena *a, int64_t bytes)
{
    static const char *const units[] = {"bytes", "KB", "MB", "GB", "TB"};
    double n = (double)bytes;
    size_t u = 0;
    for (; n >= 1000 && u + 1 < ARRAY_LEN(units); u++)
        n /= 1000;
    return str_zf(a, u && n < 100 ? "%.1f %s" : "%.0f %s", n, units[u]);
}

static void print_file(struct call *c, const char *host, const json_t *f)
{
    int64_t size = j_int(f, "size"), acked = j_int(f, "acked");
    printf("%-8s ", host);
    put_foreign(stdout, str_z(j_text(f, "path")));
    printf("  acked %s of %s", grouped(c->arena, acked), grouped(c->arena, size));
    if (acked < size && j_int(f, "behind_ms") > 0)
        printf(", %.1f s behind", (double)j_int(f, "behind_ms") / 1000);
    putchar('\n');
}

static void print_agent(struct call *c, const json_t *agent)
{
    const json_t *files = json_object_get(agent, "files");
    json_t *f;
    size_t i;
    json_array_foreach(files, i, f)
        print_file(c, j_text(agent, "host"), f);
    if (json_array_size(files) == 0)
        printf("%-8s connected; none of its files is there yet\n", j_text(agent, "host"));
}

static void print_lake(struct call *c, const json_t *j)
{
    int64_t rows = j_int(j, "rows"), sealed = rows - j_int(j, "hot_rows");
    printf("lake     %s rows, %s", grouped(c->arena, rows), size_of(c->arena, j_int(j, "bytes")));
    if (sealed > 0)
        printf(" (%.1f bytes a line)", (double)j_int(j, "bytes") / (double)sealed);
    printf(", bad %s", grouped(c->arena, j_int(j, "bad")));
    if (j_int(j, "visible_p99_ms") >= 0)
        printf(", visible after %.1f s (p99 %.1f s)", (double)j_int(j, "visible_p50_ms") / 1000,
               (double)j_int(j, "visible_p99_ms") / 1000);
    printf(", WAL %s\n", size_of(c->arena, j_int(j, "wal_bytes")));
    if (j_true(j, "full"))
        puts("         FULL: agents wait, nothing is lost; make room and it goes on by itself");
    if (j_text(j, "trouble")[0])
        printf("         TROUBLE: %s\n", j_text(j, "trouble"));
}

bool cmd_log_status(struct call *c, struct err *e)
{
    OWN_BUF struct buf room = buf_make(FRAME_MAX + FRAME_HEAD);
    OWN_FD fd = -1;
    struct frame f;
    json_error_t why;
    if (!local_connect(c->data, S("person"), "import status", &fd, &room, e) || !local_send(fd, FRAME_ASK, S("status"), e))
        return false;
    do
        if (!local_next(fd, ANSWER_MS, &room, &f, e))
            return false;
    while (f.type != FRAME_ANSWER);
    if (c->json) {
        printf(STR_F "\n", STR_A(f.payload));
        return true;
    }
    OWN_JSON *j = json_loadb(f.payload.p, f.payload.n, 0, &why);
    if (!j)
        return err_set(e, ERR_PEER, "the log server's answer is no JSON: %s", why.text);
    json_t *agent;
    size_t i;
    json_array_foreach(json_object_get(j, "agents"), i, agent)
        print_agent(c, agent);
    if (json_array_size(json_object_get(j, "agents")) == 0)
        puts("no agent is connected; on a web host: rusuban log agent");
    print_lake(c, j);
    return true;
}
