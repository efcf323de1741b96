// asset_test.c: which coding a browser gets, and which addresses are pages.
#include "web/asset.h"
#include "base/test.h"

static const struct { const char *accept; enum asset_coding coding; } accepts[] = {
    {"", ASSET_PLAIN},
    {"gzip, deflate, br, zstd", ASSET_BROTLI},
    {"gzip, deflate", ASSET_GZIP},
    {"gzip;q=1.0, br;q=0", ASSET_GZIP},
    {"br; q=0.5", ASSET_BROTLI},
    {"broccoli", ASSET_PLAIN},
    {"gzip;q=0", ASSET_PLAIN},
    {"*", ASSET_PLAIN},
    {",,;,", ASSET_PLAIN}};

TEST(the_best_coding_that_a_browser_takes)
{
    for (size_t i = 0; i < ARRAY_LEN(accepts); i++)
        if (asset_coding(str_z(accepts[i].accept)) != accepts[i].coding)
            test_failed(__FILE__, __LINE__, "\"%s\" is answered with coding %d", accepts[i].accept, asset_coding(str_z(accepts[i].accept)));
}

static bool never(struct ask *q, struct err *e)
{
    (void)q, (void)e;
    return false;
}

static const struct route rows[] = {
    {GET, "/things", SEE, .flags = R_LIST | R_PAGE, .run = never, .help = "h"},
    {GET, "/things/{name}", SEE, .flags = R_PAGE, .run = never, .help = "h"},
    {GET, "/things/{name}/output", SEE, .run = never, .help = "h"},
    {0}};

static const struct { const char *path; bool page; } paths[] = {
    {"/", true}, {"/sign-in", true}, {"/invite/abc", true}, {"/things", true}, {"/things/one", true},
    {"/things/one/output", false}, {"/things/", false}, {"/invite", false}, {"/invite/", false}, {"/other", false},
    {"/sign-in/", false}, {"/log", true}, {"/log/", false}, {"/log/live", true}, {"/log/live/", false}, {"/log/tail", false},
    {"/home", false}};

TEST(pages_are_rows_with_data_and_a_few_more)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    const struct route *tables[] = {rows, NULL};
    struct router r = router_make(&a, tables, NULL);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        struct target t = {0};
        CHECK(!target_cut(&a, str_z(paths[i].path), &t));
        if (asset_is_page(&r, &t.segments) != paths[i].page)
            test_failed(__FILE__, __LINE__, "%s is%s a page", paths[i].path, paths[i].page ? " not" : "");
    }
}

TEST(words_come_in_the_language_of_the_last_visit_or_the_browser)
{
    static const struct { const char *cookie, *accept, *language; } rows_of_words[] = {
        {"", "", "en"}, {"", "ja,en;q=0.9", "ja"}, {"", "fr, ja-JP;q=0.8, en", "ja"}, {"", "fr", "en"},
        {"rusuban-language=ja", "en", "ja"}, {"a=b; rusuban-language=en; c", "ja", "en"},
        {"rusuban-language=xx", "ja", "ja"}, {"xrusuban-language=ja", "en", "en"}, {";;=", ",,;", "en"}};
    for (size_t i = 0; i < ARRAY_LEN(rows_of_words); i++)
        CHECK_STR(asset_language(str_z(rows_of_words[i].cookie), str_z(rows_of_words[i].accept)),
                  str_z(rows_of_words[i].language));
}
