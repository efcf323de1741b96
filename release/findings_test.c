#include "release/findings.h"
#include "base/clock.h"
#include "base/test.h"

static const struct host app1 = {.name = S("app1"), .ssh = {22, S("deploy")}};

// All findings as one text: "LEVEL text; hint", one a line.
static struct str judge(struct arena *a, int64_t began, struct str said)
{
    static const char *const levels[] = {"ok", "warn", "FAIL"};
    struct checks out = {0};
    struct str all = S("");
    findings_read(a, &app1, began, said, &out);
    for (size_t i = 0; i < out.n; i++)
        all = str_f(a, STR_F "%s " STR_F "\n", STR_A(all), levels[out.at[i].level], STR_A(out.at[i].text));
    return all;
}

TEST(what_a_host_answers_is_judged)
{
    static const struct { struct str said, want; } rows[] = {
        {S("dir 90000000 40 3 yes /srv /srv/web\nend\n"), S("ok ")},
        {S("dir 90000000 40 - yes /srv /srv/web\nend\n"), S("ok ")},
        {S("end\n"), S("ok ")},
        {S(""), S("FAIL ssh works, but our script does not end there\n")},
        {S("missing rsync\nmissing flock\nend\n"), S("FAIL has no rsync\nFAIL has no flock\n")},
        {S("dir 90000000 91 3 yes /srv /srv/web\nend\n"), S("warn /srv/web is 91% full, its inodes 3%\n")},
        {S("dir 90000000 40 96 yes /srv /srv/web\nend\n"), S("warn /srv/web is 40% full, its inodes 96%\n")},
        {S("dir 400000 99 3 yes /srv /srv/web\nend\n"), S("FAIL /srv/web has only 400 MB free\n")},
        {S("dir 90000000 40 3 no / /srv/web\nend\n"), S("FAIL deploy may not write /\n")},
        {S("dir x y z\nclock soon\nnonsense\nend\n"), S("ok ")},
        {S("clock 99999999999999999999\nclock -5\nend\n"), S("ok ")},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_ARENA struct arena a = arena_make(1 << 20);
        struct str got = judge(&a, now_ms(), rows[i].said);
        if (!str_starts(got, rows[i].want) || (rows[i].want.n > 3 && got.n != rows[i].want.n))
            test_failed(__FILE__, __LINE__, "row %zu: " STR_F, i, STR_A(got));
    }
}

TEST(a_clock_is_blamed_only_for_what_waiting_does_not_explain)
{
    static const struct { int off_s, waited_s; bool fine; } rows[] = {
        {0, 0, true}, {2, 0, true}, {-2, 0, true}, {4, 0, false}, {-4, 0, false},
        {-8, 9, true}, {4, 9, false}, {-14, 9, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_ARENA struct arena a = arena_make(1 << 20);
        int64_t now = now_ms();
        struct str said = str_f(&a, "clock %lld\nend\n", (long long)(now / 1000 + rows[i].off_s));
        struct str got = judge(&a, now - rows[i].waited_s * 1000, said);
        if (str_starts(got, S("ok ")) != rows[i].fine)
            test_failed(__FILE__, __LINE__, "row %zu: " STR_F, i, STR_A(got));
    }
}
