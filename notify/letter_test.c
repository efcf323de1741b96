#include "notify/letter.h"
#include "base/test.h"
#include "store/secret.h"
#include <string.h>

TEST(a_signature_is_the_hmac_that_receivers_know)
{
    OWN_ARENA struct arena a = arena_make(1 << 16);
    // RFC 4231, test cases 2 and 6 (a key longer than a block).
    OWN_BUF struct buf key = buf_make(200);
    buf_addn(&key, (char)0xAA, 131);
    CHECK_STR(letter_signature(&a, S("Jefe"), S("what do ya want for nothing?")),
              S("sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
    CHECK_STR(letter_signature(&a, buf_str(&key), S("Test Using Larger Than Block-Size Key - Hash Key First")),
              S("sha256=60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
}

TEST(curl_is_told_text_that_cannot_become_another_setting)
{
    OWN_BUF struct buf b = buf_make(8192);
    struct notice n = {.id = 7, .body = S("{\"a\":\"x\\y\n\r\t\v\"}")};
    struct err e;
    CHECK(letter_curl(&b, &n, S("http://h/\"\noutput = \"/etc/passwd"), S("sha256=00"), &e));
    CHECK(strstr(buf_z(&b), "url = \"http://h/\\\"\\noutput = \\\"/etc/passwd\"\n"));
    CHECK(strstr(buf_z(&b), "data-raw = \"{\\\"a\\\":\\\"x\\\\y\\n\\r\\t\\v\\\"}\"\n"));
    CHECK(strstr(buf_z(&b), "header = \"X-Rusuban-Notice: 7\"\n"));
    CHECK(strstr(buf_z(&b), "header = \"X-Rusuban-Signature-256: sha256=00\"\n"));
}

static struct site *a_site(struct arena *a, struct notifier n)
{
    struct site *s = NEW(a, struct site);
    vec_push(a, &s->notifiers, n);
    return s;
}

TEST(a_command_gets_its_words_and_its_environment)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct notifier to = {.name = S("chat"), .kind = NOTIFIER_COMMAND};
    struct notice n = {.id = 7, .release = 1483, .service = S("web"), .kind = S("release.done"), .body = S("{}"),
                       .notifier = S("chat")};
    struct child_spec spec;
    struct err e;
    vec_push(&a, &to.command, S("/opt/tell"));
    vec_push(&a, &to.command, S("--to all"));
    CHECK(letter_make(&a, &n, a_site(&a, to), NULL, "/d", &spec, &e));
    CHECK(strcmp(spec.argv[1], "--to all") == 0 && !spec.argv[2]);
    CHECK(strcmp(spec.env[0], "RUSUBAN_SERVICE=web") == 0 && strcmp(spec.env[1], "RUSUBAN_RELEASE=1483") == 0);
    CHECK(strcmp(spec.env[2], "RUSUBAN_EVENT=release.done") == 0 && !spec.env[4]);
    CHECK_STR(spec.input, S("{}"));
}

TEST(no_secret_is_in_an_argument_or_the_environment)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_DB struct db *db = NULL;
    struct notifier to = {.name = S("chat"), .kind = NOTIFIER_WEBHOOK, .webhook = S("http://127.0.0.1:9/path-secret"),
                          .secret = S("chat_hook")};
    struct notice n = {.id = 7, .service = S("web"), .kind = S("x"), .body = S("{}"), .notifier = S("chat")};
    struct child_spec spec;
    struct err e;
    CHECK(store_open(test_dir(), &db, &e));
    CHECK(!letter_make(&a, &n, a_site(&a, to), db, test_dir(), &spec, &e));
    CHECK_INT(e.kind, ERR_NOT_FOUND);
    CHECK(secret_set(db, test_dir(), "watcher", S("chat_hook"), S("swordfish"), &e));
    CHECK(letter_make(&a, &n, a_site(&a, to), db, test_dir(), &spec, &e));
    for (const char *const *w = spec.argv; *w; w++)
        CHECK(!strstr(*w, "secret") && !strstr(*w, "swordfish"));
    CHECK(!spec.env);
    CHECK(str_find(spec.input, S("path-secret")) > 0 && str_find(spec.input, S("swordfish")) < 0);
    n.notifier = S("mail");
    CHECK(!letter_make(&a, &n, a_site(&a, to), db, test_dir(), &spec, &e));
    CHECK(strstr(e.text, "no notifier \"mail\""));
}
