// doctor.c: looks at every host over ssh, many at once: reachable with our key and its pinned one, rsync and flock
// there, room on its disks, its clock within two seconds of ours. One ssh and one constant script per host.
#include "release/doctor.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/embed.h"
#include "base/file.h"
#include "release/remote.h"
#include "site/site.h"

EMBED(doctor_script, "release/doctor.sh")

enum {
    AT_ONCE = 16,
    DEADLINE_MS = 30000,
    OUTPUT_MAX = 256 << 10,
    CLOCK_MS = 2000,
    FULL_WARN_PERCENT = 90,
    INODES_WARN_PERCENT = 95,
};
static const int64_t free_least_kb = 500 << 10;

struct round;
struct visit {
    struct round *of;
    const struct host *host;
    int64_t began;
    struct checks found;        // put together in the site's order at the end
};

struct round {
    struct arena *a;
    const struct site *site;
    const char *data;
    struct loop *loop;
    struct visit *visit;
    size_t next, running;
};

#define found(v, level, hint, ...)  check_add((v)->of->a, &(v)->found, level, (v)->host->name, hint, __VA_ARGS__)

// What the host said -------------------------------------------------------------------------------------------

// The host's second began somewhere between our start and now; only what no such moment explains is told.
static void judge_clock(struct visit *v, struct str seconds)
{
    int64_t s, ahead, behind;
    char took[TIME_TEXT_MAX];
    if (!str_i64(seconds, &s) || s > INT64_MAX / 2000)
        return;
    ahead = s * 1000 - now_ms();
    behind = v->began - (s * 1000 + 999);
    int64_t off = ahead > behind ? ahead : behind;
    if (off > CLOCK_MS)
        found(v, CHECK_FAIL, "let chrony or systemd-timesyncd keep it", "its clock is %s %s", took_text(off, took),
              ahead > behind ? "ahead" : "behind");
}

// "dir FREE_KB FULL_PERCENT INODES_PERCENT MAY_WRITE EXISTING PATH"
static void judge_dir(struct visit *v, struct str rest)
{
    int64_t free_kb, full, inodes;
    if (!str_i64(str_word(&rest), &free_kb) || !str_i64(str_word(&rest), &full))
        return;
    struct str inode_word = str_word(&rest), may = str_word(&rest), there = str_word(&rest), path = str_word(&rest);
    if (!str_i64(inode_word, &inodes))      // "-" on file systems without a fixed number
        inodes = 0;
    if (!str_eq(may, S("yes")))
        found(v, CHECK_FAIL, str_zf(v->of->a, "there: chown " STR_F " " STR_F, STR_A(v->host->ssh.user), STR_A(path)),
              STR_F " may not write " STR_F, STR_A(v->host->ssh.user), STR_A(there));
    if (free_kb < free_least_kb)
        found(v, CHECK_FAIL, "free some space there", STR_F " has only %lld MB free", STR_A(path),
              (long long)free_kb / 1000);
    else if (full >= FULL_WARN_PERCENT || inodes >= INODES_WARN_PERCENT)
        found(v, CHECK_WARN, "free some space there", STR_F " is %lld%% full, its inodes %lld%%", STR_A(path),
              (long long)full, (long long)inodes);
}

static void judge(struct visit *v, struct str said)
{
    size_t before = v->found.n;
    bool whole = false;
    char took[TIME_TEXT_MAX];
    while (said.n) {
        struct str line = str_cut(&said, '\n'), word = str_word(&line);
        if (str_eq(word, S("clock")))
            judge_clock(v, str_word(&line));
        else if (str_eq(word, S("missing")))
            found(v, CHECK_FAIL, "there: apt install rsync util-linux coreutils mawk", "has no " STR_F,
                  STR_A(line));
        else if (str_eq(word, S("dir")))
            judge_dir(v, line);
        else
            whole = whole || str_eq(word, S("end"));
    }
    if (!whole)
        found(v, CHECK_FAIL, "has its user a shell that runs commands?", "ssh works, but our script does not end there");
    else if (v->found.n == before)
        found(v, CHECK_OK, NULL, "answers in %s, has what a release needs", took_text(now_ms() - v->began, took));
}

// ssh's own refusals, in its words, and what helps against each.
static const char *way_in(const struct visit *v, struct str said)
{
    const char *name = str_zdup(v->of->a, v->host->name);
    if (str_find(said, S("REMOTE HOST IDENTIFICATION HAS CHANGED")) >= 0)
        return str_zf(v->of->a, "when you know why: rusuban host trust %s --replace", name);
    if (str_find(said, S("Host key verification failed")) >= 0)
        return str_zf(v->of->a, "rusuban host trust %s", name);
    if (str_find(said, S("Permission denied")) >= 0)
        return "put our key there: rusuban host key";
    return "is it up, and may we reach it?";
}

static struct str last_line(struct str text)
{
    struct str last = S("");
    for (struct str rest = str_trim(text); rest.n;) {
        struct str line = str_trim(str_cut(&rest, '\n'));
        last = line.n ? line : last;
    }
    return last;
}

// Going there --------------------------------------------------------------------------------------------------

static void start_more(struct round *r);

static void on_done(void *arg, const struct child_result *result)
{
    struct visit *v = arg;
    struct round *r = v->of;
    if (result->status == 255 || result->late || result->signal) {
        struct str why = last_line(result->err);
        found(v, CHECK_FAIL, way_in(v, result->err), "cannot be reached: " STR_F, STR_A(why.n ? why : S("no answer")));
    } else
        judge(v, result->out);
    r->running--;
    start_more(r);
}

static bool uses(const struct service *s, struct str host)
{
    for (size_t i = 0; i < s->servers.n; i++)
        if (strs_have(&s->servers.at[i].hosts, host))
            return true;
    return false;
}

// The script, then the directories as its input; a quoted here-document takes every byte as it is.
static struct str script_for(struct round *r, const struct host *h)
{
    OWN_BUF struct buf b = buf_make(1 << 20);
    buf_add(&b, doctor_script());
    buf_addz(&b, "look <<'END OF DIRECTORIES'\n");
    for (size_t i = 0; i < r->site->services.n; i++)
        if (uses(&r->site->services.at[i], h->name))
            buf_addf(&b, STR_F "\n", STR_A(remote_dir(r->a, h, r->site->services.at[i].deploy_to)));
    buf_addz(&b, "END OF DIRECTORIES\n");
    return str_dup(r->a, buf_str(&b));
}

// With the very options of a release, so that what passes here passes there.
static const char *const *ssh_argv(struct arena *a, const struct host *h)
{
    struct strs words = {0};
    vec_push(a, &words, S("ssh"));
    remote_words(a, h, &words);
    const char **argv = NEW_N(a, const char *, words.n + 6);
    size_t n = 0;
    for (; n < words.n; n++)
        argv[n] = str_zdup(a, words.at[n]);
    argv[n++] = "-T";
    argv[n++] = "--";
    argv[n++] = str_zf(a, STR_F "@" STR_F, STR_A(h->ssh.user), STR_A(h->address));
    argv[n++] = "/bin/sh";
    argv[n++] = "-s";
    return argv;
}

static bool start(struct visit *v, struct err *e)
{
    struct round *r = v->of;
    struct child_spec spec = {.argv = ssh_argv(r->a, v->host), .dir = str_zf(r->a, "%s/run", r->data),
                              .input = script_for(r, v->host), .deadline_ms = DEADLINE_MS, .max_output = OUTPUT_MAX};
    v->began = now_ms();
    return child_start(r->loop, &spec, on_done, v, e) != NULL;
}

static void start_more(struct round *r)
{
    struct err e;
    while (r->running < AT_ONCE && r->next < r->site->hosts.n) {
        struct visit *v = &r->visit[r->next];
        *v = (struct visit){.of = r, .host = &r->site->hosts.at[r->next]};
        r->next++;
        if (start(v, &e))
            r->running++;
        else
            found(v, CHECK_FAIL, e.hint, "%s", e.text);
    }
    if (!r->running)
        loop_stop(r->loop);
}

static void visit_all(struct round *r, struct checks *out)
{
    r->visit = NEW_N(r->a, struct visit, r->site->hosts.n);
    start_more(r);
    if (r->running)
        loop_run(r->loop);
    for (size_t i = 0; i < r->site->hosts.n; i++)
        for (size_t k = 0; k < r->visit[i].found.n; k++)
            vec_push(r->a, out, r->visit[i].found.at[k]);
}

// A site file with mistakes has been told about by then.
void release_check(struct arena *a, const char *site, const char *data, struct checks *out)
{
    struct round r = {.a = a, .data = data};
    struct site *s;
    struct err e;
    if (!site_load(a, site, &s, &e) || !s->hosts.n)
        return;
    r.site = s;
    if (!path_exists(str_zf(a, "%s/keys/deploy", data))) {
        check_add(a, out, CHECK_FAIL, S("hosts"), "rusuban host key", "we have no key to come to them with");
        return;
    }
    r.loop = dir_make(str_zf(a, "%s/run", data), 0700, &e) ? loop_new(&e) : NULL;
    if (!r.loop) {
        check_add(a, out, CHECK_FAIL, S("hosts"), NULL, "%s", e.text);
        return;
    }
    visit_all(&r, out);
    loop_free(r.loop);
}
