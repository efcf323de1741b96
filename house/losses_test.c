// losses_test.c: what a lost zone takes along, counted from the site file.
#include "base/test.h"
#include "house/losses.h"

#define HEAD "site: kotori\nzones: {a: {net: 127.0.1.0/24}, c: {net: 127.0.2.0/24}}\n"                              \
             "hosts: {app1: {zone: a, address: 127.0.1.1}, app2: {zone: c, address: 127.0.2.1},"                    \
             " app3: {zone: a, address: 127.0.1.2}, app4: {zone: a, address: 127.0.1.3}}\n"
#define SERVICE(name, servers) "  " name ": {repository: /x.git, deploy_to: /w/" name ", servers: {" servers "}}\n"

static struct str losses(struct buf *b, const char *text)
{
    OWN_ARENA struct arena a = arena_make(4 << 20);
    struct site *site = NULL;
    struct mistakes wrong = {0};
    struct err e = {0};
    CHECK(site_parse(&a, str_z(text), &site, &wrong, &e));
    CHECK_STR(wrong.n ? wrong.at[0].text : S(""), S(""));
    buf_clear(b);
    losses_put(b, site);
    return buf_str(b);
}

TEST(a_lost_zone_takes_its_hosts_along_and_a_service_that_is_nowhere_else_is_gone)
{
    OWN_BUF struct buf b = buf_make(1 << 16);
    CHECK_STR(losses(&b, HEAD "services:\n" SERVICE("web", "canary: {hosts: [app1]}, web: {hosts: [app2]}")
                     SERVICE("chat", "web: {hosts: [app3]}")),
              S("[{\"zone\":\"a\",\"how\":\"bad\",\"left\":1,\"of\":4,\"services\":[{\"name\":\"web\",\"left\":1,\"of\":2},"
                "{\"name\":\"chat\",\"left\":0,\"of\":1}]},{\"zone\":\"c\",\"how\":\"ok\",\"left\":3,\"of\":4,\"services\":["
                "{\"name\":\"web\",\"left\":1,\"of\":2},{\"name\":\"chat\",\"left\":1,\"of\":1}]}]"));
    CHECK_STR(losses(&b, HEAD "services:\n" SERVICE("web", "web: {hosts: [app1, app2, app3]}")),
              S("[{\"zone\":\"a\",\"how\":\"warn\",\"left\":1,\"of\":4,\"services\":[{\"name\":\"web\",\"left\":1,\"of\":3}]},"
                "{\"zone\":\"c\",\"how\":\"ok\",\"left\":3,\"of\":4,\"services\":[{\"name\":\"web\",\"left\":2,\"of\":3}]}]"));
}

TEST(a_site_of_one_zone_is_told_nothing_about_losing_it)
{
    OWN_BUF struct buf b = buf_make(1 << 16);
    CHECK_STR(losses(&b, "site: k\nzones: {a: {net: 127.0.1.0/24}}\nhosts: {app1: {zone: a, address: 127.0.1.1}}\n"),
              S("[]"));
    buf_clear(&b);
    losses_put(&b, NULL);
    CHECK_STR(buf_str(&b), S("[]"));
}
