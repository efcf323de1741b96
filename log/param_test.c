// param_test.c: which places of a question are parameters, and which values they take.
#include "base/test.h"
#include "log/param.h"

TEST(places_become_parameters_and_nothing_moves)
{
    static const struct { const char *query, *text, *names; } rows[] = {
        {"select {{day}}", "select  $day  ", "day:day "},
        {"a={{app?}} b={{ n : number }}", "a= $app    b= $n             ", "app:text? n:number "},
        {"{{x}}{{x}}", " $x   $x  ", "x:text "},
        {"{{x?}} {{x}} {{x?:}}", NULL, NULL},
        {"{{x?}} {{x}}", " $x     $x  ", "x:text "},
        {"{{from_day}} {{t:time}}", " $from_day    $t       ", "from_day:day t:time "},
        {"'{{a}}' \"{{b}}\" -- {{c}}\n{{d}}", "'{{a}}' \"{{b}}\" -- {{c}}\n $d  ", "d:text "},
        {"/* {{a}} /* */ {{b}} */{{c}}", "/* {{a}} /* */ {{b}} */ $c  ", "c:text "},
        {"'it''s {{a}}'{{b}}", "'it''s {{a}}' $b  ", "b:text "},
        {"E'\\'{{a}}'{{b}}", "E'\\'{{a}}' $b  ", "b:text "},
        {"'\\'{{b}}", "'\\' $b  ", "b:text "},
        {"$$ {{a}} $$ $t$ {{b}} $$ $t${{c}}", "$$ {{a}} $$ $t$ {{b}} $$ $t$ $c  ", "c:text "},
        {"'never ends {{a}}", "'never ends {{a}}", ""},
        {"-- {{a}}\r{{b}}", "-- {{a}}\r $b  ", "b:text "},
        {"{{a?}} {{A:number}}", " $a     $A         ", "a:number "},
        {"{{a:day}} {{A:number}}", NULL, NULL}, {"{{a}} + $a", NULL, NULL}, {"$a", NULL, NULL}, {"$1", NULL, NULL},
        {"a$b 'x' $", "a$b 'x' $", ""},
        {"{{a", NULL, NULL}, {"{{}}", NULL, NULL}, {"{{1a}}", NULL, NULL}, {"{{a b}}", NULL, NULL},
        {"{{a;drop}}", NULL, NULL}, {"{{a:colour}}", NULL, NULL}, {"{{a:day}} {{a:number}}", NULL, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OWN_ARENA struct arena a = arena_make(1 << 20);
        OWN_BUF struct buf names = buf_make(1000);
        struct params open = {0};
        struct str text;
        struct err e = {0};
        bool ok = params_of(&a, str_z(rows[i].query), &text, &open, &e);
        if (ok != (rows[i].text != NULL))
            test_failed(__FILE__, __LINE__, "%s: %s", rows[i].query, ok ? "passed" : e.text);
        if (!ok || !rows[i].text)
            continue;
        CHECK_STR(text, str_z(rows[i].text));
        CHECK_INT(text.n, str_z(rows[i].query).n);
        for (size_t k = 0; k < open.n; k++)
            buf_addf(&names, STR_F ":%s%s ", STR_A(open.at[k].name), param_type_name(open.at[k].type),
                     open.at[k].optional ? "?" : "");
        CHECK_STR(buf_str(&names), str_z(rows[i].names));
    }
}

static struct str why(const char *query, const char *name, const char *value)
{
    static char said[sizeof ((struct err *)0)->text];
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct params open = {0}, given = {0};
    struct str text;
    struct err e = {0};
    bool ok = params_of(&a, str_z(query), &text, &open, &e)
        && (!name || params_give(&a, &given, str_z(name), str_z(value), &e)) && params_fill(&open, &given, &e);
    snprintf(said, sizeof said, "%s", ok ? "" : e.text);
    return str_z(said);
}

TEST(values_have_a_place_and_are_of_its_type)
{
    CHECK_STR(why("{{n:number}}", "n", "-1.5e3"), S(""));
    CHECK_STR(why("{{n:number}}", "n", "1; drop"), S("{{n}}: \"1; drop\" is no number"));
    CHECK_STR(why("{{n:number}}", "n", "nan"), S("{{n}}: \"nan\" is no number"));
    CHECK_STR(why("{{n:number}}", "n", "1e400"), S("{{n}}: \"1e400\" is no number"));
    CHECK_STR(why("{{n:number}}", "N", "1"), S(""));
    CHECK_STR(why("{{a?}}\n+ $a", NULL, NULL),
              S("<query>:2:3: write {{name}} for a value that comes with the question, not $a"));
    CHECK_STR(why("a\n {{n}}", NULL, NULL), S("<query>:2:2: {{n}} has no value"));
    CHECK_STR(why("{{n}}", "n", ""), S("<query>:1:1: {{n}} has no value"));
    CHECK_STR(why("{{n?}}", NULL, NULL), S(""));
    CHECK_STR(why("{{day}}", "dya", "x"), S("the question has no {{dya}}"));
    CHECK_STR(why("{{a}}", "a b", "x"), S("\"a b\" is no name of a parameter"));
}
