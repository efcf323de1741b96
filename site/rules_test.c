// rules_test.c: what each rule lets through and what it stops, and the questions asked of checked texts.
#include "site/rules.h"
#include "base/test.h"
#include "site/words.h"

struct row {
    bool (*rule)(struct str s, struct err *e);
    const char *fine[12], *wrong[18];
};

static const struct row rows[] = {
    {rule_name, {"a", "web", "app-1", "a2345678901234567890123456789012"},
     {"", "1a", "A", "a_b", "a.b", "-a", "a b", "a23456789012345678901234567890123", "\xE3\x81\x82"}},
    {rule_service, {"web", "plans", "start-page"}, {"plan", "history", "lock", "hosts", "takeover", "Web"}},
    {rule_label, {"web_hook", "team-chat"}, {"_x", "", "Chat", "a/b"}},
    {rule_user, {"deploy", "_apt", "Kato.T", "a-b"}, {"", "-l", "a b", "a@b", "1a", "a;b"}},
    {rule_image, {"kotori/build", "registry.example:5000/a/b:12", "debian@sha256"}, {"", "-v", "a b", "a;b", "/a"}},
    {rule_unit, {"php8.2-fpm", "web@1.service"}, {"", "-x", "--now", "a b", "a/b"}},
    {rule_timezone, {"UTC", "Asia/Tokyo", "America/Argentina/Buenos_Aires"},
     {"", "Asia", "/UTC", "Asia//Tokyo", "../x", "JST-9x"}},
    {rule_address, {"10.0.0.1", "::1", "2001:db8::11", "app1", "app1.example", "xn--wgv71a.example", "3com.example"},
     {"", "10.0.0.256", "10.0.0", "1", "-a", "a-", "a..b", ".a", "a.", "a_b", "[::1]", "a:22", "fe80::1%eth0", "a b",
      "10.0.0.1/24"}},
    {rule_host_name, {"www.example", "127.0.0.1"}, {"", "*.example", "::1", "a:80"}},
    {rule_net, {"10.0.1.0/24", "0.0.0.0/0", "10.0.0.1/32", "2001:db8::/32", "::/0"},
     {"", "10.0.1.0", "10.0.1.0/33", "10.0.1.1/24", "10.0.1.0/", "/24", "10.0.1.0/24/", "2001:db8::1/64",
      "10.0.1.0/-1"}},
    {rule_listen, {"127.0.0.1:7070", "[::1]:1", "0.0.0.0:65535"},
     {"", "7070", ":7070", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "::1:80", "[127.0.0.1]:80",
      "localhost:80", "127.0.0.1:000080"}},
    {rule_absolute, {"/a", "/var/www/web-1.2_x", "/a/.b"},
     {"", "a", "/", "//", "/a/", "/a//b", "/a/./b", "/a/..", "/a b", "/a;b", "/a$b", "/-a", "/a\nb"}},
    {rule_relative, {"a", ".env", "a/b", "node_modules/@types", "a+b"},
     {"", "/a", "..", "a/..", "../a", "a//b", "./a", "a/", "*", "a b", "-a", "a/-b", "~"}},
    {rule_url_path, {"/", "/up", "/up?a=1&b=%20"}, {"", "up", "/a b", "/a#b", "/\"", "/<"}},
    {rule_repository,
     {"/srv/web.git", "git@forge:web.git", "git@forge.example:~kato/web", "ssh://forge/web.git",
      "ssh://git@forge:22/a/b.git",
      "https://forge.example:8443/web.git", "git@10.0.0.1:web.git", "/home/kato/my sites/\xE3\x81\x82.git"},
     {"", "/", "web", "./web", "../web", "-x", "ext::sh", "git@forge:", "git@:web", "@forge:web", "forge:web",
      "git@forge:-x",
      "ssh://forge", "ssh:///web", "https://a@forge/web", "git://forge/web", "git@forge:we b"}},
    {rule_branch, {"main", "feature/login", "v1.2", "a@b", "\xE3\x81\x82"},
     {"", "@", "HEAD", ".a", "a/.b", "a.lock", "a.lock/b", "a..b", "a.", "/a", "a/", "a//b", "a b", "a~1", "a@{1}",
      "a\\b"}},
    {rule_https,
     {"https://chat.example", "https://chat.example:8443/a?b=c", "http://127.0.0.1:9000/x", "http://localhost/x"},
     {"", "http://a", "http://127.0.0.1@evil.example/", "https://", "https://a b", "https://-a/", "https://a:0/",
      "chat.example"}},
    {rule_window,
     {"Mon", "Mon-Thu 10:00-18:00", "Fri-Mon", "22:00-02:00", "Mon,Wed 00:00-24:00",
      "Sat, Sun 10:00-11:00, 12:00-13:00"},
     {"", " ", "mon", "Mon-", "-Mon", "10:00", "10:00-", "10:60-11:00", "25:00-26:00", "24:00-01:00", "1:00-2:00",
      "10:00-10:00", "10:00-11:00 Mon"}},
    {rule_freeze, {"2026-12-28", "2026-12-28/2027-01-04", "2028-02-29", "2000-02-29"},
     {"", "/", "2026-12-28/", "2026-13-01", "2026-00-01", "2026-04-31", "2100-02-29", "2026-1-1",
      "2027-01-04/2026-12-28", "2026-12-28/2027-01-04/2028-01-01"}},
};

TEST(rules_let_through_what_is_fine_and_say_why_not)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err e;
        for (const char *const *t = rows[i].fine; *t; t++)
            if (!rows[i].rule(str_z(*t), &e))
                test_failed(__FILE__, __LINE__, "row %zu refuses %s: %s", i, *t, e.text);
        for (size_t k = 0; k < ARRAY_LEN(rows[i].wrong) && rows[i].wrong[k]; k++) {
            e = (struct err){0};
            if (rows[i].rule(str_z(rows[i].wrong[k]), &e))
                test_failed(__FILE__, __LINE__, "row %zu lets through %s", i, rows[i].wrong[k]);
            else if (!e.text[0] || !e.hint[0])
                test_failed(__FILE__, __LINE__, "row %zu does not say why not %s", i, rows[i].wrong[k]);
        }
    }
}

TEST(no_rule_lets_a_nul_through)
{
    static const char texts[][8] = {"a\0b", "/a\0b", "main\0x", "UTC\0"};
    struct err e;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (size_t k = 0; k < ARRAY_LEN(texts); k++)
            CHECK(!rows[i].rule((struct str){texts[k], 5}, &e));
}

TEST(a_path_is_within_itself_and_its_parents_only)
{
    CHECK(path_within(S("a"), S("a")));
    CHECK(path_within(S("a/b"), S("a")));
    CHECK(!path_within(S("a"), S("a/b")));
    CHECK(!path_within(S("ab"), S("a")));
    CHECK(!path_within(S("a-b"), S("a")));
}

TEST(nets_know_what_they_hold)
{
    CHECK(net_holds(S("10.0.1.0/24"), S("10.0.1.255")));
    CHECK(!net_holds(S("10.0.1.0/24"), S("10.0.2.0")));
    CHECK(net_holds(S("10.0.1.128/25"), S("10.0.1.128")));
    CHECK(!net_holds(S("10.0.1.128/25"), S("10.0.1.127")));
    CHECK(!net_holds(S("10.0.1.0/24"), S("::1")));
    CHECK(!net_holds(S("10.0.1.0/24"), S("app1.example")));
    CHECK(net_holds(S("2001:db8::/33"), S("2001:db8:7fff::1")));
    CHECK(!net_holds(S("2001:db8::/33"), S("2001:db8:8000::1")));
    CHECK(nets_overlap(S("0.0.0.0/0"), S("10.0.1.0/24")));
    CHECK(!nets_overlap(S("10.0.0.0/24"), S("10.0.1.0/24")));
    CHECK(!nets_overlap(S("0.0.0.0/0"), S("::/0")));
}

TEST(loopback_is_127_and_one)
{
    CHECK(listen_is_loopback(S("127.0.0.1:7070")));
    CHECK(listen_is_loopback(S("127.9.9.9:1")));
    CHECK(listen_is_loopback(S("[::1]:1")));
    CHECK(!listen_is_loopback(S("0.0.0.0:1")));
    CHECK(!listen_is_loopback(S("[::]:1")));
    CHECK(!listen_is_loopback(S("[::ffff:127.0.0.1]:1")));
    CHECK(!listen_is_loopback(S("10.0.0.1:1")));
}

TEST(a_string_splits_at_blanks)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct words w;
    struct err e;
    CHECK(words_split(&a, S("  composer  install\t--no-dev "), &w, &e) == false);   // a tab is a control here
    CHECK(words_split(&a, S("  composer  install --no-dev "), &w, &e));
    CHECK_INT(w.n, 3);
    CHECK_STR(w.at[0], S("composer"));
    CHECK_STR(w.at[2], S("--no-dev"));
}

TEST(each_character_for_a_shell_is_refused)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    for (const char *c = "|&;<>()$\\\"'*?[]#~!`\n\r\x01\x7F"; *c; c++) {
        struct words w;
        struct err e;
        CHECK(!words_split(&a, str_f(&a, "echo a%cb", *c), &w, &e));
    }
}

TEST(a_command_has_an_end)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_BUF struct buf b = buf_make(1 << 20);
    struct words w;
    struct err e;
    for (int i = 0; i < COMMAND_WORDS_MAX; i++)
        buf_addz(&b, "x ");
    CHECK(words_split(&a, buf_str(&b), &w, &e));
    buf_addz(&b, "x");
    CHECK(!words_split(&a, buf_str(&b), &w, &e));
}
