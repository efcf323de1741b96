// config_test.c: a host is told what it is to follow, and nothing of what others write.
#include "base/jansson.h"
#include "base/test.h"
#include "log/inner.h"
#include "log/label.h"
#include "log/names.h"
#include <string.h>

static const char site_text[] =
    "site: kotori\nzones: {a: {}}\nhosts: {app1: {zone: a, address: 10.0.0.1}, app2: {zone: a, address: 10.0.0.2}}\n"
    "log:\n  datasets:\n"
    "    access: {from: {web: {on: [app1], path: /access.log}}, privacy: {user_id: hash}}\n"
    "    plain: {from: {web: {on: [app1, app2], path: /plain.log}}}\n";

// Names of its datasets; "!" where the key of this month is.
static const char *told(const struct log_server *s, struct arena *a, const char *host, bool all)
{
    OWN_BUF struct buf b = buf_make(1 << 10);
    struct err e = {0};
    struct str text = config_for(a, s, str_z(host), all, &e);
    OWN_JSON *config = json_loadb(text.p, text.n, 0, NULL);
    const json_t *d;
    size_t i;
    CHECK_INT(e.kind, ERR_NONE);
    json_array_foreach(json_object_get(config, "datasets"), i, d)
        buf_addf(&b, "%s%s%s", i ? " " : "", j_text(d, "name"), j_text(d, "hash_key")[0] ? "!" : "");
    return str_zdup(a, buf_str(&b));
}

// The labels that log/ knows stand a second time in site/settle_site.c, for a site file is read without us.
static bool site_takes(struct arena *a, struct str label, const char *more)
{
    struct site *site = NULL;
    struct mistakes m = {0};
    struct err e = {0};
    const char *text = str_zf(a, "site: k\nlog: {datasets: {a: {format: json, privacy: {" STR_F ": {do: drop%s}}}}}\n",
                              STR_A(label), more);
    return site_parse(a, str_z(text), &site, &m, &e) && site;
}

TEST(a_rule_for_any_label_that_we_know_is_none_that_slipped)
{
    OWN_ARENA struct arena a = arena_make(16 << 20);
    size_t n;
    const struct label_row *row = label_rows(&n);
    for (size_t i = 0; i < n; i++) {
        struct str ours = str_z(row[i].label), theirs;
        CHECK(site_takes(&a, ours, ""));
        for (size_t k = 0; (theirs = names_other(ours, k)).n; k++)
            CHECK(theirs.p[0] == '@' || site_takes(&a, theirs, ""));     // that one is no label
    }
    CHECK(!site_takes(&a, S("url"), "") && site_takes(&a, S("url"), ", own: true"));
    CHECK(site_takes(&a, S("session_id"), "") && site_takes(&a, S("request_id"), ""));
}

TEST(the_months_key_goes_to_hosts_whose_lines_are_hashed)
{
    OWN_ARENA struct arena a = arena_make(16 << 20);
    static struct tables tables;
    struct site *site = NULL;
    struct mistakes m = {0};
    struct err e = {0};
    struct strs names = {0};
    CHECK(site_parse(&a, str_z(site_text), &site, &m, &e));
    vec_push(&a, &names, S("access"));
    vec_push(&a, &names, S("plain"));
    CHECK(tables_open(&tables, str_zf(&a, "%s/lake", test_dir()), &names, &e));
    struct log_server s = {.data = test_dir(), .fresh = {.good = site}, .tables = &tables};
    CHECK_STR(str_z(told(&s, &a, "app1", false)), S("access! plain"));
    CHECK_STR(str_z(told(&s, &a, "app2", false)), S("plain"));
    CHECK_STR(str_z(told(&s, &a, "db1", false)), S(""));
    CHECK_STR(str_z(told(&s, &a, "app2", true)), S("access! plain"));       // a person's import
}
