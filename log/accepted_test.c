// accepted_test.c: what was accepted is that finding and no other, after a crash too, and the house's audit log has it.
#include "base/file.h"
#include "base/test.h"
#include "log/accepted.h"
#include "store/chain.h"
#include <string.h>
#include <unistd.h>

static struct finding cut_off(uint64_t stream, uint64_t from, uint64_t to)
{
    return (struct finding){.kind = FOUND_UNPROVEN, .host = S("app1"), .text = S("/access.log was cut off"),
                            .stream = stream, .from = from, .to = to};
}

static struct accepted_spec spec_here(struct arena *a)
{
    struct err e;
    const char *table = str_zf(a, "%s/lake/access", test_dir());
    CHECK(dir_make(table, 0700, &e));
    return (struct accepted_spec){.data = test_dir(), .table_dir = table, .dataset = S("access"), .by = S("kato"),
                                  .because = S("nginx was \"restarted\" by hand")};
}

TEST(what_is_accepted_is_one_finding_at_one_place)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct accepted_spec spec = spec_here(&a);
    struct acceptances all;
    struct err e;
    struct finding f = cut_off(7, 100, 300), further = cut_off(7, 100, 301), other = cut_off(8, 100, 300),
                   lost = f, lakes = cut_off(0, 0, 0);
    lost.kind = FOUND_LOST;
    CHECK(accepted_read(&a, spec.table_dir, &all, &e) && all.n == 0);
    CHECK(accepted_add(&spec, &f, &e));
    CHECK(accepted_read(&a, spec.table_dir, &all, &e) && all.n == 1);
    const struct acceptance *x = accepted_find(&all, &f);
    CHECK(x && x->at_ms > 0);
    CHECK_STR(x ? x->by : S(""), S("kato"));
    CHECK_STR(x ? x->because : S(""), spec.because);
    CHECK(!accepted_find(&all, &further) && !accepted_find(&all, &other) && !accepted_find(&all, &lost));
    CHECK(!accepted_find(&all, &lakes));
}

TEST(the_houses_audit_log_has_what_was_accepted)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_DB struct db *db = NULL;
    struct accepted_spec spec = spec_here(&a);
    struct chain_head head;
    struct err e;
    struct finding f = cut_off(7, 100, 300);
    CHECK(accepted_add(&spec, &f, &e));
    CHECK(store_open(test_dir(), &db, &e) && chain_verify(db, S(""), &head, &e));
    CHECK_INT(head.seq, 1);
}

TEST(half_a_line_is_cut_off_and_a_damaged_one_is_told)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct accepted_spec spec = spec_here(&a);
    const char *path = str_zf(&a, "%s/accepted.jsonl", spec.table_dir);
    struct acceptances all;
    struct str text;
    struct err e;
    struct finding f = cut_off(7, 100, 300), second = cut_off(9, 5, 5);
    CHECK(accepted_add(&spec, &f, &e));
    CHECK(file_read(&a, path, 1 << 16, &text, &e));
    CHECK(file_write(path, str_f(&a, STR_F "{\"kind\":\"lo", STR_A(text)), 0600, &e));
    CHECK(accepted_read(&a, spec.table_dir, &all, &e) && all.n == 1);
    CHECK(file_write(path, str_trim(text), 0600, &e));              // whole, and the crash came before the line break
    CHECK(accepted_read(&a, spec.table_dir, &all, &e) && all.n == 0);
    CHECK(accepted_add(&spec, &f, &e) && accepted_add(&spec, &second, &e));
    CHECK(accepted_read(&a, spec.table_dir, &all, &e) && all.n == 2 && accepted_find(&all, &second));
    CHECK(file_write(path, str_f(&a, "{\"kind\":\"lo\n" STR_F, STR_A(text)), 0600, &e));
    CHECK(!accepted_read(&a, spec.table_dir, &all, &e));
    CHECK(e.kind == ERR_CHECK && strstr(e.text, "accepted.jsonl:1 is damaged"));
}
