// doctor.c: what `rusuban doctor` says about logs: is there what answers SQL, does the log server answer, is each host
// of each dataset connected and how far behind, is there room for the lake.
#include "log/log.h"
#include "base/file.h"
#include "log/account.h"
#include "log/asking.h"
#include "log/local.h"
#include "base/jansson.h"
#include "site/site.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ANSWER_MS = 2500, SILENT_MS = 30000, BEHIND_MS = 60000, NEAR_PERCENT = 5, LANDLOCK_CREATE = 444,
       LANDLOCK_VERSION = 1 };

struct look {
    struct arena *a;
    const struct site *site;
    const char *data, *lake;
    struct checks *out;
};

#define found(l, level, about, hint, ...)  check_add((l)->a, (l)->out, level, about, hint, __VA_ARGS__)

static void look_at_sql(struct look *l)
{
    struct err e = {0};
    const char *path;
    long landlock = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_VERSION);
    if (!sql_program(l->a, &path, &e))
        found(l, CHECK_WARN, S("rusuban-sql"), e.hint, "%s", e.text);
    else if (landlock < 1)
        found(l, CHECK_WARN, S("rusuban-sql"),
              "a kernel with CONFIG_SECURITY_LANDLOCK=y and \"landlock\" among lsm= has it",
              "this kernel has no Landlock, and without it nobody's SQL is run here");
    else
        found(l, CHECK_OK, S("rusuban-sql"), NULL, "%s, fenced by Landlock %ld", path, landlock);
}

// As df counts: what is used, of what is used and free to us.
static void look_at_disk(struct look *l, const json_t *status)
{
    struct statvfs v;
    if (statvfs(l->lake, &v) < 0 || v.f_blocks == 0) {
        found(l, CHECK_FAIL, S("lake"), NULL, "%s cannot be looked at: %m", l->lake);
        return;
    }
    double used = (double)(v.f_blocks - v.f_bfree), full = 100 * used / (used + (double)v.f_bavail);
    double left = (double)v.f_bavail * (double)v.f_frsize / 1e9;
    int stop = l->site->log.stop_at;
    enum check_level level = full >= stop || j_true(status, "full") ? CHECK_FAIL
                             : full >= stop - NEAR_PERCENT          ? CHECK_WARN : CHECK_OK;
    found(l, level, S("lake"),
          level == CHECK_OK ? NULL : "free some space there, or let log.datasets keep less; it goes on by itself",
          "%s rows in %s, %.1f GB free, %.0f%% full, %s %d%% on", grouped_number(l->a, j_int(status, "rows")), l->lake,
          left, full, full >= stop ? "and agents wait from" : "agents would wait from", stop);
}

// The file that is most behind speaks for the host.
static void judge_agent(struct look *l, struct str host, const json_t *agent)
{
    const json_t *files = json_object_get(agent, "files");
    int64_t behind = 0, bytes = 0;
    size_t i;
    json_t *f;
    json_array_foreach(files, i, f) {
        int64_t left = j_int(f, "size") - j_int(f, "acked");
        if (left > 0 && j_int(f, "behind_ms") > behind)
            behind = j_int(f, "behind_ms");
        bytes += left > 0 ? left : 0;
    }
    if (j_text(agent, "trouble")[0])
        found(l, CHECK_FAIL, host, "rusuban-agent.service has the group adm; may it read that file?",
              "its agent cannot read a log: %s", j_text(agent, "trouble"));
    else if (j_int(agent, "heard_ms_ago") > SILENT_MS)
        found(l, CHECK_FAIL, host, "look at its agent's log", "its agent is connected and has said nothing for %lld s",
              (long long)j_int(agent, "heard_ms_ago") / 1000);
    else if (j_true(agent, "told") && json_array_size(files) == 0)
        found(l, CHECK_WARN, host, "look at the paths in log.datasets", "its agent finds none of its log files");
    else if (behind > BEHIND_MS)
        found(l, CHECK_WARN, host, "rusuban log status", "its log is %lld s behind, %.1f MB", (long long)behind / 1000,
              (double)bytes / 1e6);
    else
        found(l, CHECK_OK, host, NULL, "its agent ships %zu log file%s", json_array_size(files),
              json_array_size(files) == 1 ? "" : "s");
}

static const json_t *agent_of(const json_t *status, struct str host)
{
    json_t *agent;
    size_t i;
    json_array_foreach(json_object_get(status, "agents"), i, agent)
        if (str_eq(str_z(j_text(agent, "host")), host))
            return agent;
    return NULL;
}

static void look_at_hosts(struct look *l, const json_t *status)
{
    struct strs seen = {0};
    for (size_t i = 0; i < l->site->log.datasets.n; i++)
        dataset_hosts(l->a, &l->site->log.datasets.at[i], &seen);
    for (size_t i = 0; i < seen.n; i++) {
        const json_t *agent = agent_of(status, seen.at[i]);
        if (agent)
            judge_agent(l, seen.at[i], agent);
        else
            found(l, CHECK_FAIL, seen.at[i], "on it: systemctl status rusuban-agent",
                  "no agent is connected, so its lines wait there");
    }
}

// Who came and may not, as who it says it is. Two agents of one host take turns at being connected, so it is said beside.
static void look_at_refused(struct look *l, const json_t *status)
{
    size_t i;
    json_t *r;
    json_array_foreach(json_object_get(status, "refused"), i, r)
        if (j_text(r, "host")[0])
            found(l, CHECK_WARN, str_z(j_text(r, "host")), j_text(r, "hint"), "an agent was sent away, from %s: %s",
                  j_text(r, "from"), j_text(r, "why"));
}

// The house, or one role of it.
static bool runs(struct look *l, const char *role)
{
    struct err e;
    struct str text;
    int64_t pid;
    return file_read(l->a, str_zf(l->a, "%s/run/%s.pid", l->data, role), 64, &text, &e) && str_i64(str_trim(text), &pid)
        && pid > 0 && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

static void look_at_server(struct look *l)
{
    OWN_BUF struct buf room = buf_make(FRAME_MAX + FRAME_HEAD);
    struct str said = {0};
    struct err e = {0};
    if (!runs(l, "serve") && !runs(l, "logserver")) {
        found(l, CHECK_WARN, S("log server"), "rusuban serve", "it does not run");
        return;
    }
    if (!local_ask(l->data, "status", ANSWER_MS, &room, &said, &e)) {
        if (e.kind == ERR_LATE)
            found(l, CHECK_FAIL, S("log server"),
                  "look at its log and its disk; kill -9 loses nothing, the house starts it again",
                  "it runs and has said nothing for %.1f s: it hangs", ANSWER_MS / 1000.0);
        else
            found(l, CHECK_FAIL, S("log server"), e.hint, "%s", e.text);
        return;
    }
    OWN_JSON *status = json_loadb(said.p, said.n, 0, NULL);
    if (j_text(status, "trouble")[0])
        found(l, CHECK_FAIL, S("log server"), "look at its log", "%s", j_text(status, "trouble"));
    else
        found(l, CHECK_OK, S("log server"), NULL, "it answers");
    if (j_text(status, "listen_trouble")[0])
        found(l, CHECK_FAIL, S("log.listen"), "it is tried again every 10 s; agents of other machines wait",
              "%s", j_text(status, "listen_trouble"));
    if (j_int(status, "aside") > 0)
        found(l, CHECK_WARN, S("lake"), "rusuban log audit says whether rows are missing; remove them when none are",
              "%lld files that no catalog names lie in the aside directories of %s", (long long)j_int(status, "aside"),
              l->lake);
    if (j_int(status, "unsealed") > 0)
        found(l, CHECK_WARN, S("lake"), "questions see their rows, only more slowly; it is tried again by itself",
              "%lld hour%s could not be sealed: %s", (long long)j_int(status, "unsealed"),
              j_int(status, "unsealed") == 1 ? "" : "s",
              j_text(status, "unsealed_why"));
    look_at_disk(l, status);
    look_at_hosts(l, status);
    look_at_refused(l, status);
}

// A site without datasets has no logs to look at; one with mistakes has been told about by then.
void log_check(struct arena *a, const char *site_path, const char *data, struct checks *out)
{
    struct site *site;
    struct err e = {0};
    if (!site_load(a, site_path, &site, &e) || !site->log.datasets.n)
        return;
    struct look l = {.a = a, .site = site, .data = data, .out = out};
    l.lake = site_lake(a, site, data);
    look_at_sql(&l);
    look_at_server(&l);
}
