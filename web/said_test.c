// said_test.c: sentences are recognised with whatever is in them, and said in the language that was asked for.
#include "base/test.h"
#include "site/mistake_rows.h"
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
        {"there is no dataset \"x\"; and 2 more mistakes", "データセット「x」はありません（ほかに2件の誤り）"},
        {"keep: expected a whole number, got \"x\"; and 1 more mistake", "keep は整数で指定してください（\"x\"でした。"
         "ほかに1件の誤り）"},
        {"nobody knows this; and 1 more mistake", ""},
        {"the role sql does not run", "プロセス sql が動いていません。"},
        {"the site file has mistakes: s.yaml:9:29: hosts: \"app9\" is no host of this site; did you mean \"app1\"?",
         "サイトファイルに誤りがあります: s.yaml:9:29: hosts: \"app9\" というホストはこのサイトにありません"
         "（「app1」ではありませんか）"},
        {"the site file has mistakes: s.yaml:10:19: log: there is no dataset \"nope\"; "
         "log: {datasets: {access: ...}} at the top of this file says which lines are read",
         "サイトファイルに誤りがあります: s.yaml:10:19: log: データセット \"nope\" はありません"
         "（読む行は、このファイルの最上位の log: {datasets: {access: ...}} で決めます）"},
        {"the site file has mistakes: s.yaml:10:21: when: expected unclear, always or never, got \"alway\"; "
         "did you mean \"always\"?",
         "サイトファイルに誤りがあります: s.yaml:10:21: when は unclear、always、never のいずれかで指定してください"
         "（\"alway\"でした。「always」ではありませんか）"},
        {"the site file has mistakes: s.yaml:1:1: nobody knows this; did you mean \"x\"?",
         "サイトファイルに誤りがあります: s.yaml:1:1: nobody knows this; did you mean \"x\"?"},
        {"the site file has mistakes: s.yaml:1:1: site is missing; as nobody says; it does not",
         "サイトファイルに誤りがあります: s.yaml:1:1: site がありません（as nobody says; it does not）"},
        {"/etc/site.yaml:9:29: hosts: \"app9\" is no host of this site; did you mean \"app1\"?",
         "/etc/site.yaml:9:29: hosts: \"app9\" というホストはこのサイトにありません（「app1」ではありませんか）"},
        {"/etc/site.yaml:9:29: nobody knows this; did you mean \"x\"?", ""},
        {"/a b:1:2: when: expected unclear, always or never, got \"alway\"; did you mean \"always\"?",
         "/a b:1:2: when は unclear、always、never のいずれかで指定してください（\"alway\"でした。「always」ではありませんか）"},
        {"to: \"garbage\" is no time; write 2026-11-20 or '2026-11-20 14:30'",
         "to の日時「garbage」を読めません。2026-11-20 や '2026-11-20 14:30' のように書いてください。"},
        {"{{since}}: \"abc\" is no time; write 2026-11-20 or '2026-11-20 14:30'",
         "{{since}} の日時「abc」を読めません。2026-11-20 や '2026-11-20 14:30' のように書いてください。"},
        {"--to 2 is not after --from 3", "終わり（to: 2）が始まり（from: 3）より後ではありません。"},
        {"where:10: expected a value", "where:10: 値がありません。"},
        {"where:8: there is no operator \"==\"", "where:8: 「==」という演算子はありません。"},
        {"the body is not JSON: string or '}' expected near '1'",
         "本文をJSONとして読めません: '1' のところに文字列か「}」がありません。"},
        {"web.example ends with a slash", ""},
        {"2 to 3", ""},
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

// What of a Japanese sentence is ours: without what is quoted, where quotes are pairs.
static struct str without_quotes(struct arena *a, struct str text)
{
    OWN_BUF struct buf b = buf_make(4096);
    bool inside = false;
    for (size_t i = 0; i < text.n; i++) {
        inside ^= text.p[i] == '"';
        if (!inside)
            buf_addc(&b, text.p[i]);
    }
    return inside ? text : str_dup(a, buf_str(&b));
}

static void is_said(struct arena *a, struct str place, struct str mistake)
{
    static const char *const english[] = {"; ", "did you mean", "expected", "got ", " is ", " no ", " not ", " the ",
                                          " that ", " or ", " and ", "for example", "leave ", "write "};
    struct str ja = S("");
    CHECK(said_in_japanese(a, str_f(a, "the site file has mistakes: " STR_F STR_F, STR_A(place), STR_A(mistake)), &ja));
    struct str head = str_f(a, "サイトファイルに誤りがあります: " STR_F, STR_A(place)), ours = without_quotes(a, ja);
    if (!str_starts(ja, head))
        test_failed(__FILE__, __LINE__, "no place: " STR_F, STR_A(ja));
    for (size_t i = 0; i < ARRAY_LEN(english); i++)
        if (str_find(ours, str_z(english[i])) >= 0) {
            test_failed(__FILE__, __LINE__, STR_F "\n" STR_F, STR_A(mistake), STR_A(ja));
            return;
        }
}

static int rows_are_said(const struct mistake_row *rows, size_t n)
{
    int said = 0;
    for (size_t i = 0; i < n; i++) {
        OWN_ARENA struct arena a = arena_make(1 << 20);
        for (struct str rest = str_z(rows[i].want), line; rest.n; said++) {
            line = str_cut(&rest, '\n');
            struct str mistake = str_from(line, (size_t)str_find(line, S(": ")) + 2);
            is_said(&a, str_f(&a, "/etc/site.yaml:" STR_F, STR_A(str_head(line, line.n - mistake.n))), mistake);
        }
    }
    return said;
}

TEST(no_mistake_of_the_site_file_is_half_english)
{
    int said = 0;
#define ROWS_ARE_SAID(name) said += rows_are_said(name##_rows, ARRAY_LEN(name##_rows));
    MISTAKE_TABLES(ROWS_ARE_SAID)
    CHECK(said > 150);
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
