// jansson.h: the JSON parser, in whatever order it meets base/json.h. Both have a json_object: ours is a macro and
// wins; jansson's function of that name is called as (json_object)().
#pragma once
#pragma push_macro("json_object")
#undef json_object
#include <jansson.h>
#pragma pop_macro("json_object")
