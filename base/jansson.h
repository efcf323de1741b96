// jansson.h: the JSON parser, in whatever order it meets base/json.h. Both have a json_object: ours is a macro and
// wins; jansson's function of that name is called as (json_object)(). And how an object is read in one line.
//
//     OWN_JSON *j = json_loadb(text.p, text.n, 0, &why);
//     printf("%s\n", j_text(j, "state"));
#pragma once
#pragma push_macro("json_object")
#undef json_object
#include <jansson.h>
#pragma pop_macro("json_object")
#include "base/def.h"
#include "base/str.h"
#include <stdint.h>

static inline void own_json_drop(json_t **j) { json_decref(*j); }
#define OWN_JSON OWN(own_json_drop) json_t

// Text and numbers out of an object; "" and 0 when absent.
static inline const char *j_text(const json_t *object, const char *key)
{
    const char *z = json_string_value(json_object_get(object, key));
    return z ? z : "";
}

static inline int64_t j_int(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

// Numbers beyond 2^53 are texts (base/json.h).
static inline uint64_t j_u64(const json_t *object, const char *key)
{
    uint64_t v = 0;
    const json_t *j = json_object_get(object, key);
    return json_is_string(j) && str_u64(str_z(json_string_value(j)), &v) ? v : (uint64_t)json_integer_value(j);
}

static inline bool j_true(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}
