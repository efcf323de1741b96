// server.c: the role `logserver`, until SIGTERM: then what was taken becomes durable, and files are committed. Here
// everything is opened, in the order in which it depends on each other, and ended in the reverse order.
#include "log/log.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/say.h"
#include "log/inner.h"
#include "log/pace.h"
#include "log/tail.h"
#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TICK_MS = 1000, QUEUE_BYTES = 32 << 20, SEAL_MS = 900000, FORGET_TICKS = 3600, LOOK_TICKS = 2,
       REST_TICKS = 60, REST_BYTES = 1 << 20, WANTED_AFTER_MS = 60000, END_MS = 20000 };

// ---- sealing: the lake wishes, the loop starts the child ----

static void forget_wish(struct seal_wish *wish)
{
    free((char *)(uintptr_t)wish->input.p);
    free(wish);
}

static void on_sealed(void *arg, const struct child_result *r)
{
    struct log_server *s = arg;
    struct err e;
    s->sealer = NULL;
    forget_wish(s->sealed_wish);
    s->sealed_wish = NULL;
    if (child_ok(r))
        lake_sealed(s->lake, true, r->out);
    else if (!child_err("rusuban-sql seal", r, &e))
        lake_sealed(s->lake, false, str_z(e.text));
}

static void start_seal(struct log_server *s)
{
    struct err e;
    pthread_mutex_lock(&s->lock);
    struct seal_wish *wish = s->sealer ? NULL : s->wish;
    if (wish)
        s->wish = NULL;
    pthread_mutex_unlock(&s->lock);
    if (!wish)
        return;
    const char *argv[] = {s->rusuban_sql, "seal", wish->dir, NULL};
    struct child_spec spec = {.argv = argv, .input = wish->input, .deadline_ms = SEAL_MS, .max_output = 8 << 20};
    s->sealer = child_start(s->loop, &spec, on_sealed, s, &e);
    if (s->sealer) {
        s->sealed_wish = wish;      // the child reads its input while it runs
        return;
    }
    lake_sealed(s->lake, false, str_z(e.text));
    forget_wish(wish);
}

static void on_wish(void *arg, struct seal_wish *wish)
{
    struct log_server *s = arg;
    struct seal_wish *copy = malloc(sizeof *copy);
    uint64_t one = 1;
    assert(copy);
    *copy = *wish;
    pthread_mutex_lock(&s->lock);
    s->wish = copy;
    pthread_mutex_unlock(&s->lock);
    ssize_t n = write(s->bell, &one, sizeof one);
    (void)n;
}

// ---- between the threads ----

static void on_part(void *arg, struct part *p)
{
    lake_hand_over(((struct log_server *)arg)->lake, p);
}

static void on_too_many_hours(void *arg)
{
    struct log_server *s = arg;
    if (s->journal)
        journal_want_commit(s->journal);
}

static void on_published(void *arg, uint64_t mark, uint64_t lsn)
{
    struct log_server *s = arg;
    if (s->journal)
        journal_done(s->journal, mark, lsn);
}

static bool put_all_streams(void *arg, uint64_t *after, struct buf *out)
{
    return streams_put(&((struct log_server *)arg)->streams, after, out);
}

// ---- the loop ----

static void on_bell(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct log_server *s = arg;
    uint64_t rung;
    ssize_t n = read((int)fd, &rung, sizeof rung);
    (void)n;
    peer_answers(s);
    tail_flush(s);
    start_seal(s);
    if (journal_full(s->journal) != s->full)
        peer_windows(s);
}

static void look_after_peers(struct log_server *s)
{
    struct peer *p, *later;
    for (p = LIST_FIRST(&s->peers); p; p = later) {
        later = LIST_NEXT(p, next);
        peer_look_after(p);
    }
}

static void keep_times(struct log_server *s)
{
    for (size_t i = 0; i < s->tables->sets; i++)
        s->tables->set[i].keep_us = dataset_keep_us(s->fresh.good, str_z(s->tables->set[i].rows->name));
}

static void look_for_releases(struct log_server *s)
{
    struct err e;
    int64_t open = 0;
    if (!sql_int(s->db, &e, &open, "select count(*) from traffic_want where until is null or until > ?",
                 VALS(V(now_ms() - WANTED_AFTER_MS))))
        say_err("log.traffic", &e);
    s->traffic_wanted = open > 0;
}

static bool dataset_is_new(const struct log_server *s)
{
    const struct site *site = s->fresh.good;
    for (size_t i = 0; site && i < site->log.datasets.n; i++)
        if (!tables_named(s->tables, site->log.datasets.at[i].name))
            return true;
    return false;
}

static void say_what_waits(const struct log_server *s)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    const struct site *site = s->fresh.good;
    const char *zone = getenv("TZ");
    if (site && strcmp(site_lake(&a, site, s->data), s->tables->lake) != 0)
        say("log.site.waits", KV("key", "log.lake"), KV("why", "the log server goes to another lake at its next start"));
    if (site && !str_eq(site->timezone, str_z(zone)))
        say("log.site.waits", KV("key", "timezone"), KV("why", "hours are those of the old one until the next start"));
}

// The site file has changed. Tables are made at the beginning, so a new dataset ends the loop, and we begin again;
// agents come back by themselves. Whoever wants us to end meanwhile is heard then.
static void on_site(struct log_server *s)
{
    sigset_t ends;
    say("log.site", KV("site", s->fresh.path));
    keep_times(s);
    if (!dataset_is_new(s)) {
        say_what_waits(s);
        peer_configs(s);
        return;
    }
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    s->again = true;
    loop_stop(s->loop);
}

// Memory of busy times goes back to the kernel when a minute brought next to nothing. Once: of what trickles in little
// is freed.
static void rest(struct log_server *s)
{
    static bool was_busy = true;        // reading the write-ahead log again is
    bool busy = s->came - s->came_before > REST_BYTES;
    if (was_busy && !busy)
        malloc_trim(0);
    was_busy = busy;
    s->came_before = s->came;
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct log_server *s = arg;
    const struct site *before = s->fresh.good;
    static unsigned ticks;
    fresh_look(&s->fresh);
    if (s->fresh.good != before)
        on_site(s);
    if (s->again)               // no child is started that would not be waited for
        return;
    if (++ticks % FORGET_TICKS == 0)
        streams_forget(&s->streams, now_ms() * 1000);
    if (ticks % LOOK_TICKS == 0)
        look_for_releases(s);
    if (ticks % REST_TICKS == 0)
        rest(s);
    door_look(s);
    tail_flush(s);
    look_after_peers(s);
    peer_windows(s);
    start_seal(s);
}

static void on_term(evutil_socket_t sig, short what, void *arg)
{
    (void)sig, (void)what;
    struct log_server *s = arg;
    if (s->stopping)
        _exit(1);
    s->stopping = true;
    loop_stop(s->loop);
}

// ---- figures: the lake's thread stores them ----

static void on_figures(void *arg, struct part *const *parts, size_t n)
{
    counted_take(((struct log_server *)arg)->counted, parts, n);
}

static bool on_commit(void *arg, uint64_t lsn, struct err *e)
{
    return counted_commit(((struct log_server *)arg)->counted, lsn, e);
}

// ---- beginning and end ----

static bool open_lake(struct log_server *s, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    const struct site *site = s->fresh.good;
    struct strs names = {0};
    const char *lake = site_lake(&a, site, s->data);
    for (size_t i = 0; i < site->log.datasets.n; i++)
        vec_push(&a, &names, site->log.datasets.at[i].name);
    if (!tables_open(s->tables, lake, &names, e))
        return false;
    const char *lock = str_zf(&a, "%s/LOCK", lake);
    int fd;
    if (!file_lock(lock, &fd, e))           // held until the process ends
        return err_hint(e, "one log server may write to a lake");
    keep_times(s);
    s->wal = wal_open(str_zf(&a, "%s/wal", lake), put_all_streams, s, e);
    if (!s->wal)
        return false;
    struct lake_spec spec = {.tables = s->tables, .streams = &s->streams, .readers = s->readers_n,
                             .wal_begin = wal_begin(s->wal), .wal_end = wal_end(s->wal),
                             .published = on_published, .seal = s->rusuban_sql ? on_wish : NULL,
                             .figures = on_figures, .commit = on_commit, .arg = s};
    s->counted = counted_open(s->data, s->fresh.path, s->tables, e);
    if (!s->counted)
        return false;
    s->lake = lake_open(&spec, e);
    return s->lake != NULL;
}

static void start_threads(struct log_server *s)
{
    for (size_t i = 0; i < s->readers_n; i++) {
        queue_make(&s->queue[i], QUEUE_BYTES / s->readers_n);
        struct reader_spec spec = {.number = i, .tables = s->tables, .hand_over = on_part,
                                   .too_many_hours = on_too_many_hours, .bell = s->bell, .arg = s};
        s->reader[i] = reader_start(&spec, &s->queue[i]);
    }
    lake_start(s->lake);
}

static const char *find_sql(struct arena *a)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0)
        return NULL;
    self[n] = 0;
    const char *path = str_zf(a, STR_F "/rusuban-sql",
                              STR_A(((struct str){self, (size_t)(strrchr(self, '/') - self)})));
    return access(path, X_OK) == 0 ? path : NULL;
}

// A second signal, or a disk that stays full, ends us without the last commit: the write-ahead log has it all.
static void on_alarm(int sig)
{
    (void)sig;
    _exit(0);
}

static void stop_all(struct log_server *s)
{
    for (struct peer *p; (p = LIST_FIRST(&s->peers));)
        peer_drop(p, "the server ends");
    signal(SIGALRM, on_alarm);
    alarm(END_MS / 1000);
    journal_stop(s->journal);
    for (size_t i = 0; i < s->readers_n; i++)
        reader_join(s->reader[i]);
    lake_join(s->lake);
    journal_free(s->journal);
    counted_close(s->counted);
    wal_free(s->wal);
    streams_drop(&s->streams);
}

static bool run(struct log_server *s, struct err *e)
{
    s->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (s->bell < 0)
        return err_set(e, ERR_IO, "make an eventfd: %m");
    if (!open_lake(s, e))
        return err_in(e, "the lake");
    streams_make(&s->streams);
    start_threads(s);
    if (!recover(s, e))
        return err_in(e, "recovery");
    streams_forget(&s->streams, now_ms() * 1000);
    s->journal = journal_start(&(struct journal_spec){.wal = s->wal, .streams = &s->streams, .readers = s->queue,
                                                      .n = s->readers_n, .bell = s->bell, .mark = s->replayed_mark});
    if (!(s->loop = loop_new(e)) || !door_open(s, e))
        return false;
    s->bell_event = loop_readable(s->loop, s->bell, on_bell, s);
    s->tick = loop_every(s->loop, TICK_MS, on_tick, s);
    loop_signal(s->loop, SIGTERM, on_term, s);
    loop_signal(s->loop, SIGINT, on_term, s);
    say("log.serve", KV("lake", s->tables->lake), KV("datasets", s->tables->sets), KV("readers", s->readers_n),
        KV("sql", s->rusuban_sql));
    loop_run(s->loop);
    stop_all(s);
    say("log.end", KV("lake", s->tables->lake));
    return true;
}

// A site without logs: nothing to do until its file says otherwise; then the house starts us again.
static bool wait_for_datasets(struct log_server *s)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (;;) {
        fresh_look(&s->fresh);
        if (s->fresh.good && s->fresh.good->log.datasets.n)
            break;
        if (sigtimedwait(&set, NULL, &(struct timespec){.tv_sec = 1}) > 0)
            return false;
    }
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    return true;
}

// The same process, so nobody who watches it takes fright.
static bool begin_again(const struct log_server *s, struct err *e)
{
    const char *const argv[] = {"rusuban", "--site", s->fresh.path, "--data", s->data, "serve", "logserver", NULL};
    if (s->sealer) {                    // its hour is wished for again
        kill(-child_pid(s->sealer), SIGKILL);
        while (waitpid(child_pid(s->sealer), NULL, 0) < 0 && errno == EINTR)
            ;
    }
    alarm(0);
    execv("/proc/self/exe", (char *const *)(uintptr_t)argv);
    return err_set(e, ERR_IO, "begin again for a new dataset: %m");
}

static size_t readers(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > READERS_MAX ? READERS_MAX : (size_t)cores;
}

bool logserver_run(const char *site, const char *data, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    static struct log_server s;
    OWN_DB struct db *db = NULL;
    s = (struct log_server){.data = data, .unix_fd = -1, .tcp_fd = -1, .readers_n = readers()};
    s.fresh = (struct fresh){.path = site, .kept = fresh_kept(&a, data)};
    s.rusuban_sql = find_sql(&a);
    pthread_mutex_init(&s.lock, NULL);
    LIST_INIT(&s.peers);
    // Blocks come and go by the megabyte: memory that was given back to the kernel would have to be cleared each time.
    mallopt(M_MMAP_THRESHOLD, 64 << 20);
    mallopt(M_TRIM_THRESHOLD, 128 << 20);
    // With an arena for each thread holes add up: 90 s of 800,000 lines a second took 266 MB, with two 184 to 209; no
    // slower.
    mallopt(M_ARENA_MAX, 2);
    fresh_look(&s.fresh);
    if (!s.fresh.good && !fresh_recall(&s.fresh) && s.fresh.err.kind) {
        *e = s.fresh.err;
        return false;
    }
    if (!wait_for_datasets(&s))
        return true;
    setenv("TZ", str_zf(&a, STR_F, STR_A(s.fresh.good->timezone)), 1);
    tzset();
    if (!store_open(data, &db, e))
        return false;
    s.db = db;
    s.tables = calloc(1, sizeof *s.tables);
    assert(s.tables);
    return run(&s, e) && (!s.again || begin_again(&s, e));
}
