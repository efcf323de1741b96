// shape_check.c: compares an answer with its form, and says where they part.
#include "base/clock.h"
#include "base/jansson.h"
#include "web/shape.h"

enum { PLACE_MAX = 300 };

struct checker { struct buf place; struct err *e; };

static const char *type_of(json_t *v)
{
    static const char *const names[] = {[JSON_OBJECT] = "an object", [JSON_ARRAY] = "a list", [JSON_STRING] = "a text",
                                        [JSON_INTEGER] = "a whole number", [JSON_REAL] = "a number",
                                        [JSON_TRUE] = "true", [JSON_FALSE] = "false", [JSON_NULL] = "null"};
    return names[json_typeof(v)];
}

static bool differs(struct checker *c, const char *expected, const char *got)
{
    return err_set(c->e, ERR_BUG, "%s: expected %s, got %s", c->place.n ? buf_z(&c->place) : "the answer", expected,
                   got);
}

static bool check(struct checker *c, const struct form *f, json_t *v);

static void enter(struct checker *c, struct str name)
{
    buf_addf(&c->place, "%s" STR_F, c->place.n ? "." : "", STR_A(name));
}

static bool check_list(struct checker *c, const struct form *f, json_t *v)
{
    size_t before = c->place.n;
    for (size_t i = 0; i < json_array_size(v); i++) {
        buf_addf(&c->place, "[%zu]", i);
        if (!check(c, f->of, json_array_get(v, i)))
            return false;
        buf_cut(&c->place, before);
    }
    return json_is_array(v) || differs(c, "a list", type_of(v));
}

static bool check_map(struct checker *c, const struct form *f, json_t *v)
{
    const char *key;
    json_t *value;
    size_t before = c->place.n;
    if (!json_is_object(v))
        return differs(c, "an object", type_of(v));
    json_object_foreach(v, key, value) {
        enter(c, str_z(key));
        if (!check(c, f->of, value))
            return false;
        buf_cut(&c->place, before);
    }
    return true;
}

static const struct form_field *field_of(const struct form *f, struct str name)
{
    for (size_t i = 0; i < f->fields.n; i++)
        if (str_eq(f->fields.at[i].name, name))
            return &f->fields.at[i];
    return NULL;
}

// One of a shape's fields: which, stands beside it.
static bool check_choice(struct checker *c, const struct form *f, json_t *v, json_t *by)
{
    const struct form_field *x = json_is_string(by) ? field_of(f->of, str_z(json_string_value(by))) : NULL;
    if (x)
        return check(c, x->form, v);
    OWN_BUF struct buf expected = buf_make(PLACE_MAX);
    buf_addf(&expected, "a field of " STR_F " in " STR_F " beside it", STR_A(f->name), STR_A(f->by));
    return differs(c, buf_z(&expected), json_is_string(by) ? json_string_value(by) : "no text");
}

static bool has_all(struct checker *c, const struct form *f, json_t *v)
{
    for (size_t i = 0; i < f->fields.n; i++) {
        struct str name = f->fields.at[i].name;
        if (f->fields.at[i].may_miss || json_object_getn(v, name.p, name.n))
            continue;
        enter(c, name);
        return differs(c, "a value", "nothing");
    }
    return true;
}

static bool check_object(struct checker *c, const struct form *f, json_t *v)
{
    const char *key;
    json_t *value;
    size_t before = c->place.n;
    if (!json_is_object(v))
        return differs(c, "an object", type_of(v));
    json_object_foreach(v, key, value) {
        const struct form_field *x = field_of(f, str_z(key));
        enter(c, str_z(key));
        if (!x)
            return differs(c, "nothing", "a field that is not described");
        struct str by = x->form->by;
        if (by.n ? !check_choice(c, x->form, value, json_object_getn(v, by.p, by.n)) : !check(c, x->form, value))
            return false;
        buf_cut(&c->place, before);
    }
    return has_all(c, f, v);
}

static bool is_int(json_t *v)
{
    int64_t n;
    return json_is_integer(v) || (json_is_string(v) && str_i64(str_z(json_string_value(v)), &n)
                                  && (n > (int64_t)1 << 53 || n < -((int64_t)1 << 53)));
}

static bool check_word(struct checker *c, const struct form *f, json_t *v)
{
    const char *got = json_is_string(v) ? json_string_value(v) : type_of(v);
    return (json_is_string(v) && strs_have(&f->words, str_z(got))) || differs(c, "one of its words", got);
}

// Where it is none of them, what the last one said is kept.
static bool check_either(struct checker *c, const struct form *f, json_t *v)
{
    size_t before = c->place.n;
    for (size_t i = 0; i < f->either.n; i++) {
        buf_cut(&c->place, before);
        if (check(c, f->either.at[i], v))
            return true;
    }
    return false;
}

static bool check(struct checker *c, const struct form *f, json_t *v)
{
    if (f->or_null && json_is_null(v))
        return true;
    switch (f->kind) {
    case FORM_TEXT:
        return json_is_string(v) || differs(c, "a text", type_of(v));
    case FORM_INT:
        return is_int(v) || differs(c, "a whole number", type_of(v));
    case FORM_NUMBER:
        return json_is_number(v) || is_int(v) || differs(c, "a number", type_of(v));
    case FORM_BOOL:
        return json_is_boolean(v) || differs(c, "true or false", type_of(v));
    case FORM_TIME:
        return (json_is_string(v) && time_parse(json_string_value(v))) || differs(c, "a time", type_of(v));
    case FORM_PLAIN:
        return !json_is_object(v) && !json_is_array(v) ? true : differs(c, "a text, a number, true, false or null",
                                                                       type_of(v));
    case FORM_ANY:
        return true;
    case FORM_WORDS:
        return check_word(c, f, v);
    case FORM_NAMED:
        return check(c, f->of, v);
    case FORM_LIST:
        return check_list(c, f, v);
    case FORM_MAP:
        return check_map(c, f, v);
    case FORM_OBJECT:
        return check_object(c, f, v);
    case FORM_EITHER:
        return check_either(c, f, v);
    case FORM_CHOICE:
        return differs(c, "a choice inside of an object", type_of(v));
    }
    return false;
}

bool form_check(const struct form *f, json_t *answer, struct err *e)
{
    OWN_BUF struct buf place = buf_make(PLACE_MAX);
    struct checker c = {.place = place, .e = e};
    bool ok = check(&c, f, answer);
    place = c.place;
    return ok;
}
