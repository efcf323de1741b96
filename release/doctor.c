// doctor.c: looks at every repository (repositories.c), and at every host over ssh, many at once: reachable with our
// key and its pinned one, rsync and flock there, room on its disks, its clock within two seconds of ours. One ssh and
// one constant script per host.
#include "release/doctor.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/embed.h"
#include "base/file.h"
#include "release/few.h"
#include "release/findings.h"
#include "release/remote.h"
#include "site/site.h"

EMBED(doctor_script, "release/doctor.sh")

enum {
    AT_ONCE = 16,
    DEADLINE_MS = 30000,
    OUTPUT_MAX = 256 << 10,
};

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
    const char *dir;
    VEC(const struct host *) hosts;
    struct visit *visit;
    struct few few;
};

#define found(v, level, hint, ...)  check_add((v)->of->a, &(v)->found, level, (v)->host->name, hint, __VA_ARGS__)

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

static void on_done(void *arg, const struct child_result *result)
{
    struct visit *v = arg;
    struct round *r = v->of;
    if (result->status == 255 || result->late || result->signal) {
        struct str why = last_line(result->err);
        found(v, CHECK_FAIL, way_in(v, result->err), "cannot be reached: " STR_F, STR_A(why.n ? why : S("no answer")));
    } else
        findings_read(r->a, v->host, v->began, result->out, &v->found);
    few_over(&r->few);
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
    struct child_spec spec = {.argv = ssh_argv(r->a, v->host), .dir = r->dir,
                              .input = script_for(r, v->host), .deadline_ms = DEADLINE_MS, .max_output = OUTPUT_MAX};
    v->began = now_ms();
    return child_start(r->few.loop, &spec, on_done, v, e) != NULL;
}

static bool start_one(void *arg, size_t i)
{
    struct round *r = arg;
    struct visit *v = &r->visit[i];
    struct err e;
    *v = (struct visit){.of = r, .host = r->hosts.at[i]};
    if (start(v, &e))
        return true;
    found(v, CHECK_FAIL, e.hint, "%s", e.text);
    return false;
}

static void visit_all(struct round *r, struct loop *loop, struct checks *out)
{
    r->few = (struct few){.loop = loop, .n = r->hosts.n, .at_once = AT_ONCE, .start = start_one, .arg = r};
    r->visit = NEW_N(r->a, struct visit, r->hosts.n);
    few_run(&r->few);
    for (size_t i = 0; i < r->hosts.n; i++)
        for (size_t k = 0; k < r->visit[i].found.n; k++)
            vec_push(r->a, out, r->visit[i].found.at[k]);
}

// A host of no service whose log is wanted needs no ssh. One that nothing names yet is looked at: it is being prepared.
static void choose_hosts(struct round *r)
{
    struct strs logs = {0};
    for (size_t i = 0; i < r->site->log.datasets.n; i++)
        dataset_hosts(r->a, &r->site->log.datasets.at[i], &logs);
    for (size_t i = 0; i < r->site->hosts.n; i++) {
        const struct host *h = &r->site->hosts.at[i];
        bool released = false;
        for (size_t k = 0; k < r->site->services.n; k++)
            released = released || uses(&r->site->services.at[k], h->name);
        if (released || !strs_have(&logs, h->name))
            vec_push(r->a, &r->hosts, h);
    }
}

// A directory from which ../keys and ../known_hosts, as ssh is told, are ours. A house that is not there is not begun
// by looking at it: the doctor may be root, and serve another user.
static const char *place(struct arena *a, const char *data, struct err *e)
{
    static const char *const any[] = {"run", "keys"};
    for (size_t i = 0; i < ARRAY_LEN(any); i++)
        if (path_exists(str_zf(a, "%s/%s", data, any[i])))
            return str_zf(a, "%s/%s", data, any[i]);
    const char *run = str_zf(a, "%s/run", data);
    return !path_exists(data) ? "/" : dir_make(run, 0700, e) ? run : NULL;
}

// A site file with mistakes has been told about by then.
void release_check(struct arena *a, const char *site, const char *data, struct checks *out)
{
    struct round r = {.a = a};
    struct site *s;
    struct err e;
    if (!site_load(a, site, &s, &e) || !s->hosts.n)
        return;
    r.site = s;
    r.dir = place(a, data, &e);
    struct loop *loop = r.dir ? loop_new(&e) : NULL;
    if (!loop) {
        check_add(a, out, CHECK_FAIL, S("hosts"), NULL, "%s", e.text);
        return;
    }
    repositories_check(a, s, data, r.dir, loop, out);
    choose_hosts(&r);
    if (r.hosts.n && !path_exists(str_zf(a, "%s/keys/deploy", data)))
        check_add(a, out, CHECK_FAIL, S("hosts"), "rusuban host key", "we have no key to come to them with");
    else if (r.hosts.n)
        visit_all(&r, loop, out);
    loop_free(loop);
}
