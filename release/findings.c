// findings.c: reads the lines of doctor.sh: the host's clock, programs that it lacks, room and rights where releases
// go.
#include "release/findings.h"
#include "base/clock.h"

enum { CLOCK_MS = 2000, FULL_WARN_PERCENT = 90, INODES_WARN_PERCENT = 95 };
static const int64_t free_least_kb = 500 << 10;

struct reader {
    struct arena *a;
    const struct host *host;
    int64_t began;
    struct checks *out;
};

#define found(r, level, hint, ...)  check_add((r)->a, (r)->out, level, (r)->host->name, hint, __VA_ARGS__)

// The host's second began somewhere between our start and now; only what no such moment explains is told.
static void judge_clock(struct reader *r, struct str seconds)
{
    int64_t s;
    char took[TIME_TEXT_MAX];
    if (!str_i64(seconds, &s) || s < 0 || s > INT64_MAX / 2000)
        return;
    int64_t ahead = s * 1000 - now_ms(), behind = r->began - (s * 1000 + 999), off = ahead > behind ? ahead : behind;
    if (off > CLOCK_MS)
        found(r, CHECK_FAIL, "let chrony or systemd-timesyncd keep it", "its clock is %s %s", took_text(off, took),
              ahead > behind ? "ahead" : "behind");
}

// "FREE_KB FULL_PERCENT INODES_PERCENT MAY_WRITE EXISTING PATH"
static void judge_dir(struct reader *r, struct str rest)
{
    int64_t free_kb, full, inodes;
    if (!str_i64(str_word(&rest), &free_kb) || !str_i64(str_word(&rest), &full))
        return;
    if (!str_i64(str_word(&rest), &inodes))     // "-" on file systems that make them as they go
        inodes = 0;
    struct str may = str_word(&rest), there = str_word(&rest), path = str_word(&rest), user = r->host->ssh.user;
    if (!str_eq(may, S("yes")))
        found(r, CHECK_FAIL, str_zf(r->a, "there: make " STR_F " and give it to " STR_F, STR_A(path), STR_A(user)),
              STR_F " may not write " STR_F, STR_A(user), STR_A(there));
    if (free_kb < free_least_kb)
        found(r, CHECK_FAIL, "free some space there", STR_F " has only %lld MB free", STR_A(path),
              (long long)free_kb / 1000);
    else if (full >= FULL_WARN_PERCENT || inodes >= INODES_WARN_PERCENT)
        found(r, CHECK_WARN, "free some space there", STR_F " is %lld%% full, its inodes %lld%%", STR_A(path),
              (long long)full, (long long)inodes);
}

void findings_read(struct arena *a, const struct host *h, int64_t began, struct str said, struct checks *out)
{
    struct reader r = {a, h, began, out};
    size_t before = out->n;
    bool whole = false;
    char took[TIME_TEXT_MAX];
    while (said.n) {
        struct str line = str_cut(&said, '\n'), word = str_word(&line);
        if (str_eq(word, S("clock")))
            judge_clock(&r, str_word(&line));
        else if (str_eq(word, S("missing")))
            found(&r, CHECK_FAIL, "there: apt install rsync util-linux coreutils mawk", "has no " STR_F,
                  STR_A(str_trim(line)));
        else if (str_eq(word, S("dir")))
            judge_dir(&r, line);
        else
            whole = whole || str_eq(word, S("end"));
    }
    if (!whole)
        found(&r, CHECK_FAIL, "has its user a shell that runs commands?",
              "ssh works, but our script does not end there");
    else if (out->n == before)
        found(&r, CHECK_OK, NULL, "answers in %s, has what a release needs", took_text(now_ms() - began, took));
}
