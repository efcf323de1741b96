// cmd_status.c: `rusuban log status`: how far each file of each host is, and how the lake is.
#include "base/clock.h"
#include "base/jansson.h"
#include "log/cli.h"
#include "log/local.h"
#include "site/site.h"
#include <stdio.h>
#include <stdlib.h>
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

const char *size_text(struct arena *a, uint64_t bytes)
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
    bool open = j_true(f, "open");
    printf("  acked %s of %s", grouped(c->arena, acked), open ? "what is unpacked" : grouped(c->arena, size));
    if ((acked < size || open) && j_int(f, "behind_ms") > 0)
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
    const char *trouble = j_text(agent, "trouble");
    if (json_array_size(files) == 0 && !trouble[0])
        printf("%-8s %s\n", j_text(agent, "host"), j_true(agent, "told") ? "connected; none of its files is there yet"
               : "connected just now; how far its files are it tells in some seconds");
    if (trouble[0]) {
        printf("%-8s TROUBLE: ", j_text(agent, "host"));
        put_foreign(stdout, str_z(trouble));
        putchar('\n');
    }
}

// Those who came and were sent away, within ten minutes: who is not connected, or is so twice.
static void print_refused(struct call *c, const json_t *refused, const char *zone)
{
    const json_t *r;
    size_t i;
    json_array_foreach(refused, i, r) {
        char when[TIME_TEXT_MAX];
        int64_t times = j_int(r, "times");
        const char *host = j_text(r, "host");
        time_local(time_parse(j_text(r, "last")), zone, false, when);
        put_foreign(stdout, str_z(host[0] ? host : "somebody"));
        printf("%*s REFUSED %s%s, from %s: ", host[0] && strlen(host) < 8 ? (int)(8 - strlen(host)) : 0, "",
               times > 1 ? str_zf(c->arena, "%s times, the last ", grouped(c->arena, times)) : "", when,
               j_text(r, "from"));
        put_foreign(stdout, str_z(j_text(r, "why")));
        putchar('\n');
        if (j_text(r, "hint")[0]) {
            printf("%-8s ", "");
            put_told(stdout, str_z(j_text(r, "hint")));
            putchar('\n');
        }
    }
}

static void print_lake(struct call *c, const json_t *j)
{
    int64_t rows = j_int(j, "rows"), sealed = rows - j_int(j, "hot_rows");
    printf("lake     %s rows", grouped(c->arena, rows));
    if (sealed > 0)                                 // the others have no file yet that stays
        printf(", %s (%.1f bytes a line)", size_text(c->arena, (uint64_t)j_int(j, "bytes")),
               (double)j_int(j, "bytes") / (double)sealed);
    printf(", bad %s", grouped(c->arena, j_int(j, "bad")));
    if (j_int(j, "visible_p99_ms") >= 0)
        printf(", visible after %.1f s (p99 %.1f s)", (double)j_int(j, "visible_p50_ms") / 1000,
               (double)j_int(j, "visible_p99_ms") / 1000);
    printf(", WAL %s\n", size_text(c->arena, (uint64_t)j_int(j, "wal_bytes")));
    if (j_true(j, "full"))
        puts("         FULL: agents wait, nothing is lost; make room and it goes on by itself");
    if (j_text(j, "listen_trouble")[0])
        printf("         log.listen: %s\n", j_text(j, "listen_trouble"));
    if (j_int(j, "aside") > 0)
        printf("         ASIDE: %s files that no catalog names were moved to the aside directories of the lake;"
               " when their rows are\n         not missing (rusuban log audit), remove them\n",
               grouped(c->arena, j_int(j, "aside")));
    if (j_int(j, "unsealed") > 0)
        printf("         UNSEALED: %s hour%s of lines in small files, to be sealed again later: %s\n",
               grouped(c->arena, j_int(j, "unsealed")), j_int(j, "unsealed") == 1 ? "" : "s", j_text(j, "unsealed_why"));
    if (j_text(j, "trouble")[0])
        printf("         TROUBLE: %s\n", j_text(j, "trouble"));
}

static int by_host(const void *a, const void *b)
{
    return strcmp(j_text(*(json_t *const *)a, "host"), j_text(*(json_t *const *)b, "host"));
}

static bool connected(const json_t *agents, struct str host)
{
    json_t *agent;
    size_t i;
    json_array_foreach(agents, i, agent)
        if (str_eq(str_z(j_text(agent, "host")), host))
            return true;
    return false;
}

// Hosts that the site file names and that are not there. A site file with mistakes is the server's and the doctor's
// affair.
static bool print_away(struct call *c, const struct site *site, const json_t *agents)
{
    struct strs hosts = {0};
    bool any = false;
    if (!site)
        return false;
    for (size_t i = 0; i < site->log.datasets.n; i++)
        dataset_hosts(c->arena, &site->log.datasets.at[i], &hosts);
    for (size_t i = 0; i < hosts.n; i++)
        if (!connected(agents, hosts.at[i])) {
            printf("%-8s no agent is connected, its lines wait there; on it: rusuban log agent\n",
                   str_zdup(c->arena, hosts.at[i]));
            any = true;
        }
    return any;
}

static void print_agents(struct call *c, const struct site *site, const json_t *agents)
{
    size_t n = json_array_size(agents);
    json_t **at = NEW_N(c->arena, json_t *, n + 1);
    for (size_t i = 0; i < n; i++)
        at[i] = json_array_get(agents, i);
    qsort(at, n, sizeof at[0], by_host);
    for (size_t i = 0; i < n; i++)
        print_agent(c, at[i]);
    bool away = print_away(c, site, agents);
    if (n == 0 && !away)
        puts("no agent is connected, and the site file names no host that should be");
}

bool cmd_log_status(struct call *c, struct err *e)
{
    OWN_BUF struct buf room = buf_make(FRAME_MAX + FRAME_HEAD);
    struct str said;
    struct site *site = NULL;
    struct err unread;
    json_error_t why;
    if (!local_ask(c->data, "status", ANSWER_MS, &room, &said, e))
        return false;
    if (c->json) {
        printf(STR_F "\n", STR_A(said));
        return true;
    }
    OWN_JSON *j = json_loadb(said.p, said.n, 0, &why);
    if (!j)
        return err_set(e, ERR_PEER, "the log server's answer is no JSON: %s", why.text);
    if (!site_load(c->arena, c->site, &site, &unread))
        site = NULL;
    print_agents(c, site, json_object_get(j, "agents"));
    print_refused(c, json_object_get(j, "refused"), site ? str_zdup(c->arena, site->timezone) : NULL);
    print_lake(c, j);
    return true;
}
