// ask_fuzz.c: whatever stands in a target or a body, what reaches a handler keeps to its field table, and what does
// not has a mistake with words. The first octet chooses: target or body.
#include "web/fields.h"
#include "web/target.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct wish {
    struct str service;
    int64_t keep, any;
    bool force;
    struct strs hosts;
};
static const struct field wish_in[] = {
    {"service", F_STR, offsetof(struct wish, service), .low = 1, .high = 20, .help = "which"},
    {"keep", F_INT, offsetof(struct wish, keep), .low = 1, .high = 50, .help = "how many"},
    {"any", F_INT, offsetof(struct wish, any), .help = "any number"},
    {"force", F_BOOL, offsetof(struct wish, force), .help = "or not"},
    {"hosts", F_STRS, offsetof(struct wish, hosts), .low = 1, .high = 3, .help = "where"},
};

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void must_keep_to_the_table(const struct wish *w)
{
    must(w->service.n <= 20 && str_utf8(w->service));
    must(w->keep >= 0 && w->keep <= 50 && w->hosts.n <= 3);
    for (size_t i = 0; i < w->hosts.n; i++)
        must(str_utf8(w->hosts.at[i]));
}

static void must_say_something(const struct wrongs *wrongs)
{
    struct err e;
    must(wrongs->n <= 21);
    for (size_t i = 0; i < wrongs->n; i++)
        must(wrongs->at[i].text.n && wrongs->at[i].line >= 0 && wrongs->at[i].col >= 0);
    must(!wrongs_err(wrongs, &e) && e.kind == ERR_INPUT && e.text[0]);
}

static void must_be_one_reading(const struct target *t)
{
    for (size_t i = 0; i < t->segments.n; i++) {
        struct str s = t->segments.at[i];
        must(str_utf8(s) && !str_has(s, '/') && !str_eq(s, S(".")) && !str_eq(s, S("..")));
        must(s.n || i + 1 == t->segments.n);
    }
    for (size_t i = 0; i < t->query.n; i++)
        must(t->query.at[i].name.n && str_utf8(t->query.at[i].name) && str_utf8(t->query.at[i].value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 64 << 10)
        return 0;
    OWN_ARENA struct arena a = arena_make(64 << 20);
    struct str s = str_dup(&a, (struct str){(const char *)data + 1, size - 1});
    struct wish w = {0};
    struct wrongs wrongs = {0};
    if (data[0] % 2) {
        struct target t;
        const char *why = target_cut(&a, s, &t);
        if (why)
            return 0;
        must_be_one_reading(&t);
        fields_from_query(&a, wish_in, ARRAY_LEN(wish_in), &t.query, &w, &wrongs);
    } else {
        fields_from_body(&a, wish_in, ARRAY_LEN(wish_in), s, &w, &wrongs);
    }
    if (wrongs.n)
        must_say_something(&wrongs);
    else
        must_keep_to_the_table(&w);
    return 0;
}
