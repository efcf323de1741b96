// mistake_test.c: each mistake of the site file as site/mistake_rows.h has it.
#include "base/test.h"
#include "site/mistake_rows.h"
#include "site/site.h"

static struct str told(struct arena *a, const char *text, struct site **s)
{
    OWN_BUF struct buf b = buf_make(1 << 20);
    struct mistakes m;
    struct err e;
    if (!site_parse(a, str_z(text), s, &m, &e))
        return str_z("site_parse failed");
    for (size_t i = 0; i < m.n; i++)
        buf_addf(&b, "%s%d:%d: " STR_F "%s" STR_F, i ? "\n" : "", m.at[i].line, m.at[i].col, STR_A(m.at[i].text),
                 m.at[i].hint.n ? "; " : "", STR_A(m.at[i].hint));
    return str_dup(a, buf_str(&b));
}

static void check_rows(const struct mistake_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        OWN_ARENA struct arena a = arena_make(8 << 20);
        struct site *s;
        struct str got = told(&a, rows[i].text, &s);
        if (!str_eq(got, str_z(rows[i].want)))
            test_failed(__FILE__, __LINE__, "row %zu\n--- got\n" STR_F "\n--- want\n%s\n--- of\n%s", i, STR_A(got),
                        rows[i].want, rows[i].text);
        CHECK((s == NULL) == (rows[i].want[0] != 0));
    }
}

#define ROWS_ARE_TOLD(name) TEST(name) { check_rows(name##_rows, ARRAY_LEN(name##_rows)); }
MISTAKE_TABLES(ROWS_ARE_TOLD)

TEST(all_mistakes_come_at_once_and_in_order)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *s;
    struct str got = told(&a, SERVICE "    servers: {web: {hosts: [app9]}}\n    keep: many\n    kepe: 1\nweb: {listen: x}\nsite: l\n", &s);
    CHECK(s == NULL);
    CHECK_STR(got, S("9:29: hosts: \"app9\" is no host of this site; did you mean \"app1\"?\n"
                     "10:11: keep: expected a whole number, got \"many\"\n"
                     "11:5: unknown key \"kepe\"; did you mean \"keep\"?\n"
                     "12:15: listen: \"x\" is not an address and a port; for example 127.0.0.1:7070 or [::1]:7070\n"
                     "13:1: \"site\" stands here twice; the first is on line 1"));
}
