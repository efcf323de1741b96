#include "base/command.h"
#include "base/file.h"
#include "base/test.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// What the last command saw, as one line.
static char saw[1024];

static bool note(struct call *c, struct err *e)
{
    (void)e;
    char *p = saw, *end = saw + sizeof saw;
    p += snprintf(p, (size_t)(end - p), "%s", c->command->words);
    for (size_t i = 0; i < c->args.n; i++)
        p += snprintf(p, (size_t)(end - p), "|" STR_F, STR_A(c->args.at[i]));
    if (call_flag(c, "yes"))
        p += snprintf(p, (size_t)(end - p), "|yes");
    if (call_option(c, "reason"))
        p += snprintf(p, (size_t)(end - p), "|reason=%s", call_option(c, "reason"));
    if (c->json)
        p += snprintf(p, (size_t)(end - p), "|json");
    if (strcmp(c->data, "/d") != 0)
        snprintf(p, (size_t)(end - p), "|data=%s", c->data);
    return true;
}

static bool refuse(struct call *c, struct err *e)
{
    (void)c;
    err_set(e, ERR_LOCKED, "web is locked");
    return err_hint(e, "rusuban lock show web");
}

static const struct option some[] = {
    {"yes", NULL, "say yes"}, {"reason", "TEXT", "why"}, {0}};
static const struct command rows[] = {
    {"release", "SERVICE [REV]", some, "bring out", "rusuban release web", note},
    {"release watch", "SERVICE", some, "follow", "rusuban release watch web", note},
    {"lock set", "SERVICE", NULL, "lock", "rusuban lock set web", refuse},
    {"lock show", "", NULL, "locks", "rusuban lock show", note},
    {"pack", "", NULL, "(inside) pack", "rusuban pack", note},
    {"echo", "[WORD...]", NULL, "echo", "rusuban echo a b", note},
    {"people", "", at_options, "people", "rusuban people", note},
    {"doctor", "", here_options, "doctor", "rusuban doctor", note},
    {0}};
static const struct command *const tables[] = {rows, NULL};

// Runs a command line ("a b c", cut at blanks) with stdout and stderr in a file; returns what it printed.
static int run(const char *line, struct arena *a, struct str *printed)
{
    char *argv[20] = {0}, words[500];
    int argc = 0, saved[2] = {dup(1), dup(2)};
    struct err e;
    const char *path = str_zf(a, "%s/out", test_dir());
    snprintf(words, sizeof words, "rusuban --data /d %s", line);
    for (char *w = strtok(words, " "); w; w = strtok(NULL, " "))
        argv[argc++] = w;
    fflush(stdout);
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    dup2(fd, 1);
    dup2(fd, 2);
    close(fd);
    saw[0] = 0;
    int rc = command_main(argc, argv, tables);
    fflush(stdout);
    for (int i = 0; i < 2; i++) {
        dup2(saved[i], i + 1);
        close(saved[i]);
    }
    CHECK(file_read(a, path, 1 << 20, printed, &e));
    return rc;
}

TEST(a_command_line_finds_its_row)
{
    static const struct { const char *line, *saw; } good[] = {
        {"release web", "release|web"},
        {"release web 9f3c2ab", "release|web|9f3c2ab"},
        {"release watch web", "release watch|web"},
        {"--json release watch web", "release watch|web|json"},
        {"release --json watch web", "release watch|web|json"},
        {"release watch web --json", "release watch|web|json"},
        {"release web --yes", "release|web|yes"},
        {"release --yes web", "release|web|yes"},
        {"release web --reason because", "release|web|reason=because"},
        {"release web --reason=because=why", "release|web|reason=because=why"},
        {"release web --reason=", "release|web|reason="},
        {"release web --reason --yes", "release|web|reason=--yes"},
        {"release -- --yes", "release|--yes"},
        {"echo a -- b --c", "echo|a|b|--c"},
        {"echo", "echo"},
        {"echo -", "echo|-"},
        {"echo --data /x a", "echo|a|data=/x"},
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        OWN_ARENA struct arena a = arena_make(1 << 20);
        struct str printed;
        CHECK_INT(run(good[i].line, &a, &printed), 0);
        CHECK_STR(str_z(saw), str_z(good[i].saw));
    }
}

TEST(a_mistake_ends_with_2_and_says_the_way_out)
{
    static const struct { const char *line, *says; } bad[] = {
        {"relase web", "unknown command \"relase\"\nHint: did you mean \"rusuban release\""},
        {"lock sett web", "unknown command \"lock sett\"\n"},
        {"lock sett web", "did you mean \"rusuban lock set\""},
        {"sett web", "did you mean \"rusuban lock set\""},
        {"watch web", "did you mean \"rusuban release watch\""},
        {"wacth web", "did you mean \"rusuban release watch\""},
        {"deploy web", "did you mean \"rusuban release\""},
        {"lock xyzzy", "unknown command \"lock xyzzy\"\nHint: rusuban help lock"},
        {"xyzzy", "unknown command \"xyzzy\"\nHint: rusuban help"},
        {"release", "release: SERVICE is missing"},
        {"release web rev more", "\"more\" is one word too many"},
        {"release web --yess", "unknown option --yess\nHint: did you mean --yes?"},
        {"release web --jsn", "did you mean --json?"},
        {"release web --deep", "unknown option --deep\nHint: rusuban help release"},
        {"release web --reason", "--reason needs a value: --reason TEXT"},
        {"release web --yes=no", "--yes takes no value"},
        {"release web -x", "unknown option -x"},
        {"lock", "lock set SERVICE"},
        {"", "a command is missing"},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        OWN_ARENA struct arena a = arena_make(1 << 20);
        struct str printed;
        CHECK_INT(run(bad[i].line, &a, &printed), 2);
        if (str_find(printed, str_z(bad[i].says)) < 0)
            test_failed(__FILE__, __LINE__, "%s: " STR_F, bad[i].line, STR_A(printed));
        CHECK_INT(saw[0], 0);
    }
}

TEST(nothing_answers_about_this_machine_where_another_is_meant)
{
    static const struct { const char *line; int rc; const char *saw, *says; } rows_[] = {
        {"people", 0, "people|data=https://far.example", ""},
        {"people --at https://near.example", 0, "people|data=https://near.example", ""},
        {"echo a", 0, "echo|a", ""},
        {"doctor", 2, "", "RUSUBAN_AT names https://far.example, and doctor is about the machine it runs on\n"
                          "Hint: ask on that machine; for this one add --here, or leave RUSUBAN_AT unset"},
        {"doctor --here", 0, "doctor", ""},
        {"doctor --at https://near.example", 2, "", "Hint: this is about the machine it runs on"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows_); i++) {
        OWN_ARENA struct arena a = arena_make(1 << 20);
        struct str printed;
        setenv("RUSUBAN_AT", "https://far.example", 1);
        CHECK_INT(run(rows_[i].line, &a, &printed), rows_[i].rc);
        unsetenv("RUSUBAN_AT");
        CHECK_STR(str_z(saw), str_z(rows_[i].saw));
        CHECK(str_find(printed, str_z(rows_[i].says)) >= 0);
    }
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct str printed;
    setenv("RUSUBAN_AT", "", 1);                    // as good as unset
    CHECK_INT(run("doctor", &a, &printed), 0);
    unsetenv("RUSUBAN_AT");
}

TEST(a_refusal_becomes_a_sentence_or_an_object_and_its_exit_code)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct str printed;
    CHECK_INT(run("lock set web", &a, &printed), 6);
    CHECK_STR(printed, S("web is locked\nHint: rusuban lock show web\n"));
    CHECK_INT(run("lock set web --json", &a, &printed), 6);
    CHECK_STR(
        printed,
        S("{\"error\":{\"code\":\"locked\",\"message\":\"web is locked\",\"hint\":\"rusuban lock show web\"}}\n"));
}

TEST(foreign_text_cannot_move_a_cursor)
{
    static const struct { struct str text, shown; } texts[] = {
        {S("plain"), S("plain")}, {S("a\033[2Jb"), S("a.[2Jb")}, {S("\xC2\x9B" "31m"), S(".31m")},
        {S("\xE5\xAE\xB6 \xC2\xA0\xC2"), S("\xE5\xAE\xB6 \xC2\xA0.")}, {S("\x9B" "31m"), S(".31m")},
        {S("a\xE2\x80\xAE" "b\xE2\x81\xA9\xF0\x9F\x90\x88\xE3\x81"), S("a.b.\xF0\x9F\x90\x88..")},
        {S("a\r\nb\x7F"), S("a..b.")}, {S(""), S("")},
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        char shown[64] = "";
        FILE *f = fmemopen(shown, sizeof shown, "w");
        put_foreign(f, texts[i].text);
        fclose(f);
        CHECK_STR(str_z(shown), texts[i].shown);
    }
}

TEST(a_hint_names_the_program_as_it_is_called_here)
{
    static const struct { struct str text, shown; } texts[] = {
        {S("web is locked"), S("web is locked")},
        {S("rusuban lock show web"), S("./ru lock show web")},
        {S("did you mean \"rusuban release\"?"), S("did you mean \"./ru release\"?")},
        {S("(or: rusuban lock set web)"), S("(or: ./ru lock set web)")},
        {S("rusuban minds; rusuban releaser"), S("rusuban minds; rusuban releaser")},
        {S("/bin/rusuban lock set"), S("/bin/rusuban lock set")},
    };
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct str printed;
    CHECK_INT(run("echo", &a, &printed), 0);        // from here on the tables are known
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        char shown[128] = "";
        FILE *f = fmemopen(shown, sizeof shown, "w");
        setenv("RUSUBAN_NAME", "./ru", 1);
        put_told(f, texts[i].text);
        unsetenv("RUSUBAN_NAME");
        fclose(f);
        CHECK_STR(str_z(shown), texts[i].shown);
    }
}

TEST(help_knows_rows_groups_and_everything)
{
    static const struct { const char *line, *says; } asks[] = {
        {"--help", "lock set SERVICE"},
        {"release watch --help", "Example:\n  rusuban release watch web"},
        {"-h", "lock set SERVICE"},
        {"release watch -h", "Example:\n  rusuban release watch web"},
        {"release --help", "See also:\n  release watch SERVICE"},
        {"release --help", "--reason TEXT"},
        {"lock --help", "lock show"},
        {"release --help --json", "\"words\":\"release watch\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
        OWN_ARENA struct arena a = arena_make(1 << 20);
        struct str printed;
        CHECK_INT(run(asks[i].line, &a, &printed), 0);
        if (str_find(printed, str_z(asks[i].says)) < 0)
            test_failed(__FILE__, __LINE__, "%s: " STR_F, asks[i].line, STR_A(printed));
        CHECK(str_find(printed, S("  pack")) < 0);
    }
}
