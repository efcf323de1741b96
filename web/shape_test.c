// shape_test.c: answers are what their shapes say, or the place where they part is named.
#include "base/jansson.h"
#include "base/test.h"
#include "web/shape.h"

static const struct shape some[] = {
    {"Host", "name: text, zone: text?, state: up|down|half_up, seen_at: time?", "a host"},
    {"Service", "...Host, hosts: [Host], size: int, load: number, ok: bool, note?: text, args: {*: plain}, rest: any",
     "a service"},
    {"Told", "host.up: {host: text}, host.gone: {}", "what happened"},
    {"Event", "kind: text, args: Told[kind]", "one of them"},
    {0}};

static const char good[] =
    "{'name':'web','zone':null,'state':'half_up','seen_at':'2026-11-23T02:10:00.120Z','hosts':[{'name':'app1',"
    "'zone':'a','state':'up','seen_at':null}],'size':'9007199254740993','load':0.5,'ok':true,'args':{'a':1,'b':null},"
    "'rest':[1,{}]}";

// With ' for " and one part of the text replaced.
static struct str why(const char *form, const char *text, const char *part, const char *by)
{
    static char said[sizeof ((struct err *)0)->text];
    OWN_ARENA struct arena a = arena_make(1 << 20);
    OWN_BUF struct buf b = buf_make(1 << 16);
    struct err e = {0};
    struct shapes all = shapes_make(&a, (const struct shape *const[]){some, NULL});
    struct str all_of_it = str_z(text);
    ptrdiff_t at = part ? str_find(all_of_it, str_z(part)) : -1;
    CHECK(!part || at >= 0);
    if (at >= 0) {
        buf_add(&b, str_head(all_of_it, (size_t)at));
        buf_addz(&b, by);
        all_of_it = str_from(all_of_it, (size_t)at + str_z(part).n);
    }
    buf_add(&b, all_of_it);
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] == '\'')
            b.p[i] = '"';
    OWN_JSON *answer = json_loadb(b.p, b.n, JSON_DECODE_ANY, NULL);
    CHECK(answer);
    if (answer && form_check(form_make(&a, &all, form), answer, &e))
        return S("");
    snprintf(said, sizeof said, "%s", e.text);
    return str_z(said);
}

TEST(an_answer_fits_its_shape_or_says_where_it_does_not)
{
    static const struct { const char *part, *by, *why; } rows[] = {
        {NULL, NULL, ""},
        {"'ok':true", "'ok':true,'note':'x'", ""},
        {"'web'", "null", "name: expected a text, got null"},
        {"'half_up'", "'upp'", "state: expected one of its words, got upp"},
        {"'2026-11-23T02:10:00.120Z'", "'today'", "seen_at: expected a time, got a text"},
        {"'2026-11-23T02:10:00.120Z'", "1700000000", "seen_at: expected a time, got a whole number"},
        {"'zone':'a'", "'zone':7", "hosts[0].zone: expected a text, got a whole number"},
        {"'zone':'a',", "", "hosts[0].zone: expected a value, got nothing"},
        {"'size':'9007199254740993'", "'size':'12'", "size: expected a whole number, got a text"},
        {"0.5", "'0.5'", "load: expected a number, got a text"},
        {"'b':null", "'b':[]", "args.b: expected a text, a number, true, false or null, got a list"},
        {"'ok':true", "'ok':0", "ok: expected true or false, got a whole number"},
        {"'ok':true", "'ok':true,'more':1", "more: expected nothing, got a field that is not described"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        CHECK_STR(why("Service", good, rows[i].part, rows[i].by), str_z(rows[i].why));
    CHECK_STR(why("[Host]?", "null", NULL, NULL), S(""));
    CHECK_STR(why("[int]", "[1,2,'x']", NULL, NULL), S("[2]: expected a whole number, got a text"));
    CHECK_STR(why("{}", "{'a':1}", NULL, NULL), S("a: expected nothing, got a field that is not described"));
    CHECK_STR(why("{a: int} or [int]", "[1]", NULL, NULL), S(""));
    CHECK_STR(why("{a: int} or [int]", "['x']", NULL, NULL), S("[0]: expected a whole number, got a text"));
    static const char event[] = "{'kind':'host.up','args':{'host':'app1'}}";
    CHECK_STR(why("Event", event, NULL, NULL), S(""));
    CHECK_STR(why("Event", event, "'app1'", "1"), S("args.host: expected a text, got a whole number"));
    CHECK_STR(why("Event", event, "'host.up'", "'host.gone'"),
              S("args.host: expected nothing, got a field that is not described"));
    CHECK_STR(why("Event", event, "'host.up'", "'host.down'"),
              S("args: expected a field of Told in kind beside it, got host.down"));
    CHECK_STR(why("{a: int}", "[]", NULL, NULL), S("the answer: expected an object, got a list"));
}

TEST(a_form_is_told_as_schema_and_as_typescript)
{
    static const struct { const char *form, *schema, *type; } rows[] = {
        {"text?", "{\"type\":[\"string\",\"null\"]}", "string | null"},
        {"[number?]", "{\"type\":\"array\",\"items\":{\"type\":[\"number\",\"null\"]}}", "(number | null)[]"},
        {"[a|b]", "{\"type\":\"array\",\"items\":{\"enum\":[\"a\",\"b\"]}}", "(\"a\" | \"b\")[]"},
        {"{at: time, n?: int}",
         "{\"type\":\"object\",\"properties\":{\"at\":{\"type\":\"string\",\"format\":\"date-time\"},"
         "\"n\":{\"type\":\"integer\"}},\"required\":[\"at\"]}", "{ at: string; n?: number }"},
        {"{*: bool}", "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"boolean\"}}",
         "Record<string, boolean>"},
        {"Host?", "{\"anyOf\":[{\"$ref\":\"#/components/schemas/Host\"},{\"type\":\"null\"}]}", "Host | null"},
        {"[Host]", "{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Host\"}}", "Host[]"},
        {"Host or [any]",
         "{\"anyOf\":[{\"$ref\":\"#/components/schemas/Host\"},{\"type\":\"array\",\"items\":{}}]}",
         "Host | unknown[]"},
        {"any", "{}", "unknown"},
        {"Told[kind]", "{\"anyOf\":[{\"type\":\"object\",\"properties\":{\"host\":{\"type\":\"string\"}},"
         "\"required\":[\"host\"]},{\"type\":\"object\",\"properties\":{},\"required\":[]}]}", "Told[keyof Told]"},
        {"{a.b: int}", "{\"type\":\"object\",\"properties\":{\"a.b\":{\"type\":\"integer\"}},\"required\":[\"a.b\"]}",
         "{ \"a.b\": number }"},
    };
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct shapes all = shapes_make(&a, (const struct shape *const[]){some, NULL});
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_BUF struct buf schema = buf_make(4096), type = buf_make(4096);
        const struct form *f = form_make(&a, &all, rows[i].form);
        form_schema(&schema, f);
        form_type(&type, f);
        CHECK_STR(buf_str(&schema), str_z(rows[i].schema));
        CHECK_STR(buf_str(&type), str_z(rows[i].type));
    }
}
