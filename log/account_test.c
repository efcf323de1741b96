// account_test.c: what ledgers say, and what is found in them. A row of a table is a ledger, '|' its line breaks.
#include "base/file.h"
#include "base/test.h"
#include "log/account.h"
#include <string.h>

#define COMMIT(from, to, streams, files)                                                                         \
    "{\"from\":" #from ",\"to\":" #to ",\"at_us\":5,\"streams\":[" streams "],\"files\":[" files "],\"bad_files\":[]}|"
#define RANGE(from, to, lines, rows, bad)                                                                        \
    "{\"id\":1,\"host\":\"app1\",\"path\":\"/l\",\"from\":" #from ",\"to\":" #to ",\"lines\":" #lines        \
    ",\"rows\":" #rows ",\"bad\":" #bad ",\"blank\":0,\"imported\":0}"
#define FILE_(path, rows) "{\"path\":\"" path "\",\"rows\":" #rows "}"
#define SEAL(from, to) "{\"seal\":{\"from\":[" from "],\"to\":[" to "]},\"at_us\":6}|"
#define FIRST COMMIT(0, 9, RANGE(0, 100, 3, 2, 1), FILE_("m-1", 2))

static void read_ledger(struct account *acc, struct arena *a, const char *lines, uint64_t done)
{
    struct err e;
    char *text = str_zf(a, "%s", lines);
    for (char *p = text; (p = strchr(p, '|'));)
        *p = '\n';
    const char *table = str_zf(a, "%s/access", test_dir()), *dir = str_zf(a, "%s/ledger", table);
    CHECK(dir_make(dir, 0700, &e));
    CHECK(file_write(str_zf(a, "%s/2018-02-15T11.jsonl", dir), str_z(text), 0600, &e));
    *acc = (struct account){.arena = a, .done = done, .to_us = INT64_MAX};
    CHECK(account_read(acc, table, &e));
}

TEST(a_sound_ledger_has_no_findings)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct account acc;
    read_ledger(&acc, &a, FIRST COMMIT(9, 20, RANGE(100, 250, 4, 4, 0), FILE_("m-2", 3) "," FILE_("m-3", 1))
                SEAL(FILE_("m-1", 2) "," FILE_("m-2", 3), FILE_("log-1", 5)) COMMIT(20, 30, "", ""), 30);
    for (size_t i = 0; i < acc.findings.n; i++)
        test_failed(__FILE__, __LINE__, STR_F, STR_A(acc.findings.at[i].text));
    CHECK(acc.commits == 3 && acc.end == 30 && acc.rows == 6 && acc.bad == 1);
    CHECK(acc.streams.n == 1 && acc.streams.at[0]->to == 250 && acc.streams.at[0]->lines == 7);
    size_t living = 0;
    for (size_t i = 0; i < acc.files.n; i++)
        living += !acc.files.at[i]->gone;
    CHECK_INT(living, 2);
}

TEST(a_seal_that_a_crash_cut_off_and_that_happened_again_counts_once)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct account acc;
    read_ledger(&acc, &a, FIRST SEAL(FILE_("m-1", 2), FILE_("log-1", 2)) SEAL(FILE_("m-1", 2), FILE_("log-2", 2))
                SEAL(FILE_("m-1", 2), FILE_("log-2", 2)), 9);
    CHECK_INT(acc.findings.n, 0);
    CHECK(acc.files.n == 3 && acc.files.at[0]->gone && acc.files.at[1]->gone && !acc.files.at[2]->gone);
}

TEST(files_that_became_too_old_are_gone_and_counted)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct account acc;
    read_ledger(&acc, &a, FIRST "{\"dropped\":[" FILE_("m-1", 2) "],\"at_us\":7}|", 9);
    CHECK(acc.findings.n == 0 && acc.dropped == 2 && acc.files.at[0]->gone);
}

TEST(commits_that_are_on_their_way_and_half_lines_are_not_counted)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct account acc;
    read_ledger(&acc, &a, FIRST COMMIT(9, 20, RANGE(100, 250, 4, 4, 0), FILE_("m-2", 4)) "{\"from\":20,\"t", 9);
    CHECK(acc.findings.n == 0 && acc.commits == 1 && acc.rows == 2);
}

TEST(each_fault_of_a_ledger_is_named)
{
    static const struct { const char *lines; enum finding_kind kind; const char *part; } row[] = {
        {FIRST COMMIT(9, 20, RANGE(120, 250, 4, 4, 0), FILE_("m-2", 4)), FOUND_LOST, "bytes 100 to 120 are in no"},
        {FIRST COMMIT(9, 20, RANGE(90, 250, 4, 4, 0), FILE_("m-2", 4)), FOUND_DOUBLED, "bytes 90 to 100 are in two"},
        {FIRST COMMIT(11, 20, RANGE(100, 250, 4, 4, 0), FILE_("m-2", 4)), FOUND_LOST, "from record 9 to 11"},
        {FIRST COMMIT(5, 20, RANGE(100, 250, 4, 4, 0), FILE_("m-2", 4)), FOUND_DOUBLED, "went to 9"},
        {FIRST COMMIT(9, 20, RANGE(100, 250, 5, 4, 0), FILE_("m-2", 4)), FOUND_LOST, "5 lines before byte 250"},
        {FIRST COMMIT(9, 20, RANGE(100, 250, 3, 4, 0), FILE_("m-2", 4)), FOUND_DOUBLED, "3 lines before byte 250"},
        {FIRST COMMIT(9, 20, RANGE(100, 250, 4, 4, 0), FILE_("m-2", 3)), FOUND_LOST, "4 rows of streams, 3 in files"},
        {FIRST COMMIT(9, 20, RANGE(100, 250, 2, 2, 0), FILE_("m-1", 2)), FOUND_DOUBLED, "m-1 is in two commits"},
        {FIRST SEAL(FILE_("m-1", 2), FILE_("log-1", 1)), FOUND_LOST, "2 rows were sealed to 1"},
        {FIRST SEAL(FILE_("m-7", 2), FILE_("log-1", 2)), FOUND_UNPROVEN, "m-7 was replaced"},
        {FIRST SEAL(FILE_("m-1", 1), FILE_("log-1", 1)), FOUND_LOST, "m-1 had 2 rows"},
        {FIRST "{\"from\":9|", FOUND_UNPROVEN, "line 2 is damaged"},
        {FIRST "[]|", FOUND_UNPROVEN, "line 2 is damaged"},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        OWN_ARENA struct arena a = arena_make(8 << 20);
        struct account acc;
        read_ledger(&acc, &a, row[i].lines, 20);
        bool found = false;
        for (size_t k = 0; k < acc.findings.n; k++)
            found = found || (acc.findings.at[k].kind == row[i].kind && strstr(acc.findings.at[k].text.p, row[i].part));
        if (!found)
            test_failed(__FILE__, __LINE__, "row %zu: %s", i, acc.findings.n ? acc.findings.at[0].text.p : "nothing");
    }
}
