// machine.c: what doctor looks at on this machine: the programs that we drive, the site file, the data directory.
#include "base/child.h"
#include "base/file.h"
#include "house/commands.h"
#include <dirent.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { MISTAKES_SHOWN = 20 };
static const int64_t free_least = 500LL << 20;      // below this a build or the store soon stops
enum { FULL_WARN_PERCENT = 90, INODES_LEAST_PERCENT = 2 };

struct place {
    struct arena *a;
    const char *site_path, *data;
    struct site *site;          // NULL: it has mistakes
    struct checks *out;
};

#define ok(p, about, ...)           check_add((p)->a, (p)->out, CHECK_OK, about, NULL, __VA_ARGS__)
#define warn(p, about, hint, ...)   check_add((p)->a, (p)->out, CHECK_WARN, about, hint, __VA_ARGS__)
#define fail(p, about, hint, ...)   check_add((p)->a, (p)->out, CHECK_FAIL, about, hint, __VA_ARGS__)

// The site file ------------------------------------------------------------------------------------------------

static void look_at_site(struct place *p)
{
    struct mistakes m = {0};
    struct err e;
    if (!site_read(p->a, p->site_path, &p->site, &m, &e)) {
        fail(p, S("site file"), e.hint[0] ? e.hint : "rusuban site init", "%s", e.text);
        return;
    }
    for (size_t i = 0; i < m.n && i < MISTAKES_SHOWN; i++)
        fail(p, str_f(p->a, "%s:%d:%d", p->site_path, m.at[i].line, m.at[i].col), str_zdup(p->a, m.at[i].hint), STR_F,
             STR_A(m.at[i].text));
    if (m.n > MISTAKES_SHOWN)
        fail(p, S("site file"), "rusuban site check", "%zu more mistakes", m.n - MISTAKES_SHOWN);
    if (p->site && !p->site->services.n)
        warn(p, str_z(p->site_path), "an example: rusuban site init --print",
             "no service, so there is nothing to release");
    else if (p->site)
        ok(p, str_z(p->site_path), "%s, %s, %s", counted(p->a, (int64_t)p->site->services.n, "service"),
           counted(p->a, (int64_t)p->site->hosts.n, "host"), counted(p->a, (int64_t)p->site->zones.n, "zone"));
}

// Programs -----------------------------------------------------------------------------------------------------

// The first line that the program says about its version; empty when it cannot be run.
static struct str version_of(struct place *p, const char *const *argv)
{
    struct child_spec spec = {.argv = argv, .deadline_ms = 5000, .max_output = 4096};
    struct child_result r = {0};
    struct err e;
    if (!child_run(p->a, &spec, &r, &e))
        return S("");
    struct str text = str_trim(r.out.n ? r.out : r.err);        // ssh -V talks on stderr
    return str_cut(&text, '\n');
}

static void look_at_program(struct place *p, const char *const *argv, enum check_level when_missing, const char *why)
{
    struct str version = version_of(p, argv), name = str_z(argv[0]);
    if (version.n)
        ok(p, name, STR_F, STR_A(version));
    else
        check_add(p->a, p->out, when_missing, name, str_zf(p->a, "apt install %s", why), "cannot be run");
}

static bool wants(const struct place *p, bool containers)
{
    for (size_t i = 0; p->site && containers && i < p->site->services.n; i++)
        if (p->site->services.at[i].build.image.n)
            return true;
    for (size_t i = 0; p->site && !containers && i < p->site->notifiers.n; i++)
        if (p->site->notifiers.at[i].kind == NOTIFIER_WEBHOOK)
            return true;
    return false;
}

// Builds use podman and nothing else, also where docker is installed.
static void look_at_containers(struct place *p)
{
    static const char *const podman[] = {"podman", "--version", NULL};
    struct str version = version_of(p, podman);
    if (version.n)
        ok(p, S("containers"), STR_F, STR_A(version));
    else
        fail(p, S("containers"), "apt install podman", "a service builds in an image, but podman cannot be run");
}

static void look_at_programs(struct place *p)
{
    static const char *const git[] = {"git", "--version", NULL}, *const ssh[] = {"ssh", "-V", NULL},
        *const rsync[] = {"rsync", "--version", NULL}, *const curl[] = {"curl", "--version", NULL};
    ok(p, S("rusuban"), "%s with libevent %s, SQLite %s", RUSUBAN_VERSION, event_get_version(), sqlite3_libversion());
    look_at_program(p, git, CHECK_FAIL, "git");
    look_at_program(p, ssh, CHECK_FAIL, "openssh-client");
    look_at_program(p, rsync, CHECK_FAIL, "rsync");
    if (wants(p, false))
        look_at_program(p, curl, CHECK_FAIL, "curl");
    if (wants(p, true))
        look_at_containers(p);
}

// The data directory -------------------------------------------------------------------------------------------

static void look_at_space(struct place *p)
{
    struct statvfs v;
    if (statvfs(p->data, &v) < 0) {
        fail(p, str_z(p->data), NULL, "cannot be looked at: %m");
        return;
    }
    // As df counts: what is used, of what is used and free to us.
    int64_t used = (int64_t)(v.f_blocks - v.f_bfree), ours = (int64_t)v.f_bavail, avail = ours * (int64_t)v.f_frsize;
    int64_t full = used + ours ? used * 100 / (used + ours) : 0;
    int64_t files = v.f_files ? (int64_t)(v.f_favail * 100 / v.f_files) : 100;
    enum check_level level = avail < free_least || files < INODES_LEAST_PERCENT ? CHECK_FAIL
                             : full >= FULL_WARN_PERCENT                        ? CHECK_WARN : CHECK_OK;
    check_add(p->a, p->out, level, str_z(p->data), level == CHECK_OK ? NULL : "free some space on its disk",
              "%.1f GB free, %lld%% full, %lld%% of its inodes free", (double)avail / 1e9, (long long)full,
              (long long)files);
}

static void look_at_store(struct place *p)
{
    OWN_DB struct db *db = NULL;
    struct err e;
    struct str said;
    if (!path_exists(str_zf(p->a, "%s/store.db", p->data)))
        warn(p, S("store"), "rusuban serve makes it", "%s/store.db is not there yet", p->data);
    else if (!store_find(p->data, &db, &e) || !sql_str(p->a, db, &e, &said, "pragma quick_check(1)", NO_VALS))
        fail(p, S("store"), e.hint, "%s", e.text);
    else if (!str_eq(said, S("ok")))
        fail(p, S("store"), "stop rusuban and restore the last good backup", STR_F, STR_A(said));
    else
        ok(p, S("store"), "%s/store.db opens and is sound", p->data);
}

// Everything in keys/ is somebody's to read alone; the public halves do not matter but need not differ.
static void look_at_keys(struct place *p)
{
    const char *dir = str_zf(p->a, "%s/keys", p->data);
    DIR *d = opendir(dir);
    size_t n = 0, bad = 0;
    struct stat st;
    for (struct dirent *x; d && (x = readdir(d));) {
        if (x->d_name[0] == '.' || fstatat(dirfd(d), x->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        n++;
        if (str_ends(str_z(x->d_name), S(".pub")) || !(st.st_mode & 077))
            continue;
        bad++;
        fail(p, str_f(p->a, "%s/%s", dir, x->d_name), "chmod 600 it, and make a new one if somebody may have read it",
             "others may read it (mode %03o)", (unsigned)st.st_mode & 0777);
    }
    if (d)
        closedir(d);
    if (n && !bad)
        ok(p, S("keys"), "%s, readable by us alone", counted(p->a, (int64_t)n, "file"));
    if (!path_exists(str_zf(p->a, "%s/deploy", dir)))
        warn(p, S("keys"), "rusuban host key", "there is no key for the hosts yet");
}

static void look_at_data(struct place *p)
{
    struct stat st;
    if (stat(p->data, &st) < 0) {
        warn(p, str_z(p->data), "rusuban serve makes it", "%s",
             errno == ENOENT ? "is not there yet" : "cannot be read");
        return;
    }
    if (st.st_mode & 007)
        fail(p, str_z(p->data), str_zf(p->a, "chmod o= %s", p->data), "everybody may look inside (mode %03o)",
             (unsigned)st.st_mode & 0777);
    if (st.st_uid != geteuid())
        warn(p, str_z(p->data), "run doctor as its owner", "it is another user's (uid %u)", st.st_uid);
    look_at_space(p);
    look_at_store(p);
    look_at_keys(p);
}

static void look_at_house(struct place *p)
{
    struct str text;
    struct err e;
    int64_t pid;
    bool runs = file_read(p->a, str_zf(p->a, "%s/run/serve.pid", p->data), 64, &text, &e) &&
                str_i64(str_trim(text), &pid) && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
    if (runs)
        ok(p, S("house"), "rusuban serve is process %lld", (long long)pid);
    else
        warn(p, S("house"), "rusuban serve", "nobody minds it");
}

void house_check(struct arena *a, const char *site, const char *data, struct checks *out)
{
    struct place p = {.a = a, .site_path = site, .data = data, .out = out};
    look_at_site(&p);
    look_at_programs(&p);
    look_at_data(&p);
    look_at_house(&p);
}
