// said_test.c: sentences are recognised with whatever is in them, and said in the language that was asked for.
#include "base/test.h"
#include "web/said.h"

TEST(a_sentence_is_said_in_japanese_with_what_is_in_it)
{
    static const struct { const char *en, *ja; } rows[] = {
        {"nobody is signed in", "サインインしていません。"},
        {"there is no account \"mei\"", "アカウント「mei」はありません。"},
        {"web is locked by kato: \"DB migration\"", "web は kato がロック中です:「DB migration」"},
        {"web is locked by kato: \"until \"dawn\"\" until 15:00", "web は kato が 15:00 までロック中です:「until \"dawn\"」"},
        {"release 7 of web is asking: there is nothing to hold", "web のリリース 7 は「承認待ち」のため、保留できません。"},
        {"unknown name \"reson\"; and 1 more mistake", "「reson」という項目はありません（ほかに1件の誤り）"},
        {"the role sql does not run", "プロセス sql が動いていません。"},
        {"", ""},
        {"rsync exited with 23: no space left on device", ""},
        {"nobody is signed in at all", ""},
        {"web is locked by", ""},
    };
    OWN_ARENA struct arena a = arena_make(1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str got = S("");
        CHECK_INT(said_in_japanese(&a, str_z(rows[i].en), &got), *rows[i].ja != 0);
        CHECK_STR(got, str_z(rows[i].ja));
    }
}

TEST(the_language_that_is_wanted_most_and_known_here_is_taken)
{
    static const struct { const char *accept; enum language l; } rows[] = {
        {"", ENGLISH}, {"ja", JAPANESE}, {"ja-JP,ja;q=0.9,en;q=0.8", JAPANESE}, {"en-GB,ja;q=0.9", ENGLISH},
        {"en;q=0.5, ja;q=0.75", JAPANESE}, {"de, fr;q=0.9", ENGLISH}, {"de,ja;q=0.1", JAPANESE}, {"JA-jp", JAPANESE},
        {"ja;q=0", ENGLISH}, {"jav", ENGLISH}, {"*", ENGLISH}, {";;,,q=", ENGLISH}, {"en;q=0.001,ja;q=0.002", JAPANESE},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        CHECK_INT(language_accepted(str_z(rows[i].accept)), rows[i].l);
}
