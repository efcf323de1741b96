#include "base/json.h"
#include "base/say.h"
#include "base/test.h"
#include <string.h>
#include <unistd.h>

// stderr goes into a pipe between begin and end.
struct heard { int stderr_before, out; };

static struct heard begin(void)
{
    int ends[2];
    CHECK(pipe(ends) == 0);
    struct heard h = {dup(STDERR_FILENO), ends[0]};
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    say_into(STDERR_FILENO);
    return h;
}

static struct str end(struct arena *a, struct heard h)
{
    char *text = arena_take(a, 64 << 10, 1);
    dup2(h.stderr_before, STDERR_FILENO);
    close(h.stderr_before);
    ssize_t n = read(h.out, text, 64 << 10);
    close(h.out);
    return (struct str){text, n < 0 ? 0 : (size_t)n};
}

TEST(a_line_has_its_time_role_pid_and_what)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct heard h = begin();
    say_role("releaser");
    say("release.done", KV("service", "web"), KV("took_ms", 12), KV("ok", (bool)true), KV("share", 0.5),
        KV("none", (const char *)NULL));
    say_role("rusuban");
    struct str line = end(&a, h);
    CHECK(str_starts(line, S("time:20")));
    str_cut(&line, '\t');
    CHECK_STR(line,
              str_f(&a,
                    "role:releaser\tpid:%d\twhat:release.done\tservice:web\ttook_ms:12\tok:true\tshare:0.5\tnone:-\n",
                    (int)getpid()));
}

TEST(a_value_never_makes_a_second_line_or_field)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct heard h = begin();
    say("x", KV("v", S("a\tb\nc\\d\x1B[1m\0\x7F")));
    struct str line = end(&a, h);
    CHECK(str_ends(line, S("\tv:a\\tb\\nc\\\\d\\x1b[1m\\x00\\x7f\n")));
    CHECK_INT(str_find(line, S("\n")), line.n - 1);
}

TEST(a_value_too_long_is_cut_and_the_line_stays_one)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    char *longer = arena_take(&a, 40000, 1);
    memset(longer, '\n', 39999);
    struct heard h = begin();
    say("x", KV("v", longer), KV("more", "lost"));
    struct str line = end(&a, h);
    CHECK(line.n > 8000 && line.n <= 16 << 10);
    CHECK_INT(str_find(line, S("\n")), line.n - 1);
}

TEST(an_error_is_said_with_its_kind_and_hint)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct err e;
    struct heard h = begin();
    (void)err_set(&e, ERR_PEER, "app2: no answer");
    (void)err_hint(&e, "rusuban doctor");
    say_err("release.failed", &e);
    CHECK(str_ends(end(&a, h), S("\twhat:release.failed\tkind:peer\terror:app2: no answer\thint:rusuban doctor\n")));
}
