#include "base/child.h"
#include "base/test.h"
#include "release/quote.h"

// What a real shell makes of the quoted word.
static struct str through_sh(struct arena *a, struct str quoted)
{
    struct str line = str_f(a, "printf %%s " STR_F, STR_A(quoted));
    const char *argv[] = {"/bin/sh", "-c", line.p, NULL};
    struct child_spec spec = {.argv = argv, .deadline_ms = 10000, .max_output = 64 << 10};
    struct child_result r;
    struct err e;
    if (!child_run(a, &spec, &r, &e)) {
        test_failed(__FILE__, __LINE__, "%s", e.text);
        return S("");
    }
    return r.out;
}

static struct str quoted(struct arena *a, struct str word)
{
    OWN_BUF struct buf b = buf_make(64 << 10);
    quote_add(&b, word);
    return str_dup(a, buf_str(&b));
}

TEST(every_byte_survives_the_shell)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    char all[255];
    for (int c = 1; c < 256; c++) {
        // Between letters, so that no byte hides behind what its neighbours do.
        char word[3] = {'x', (char)c, 'y'};
        all[c - 1] = (char)c;
        CHECK_STR(through_sh(&a, quoted(&a, (struct str){word, 3})), ((struct str){word, 3}));
    }
    CHECK_STR(through_sh(&a, quoted(&a, (struct str){all, sizeof all})), ((struct str){all, sizeof all}));
}

TEST(words_a_shell_would_act_on_are_words)
{
    static const char *const words[] = {
        "'", "''", "'x'", "\\'", "$HOME", "`id`", "$(id)", "a b", "*", "~", "a;b", "a&b", ">x", "#x", "-n", "!x",
        "\n", "x\n", "caf\xC3\xA9", "--", "'; touch /tmp/oops; '"};
    OWN_ARENA struct arena a = arena_make(1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        CHECK_STR(through_sh(&a, quoted(&a, str_z(words[i]))), str_z(words[i]));
}

TEST(an_empty_word_is_still_a_word)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct strs words = {0};
    vec_push(&a, &words, S("a"));
    vec_push(&a, &words, S(""));
    vec_push(&a, &words, S("it's"));
    CHECK_STR(quote_words(&a, &words), S("'a' '' 'it'\\''s'"));
    CHECK_STR(through_sh(&a, str_f(&a, "'%%s|%%s|%%s' " STR_F, STR_A(quote_words(&a, &words)))), S("%s|%s|%sait's"));
}
