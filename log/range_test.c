// range_test.c: what a question says of time, and that what is not understood narrows nothing.
#include "base/test.h"
#include "log/range.h"

#define COLUMN(name)    "{\"class\":\"COLUMN_REF\",\"column_names\":[\"" name "\"]}"
#define OF(table, name) "{\"class\":\"COLUMN_REF\",\"column_names\":[\"" table "\",\"" name "\"]}"
#define VALUE(v)        "{\"class\":\"CONSTANT\",\"v\":" v "}"
#define IS(op, l, r)    "{\"type\":\"COMPARE_" op "\",\"left\":" l ",\"right\":" r "}"
#define AND(a, b)       "{\"type\":\"CONJUNCTION_AND\",\"children\":[" a "," b "]}"
#define NO(op, v)       "{\"class\":\"OPERATOR\",\"type\":\"OPERATOR_IS_" op "\",\"children\":[" v "]}"
#define GIVEN           "{\"class\":\"CONSTANT\",\"value\":{\"is_null\":false,\"value\":\"x\"}}"
#define MISSING         "{\"class\":\"CONSTANT\",\"value\":{\"is_null\":true}}"
#define CAST(try, v)    "{\"class\":\"CAST\",\"type\":\"OPERATOR_CAST\",\"try_cast\":" try ",\"child\":" v "}"
#define OR(a, b)        "{\"type\":\"CONJUNCTION_OR\",\"children\":[" a "," b "]}"
#define TABLE(name)     "{\"type\":\"BASE_TABLE\",\"alias\":\"\",\"table_name\":\"" name "\"}"
#define AS(name, alias) "{\"type\":\"BASE_TABLE\",\"alias\":\"" alias "\",\"table_name\":\"" name "\"}"
#define JOIN(a, b)      "{\"type\":\"JOIN\",\"left\":" a ",\"right\":" b "}"
#define FROM(t, w)      "{\"type\":\"SELECT_NODE\",\"from_table\":" t ",\"where_clause\":" w "}"
#define ALSO(t, w, in)  "{\"type\":\"SELECT_NODE\",\"from_table\":" t ",\"where_clause\":" w \
                        ",\"select_list\":[{\"subquery\":" in "}]}"
#define LOG             TABLE("access_log")

static bool value(void *arg, const json_t *expression, enum range_unit unit, int64_t *out)
{
    (void)arg, (void)unit;
    const json_t *v = json_object_get(expression, "v");
    *out = json_integer_value(v);
    return json_is_integer(v);
}

static enum range_found find(const char *ast, struct range *r, size_t *used)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    struct strs views = {0}, names;
    vec_push(&a, &views, S("access_log"));
    vec_push(&a, &views, S("access_bad"));
    json_error_t why;
    json_t *j = json_loads(ast, 0, &why);
    enum range_found found = range_of_query(&a, j, &views, value, NULL, r, &names);
    json_decref(j);
    *used = names.n;
    return found;
}

static const struct { const char *ast; enum range_found found; int32_t low, high; } days[] = {
    {FROM(LOG, IS("EQUAL", COLUMN("dt"), VALUE("10"))), RANGE_BOUND, 240, 263},
    {FROM(LOG, IS("EQUAL", VALUE("10"), COLUMN("DT"))), RANGE_BOUND, 240, 263},
    {FROM(LOG, IS("GREATERTHANOREQUALTO", COLUMN("dt"), VALUE("10"))), RANGE_BOUND, 240, INT32_MAX},
    {FROM(LOG, IS("LESSTHAN", COLUMN("dt"), VALUE("10"))), RANGE_BOUND, INT32_MIN, 263},
    {FROM(LOG, IS("LESSTHAN", VALUE("10"), COLUMN("dt"))), RANGE_BOUND, 240, INT32_MAX},
    {FROM(LOG, AND(IS("EQUAL", COLUMN("dt"), VALUE("10")), IS("EQUAL", COLUMN("hour"), VALUE("3")))), RANGE_BOUND, 243,
     243},
    {FROM(LOG, "{\"type\":\"COMPARE_BETWEEN\",\"input\":" COLUMN("dt") ",\"lower\":" VALUE("10")
               ",\"upper\":" VALUE("11") "}"),
     RANGE_BOUND, 240, 287},
    {FROM(LOG, "{\"type\":\"COMPARE_IN\",\"children\":[" COLUMN("dt") "," VALUE("12") "," VALUE("10") "]}"),
     RANGE_BOUND, 240, 311},
    {FROM(AS("access_log", "l"), IS("EQUAL", OF("l", "dt"), VALUE("10"))), RANGE_BOUND, 240, 263},
    {FROM(JOIN(LOG, TABLE("releases")), IS("EQUAL", COLUMN("dt"), VALUE("10"))), RANGE_BOUND, 240, 263},
    {FROM(JOIN(AS("access_log", "a"), AS("access_log", "b")),
          AND(IS("EQUAL", OF("a", "dt"), VALUE("10")), IS("EQUAL", OF("b", "dt"), VALUE("12")))), RANGE_BOUND, 240,
          311},
    {ALSO(LOG, IS("EQUAL", COLUMN("dt"), VALUE("10")), FROM(LOG, IS("EQUAL", COLUMN("dt"), VALUE("20")))), RANGE_BOUND,
     240, 503},
    {FROM(LOG, OR(IS("EQUAL", COLUMN("dt"), VALUE("10")), IS("EQUAL", COLUMN("dt"), VALUE("11")))), RANGE_BOUND, 240,
     287},
    {FROM(LOG, OR(NO("NULL", GIVEN), IS("EQUAL", COLUMN("dt"), VALUE("10")))), RANGE_BOUND, 240, 263},
    {FROM(LOG, OR(IS("EQUAL", COLUMN("dt"), VALUE("10")), NO("NULL", CAST("false", GIVEN)))), RANGE_BOUND, 240, 263},
    {FROM(LOG, OR(AND(NO("NOT_NULL", MISSING), COLUMN("x")), IS("EQUAL", COLUMN("dt"), VALUE("10")))), RANGE_BOUND,
     240, 263},
    {FROM(LOG, AND(IS("EQUAL", COLUMN("dt"), VALUE("10")),
                   OR(IS("EQUAL", COLUMN("hour"), VALUE("3")), IS("EQUAL", COLUMN("hour"), VALUE("5"))))),
     RANGE_BOUND, 243, 245},
    // What narrows nothing.
    {FROM(LOG, "null"), RANGE_UNBOUND, INT32_MIN, INT32_MAX},
    {FROM(LOG, OR(IS("EQUAL", COLUMN("dt"), VALUE("10")), COLUMN("x"))), RANGE_UNBOUND, INT32_MIN, INT32_MAX},
    {FROM(LOG, OR(IS("EQUAL", COLUMN("dt"), VALUE("10")), IS("EQUAL", COLUMN("time"), VALUE("5")))), RANGE_UNBOUND,
     INT32_MIN, INT32_MAX},
    {FROM(LOG, OR(NO("NULL", MISSING), IS("EQUAL", COLUMN("dt"), VALUE("10")))), RANGE_UNBOUND, INT32_MIN, INT32_MAX},
    {FROM(LOG, OR(NO("NOT_NULL", GIVEN), IS("EQUAL", COLUMN("dt"), VALUE("10")))), RANGE_UNBOUND, INT32_MIN,
     INT32_MAX},
    {FROM(LOG, OR(NO("NULL", COLUMN("dt")), IS("EQUAL", COLUMN("dt"), VALUE("10")))), RANGE_UNBOUND, INT32_MIN,
     INT32_MAX},
    {FROM(LOG, OR(NO("NULL", CAST("true", GIVEN)), IS("EQUAL", COLUMN("dt"), VALUE("10")))), RANGE_UNBOUND, INT32_MIN,
     INT32_MAX},
    {FROM(LOG, IS("NOTEQUAL", COLUMN("dt"), VALUE("10"))), RANGE_UNBOUND, INT32_MIN, INT32_MAX},
    {FROM(LOG, IS("EQUAL", COLUMN("dt"), VALUE("\"?\""))), RANGE_UNBOUND, INT32_MIN, INT32_MAX},
    {FROM(LOG, IS("EQUAL", COLUMN("hour"), VALUE("3"))), RANGE_UNBOUND, INT32_MIN, INT32_MAX},
    {FROM(LOG, IS("EQUAL", OF("other", "dt"), VALUE("10"))), RANGE_UNBOUND, INT32_MIN, INT32_MAX},
    {FROM(JOIN(AS("access_log", "a"), AS("access_log", "b")), IS("EQUAL", OF("a", "dt"), VALUE("10"))), RANGE_PARTLY,
     240, 263},
    {FROM(TABLE("releases"), "null"), RANGE_NONE, INT32_MIN, INT32_MAX},
    {"{\"error\":true}", RANGE_UNKNOWN, INT32_MIN, INT32_MAX},
    {"[]", RANGE_UNKNOWN, INT32_MIN, INT32_MAX},
};

TEST(days_and_hours_of_a_question)
{
    for (size_t i = 0; i < ARRAY_LEN(days); i++) {
        struct range r;
        size_t used;
        enum range_found found = find(days[i].ast, &r, &used);
        if (found != days[i].found || r.low_hour != days[i].low || r.high_hour != days[i].high)
            test_failed(__FILE__, __LINE__, "%s: %d, %d to %d", days[i].ast, (int)found, r.low_hour, r.high_hour);
    }
}

TEST(a_moment_is_compared_with_the_times_of_files)
{
    struct range r;
    size_t used;
    CHECK_INT(find(FROM(LOG, IS("GREATERTHAN", COLUMN("time"), VALUE("500"))), &r, &used), RANGE_BOUND);
    CHECK(range_has(&r, 3, 100, 500) && range_has(&r, 3, 400, 900) && !range_has(&r, 3, 100, 499));
    CHECK_INT(used, 1);
}

TEST(a_question_that_cannot_be_read_may_read_every_view)
{
    struct range r;
    size_t used;
    CHECK_INT(find("{\"error\":true}", &r, &used), RANGE_UNKNOWN);
    CHECK_INT(used, 2);
}

TEST(a_day_beyond_all_days_is_no_hour_that_wraps)
{
    struct range r;
    size_t used;
    CHECK_INT(find(FROM(LOG, IS("EQUAL", COLUMN("dt"), VALUE("9223372036854775807"))), &r, &used), RANGE_BOUND);
    CHECK_INT(r.low_hour, INT32_MAX);
    CHECK_INT(find(FROM(LOG, IS("GREATERTHAN", COLUMN("dt"), VALUE("89478485"))), &r, &used), RANGE_BOUND);
    CHECK_INT(r.low_hour, INT32_MAX);
}
