// range.h: which hours of the lake a question is about, so that other files need not even be named to the engine.
//
// Taken from the question itself, as DuckDB's json_serialize_sql writes it: `dt`, `hour` and `time` compared with
// constants in a WHERE, alone or joined by AND and OR. What is not understood narrows nothing, so a range is never too small;
// the engine applies the conditions themselves anyway. A question that says nothing of time gets the range that was
// asked for on the command line, or the last 24 hours.
//
//     struct range r;
//     struct strs used;           // views that the question names
//     range_of_query(a, ast, &views, constant_value, self, &r, &used)
#pragma once
#include "base/base.h"
#include "base/jansson.h"

struct range {
    int32_t low_hour, high_hour;        // hours since 1970 in the site's zone, both included
    int64_t low_us, high_us;            // UTC, both included
    bool filter;                        // rows outside low_us .. high_us must not be seen
};
enum range_found {
    RANGE_UNKNOWN,      // the question could not be read: it gets what was asked for
    RANGE_UNBOUND,      // it reads the lake and says nothing of time
    RANGE_PARTLY,       // one part does, another does not
    RANGE_BOUND,        // every part does
    RANGE_NONE,         // it does not read the lake
};
enum range_unit { RANGE_DAY, RANGE_HOUR, RANGE_TIME };

// The value of a constant expression: days since 1970, an hour, microseconds since 1970. false: it has none.
typedef bool range_value_fn(void *arg, const json_t *expression, enum range_unit unit, int64_t *out);

struct range range_everything(void);
bool range_empty(const struct range *r);
// The smallest range that holds both.
struct range range_hull(struct range a, struct range b);
bool range_has(const struct range *r, int32_t hour, int64_t low_us, int64_t high_us);
// With RANGE_BOUND and RANGE_PARTLY *r is the hull of what is bound. used: those of `views` that it names, in their
// order; all of them when it could not be read.
enum range_found range_of_query(struct arena *a, const json_t *ast, const struct strs *views, range_value_fn *fn,
                                void *arg, struct range *r, struct strs *used);
