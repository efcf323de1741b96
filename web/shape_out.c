// shape_out.c: forms as JSON schema and as TypeScript.
#include "base/json.h"
#include "web/shape.h"
#include <string.h>

// ---- JSON schema ----

static void put_type(struct buf *out, const struct form *f, const char *type)
{
    json_key(out, "type");
    if (!f->or_null) {
        json_val(out, V(type));
        return;
    }
    json_open(out, '[');
    json_val(out, V(type));
    json_val(out, V("null"));
    json_close(out, ']');
}

static void put_object(struct buf *out, const struct form *f)
{
    json_key(out, "properties");
    json_open(out, '{');
    for (size_t i = 0; i < f->fields.n; i++) {
        OWN_BUF struct buf name = buf_make(200);
        buf_add(&name, f->fields.at[i].name);
        json_key(out, buf_z(&name));
        form_schema(out, f->fields.at[i].form);
    }
    json_close(out, '}');
    json_key(out, "required");
    json_open(out, '[');
    for (size_t i = 0; i < f->fields.n; i++)
        if (!f->fields.at[i].may_miss)
            json_val(out, V(f->fields.at[i].name));
    json_close(out, ']');
}

static void put_reference(struct buf *out, const struct form *f)
{
    OWN_BUF struct buf path = buf_make(300);
    buf_addf(&path, "#/components/schemas/" STR_F, STR_A(f->name));
    if (!f->or_null) {
        json_kv(out, "$ref", buf_str(&path));
        return;
    }
    json_key(out, "anyOf");
    json_open(out, '[');
    json_object(out, KV("$ref", buf_str(&path)));
    json_object(out, KV("type", "null"));
    json_close(out, ']');
}

static void put_choice(struct buf *out, const struct form *f)
{
    json_key(out, "anyOf");
    json_open(out, '[');
    for (size_t i = 0; i < f->of->fields.n; i++)
        form_schema(out, f->of->fields.at[i].form);
    json_close(out, ']');
}

static void put_words(struct buf *out, const struct form *f)
{
    json_key(out, "enum");
    json_open(out, '[');
    for (size_t i = 0; i < f->words.n; i++)
        json_val(out, V(f->words.at[i]));
    if (f->or_null)
        json_val(out, V_NULL);
    json_close(out, ']');
}

static void put_either(struct buf *out, const struct form *f)
{
    json_key(out, "anyOf");
    json_open(out, '[');
    for (size_t i = 0; i < f->either.n; i++)
        form_schema(out, f->either.at[i]);
    json_close(out, ']');
}

void form_schema_fields(struct buf *out, const struct form *f)
{
    static const char *const types[] = {
        [FORM_TEXT] = "string", [FORM_INT] = "integer", [FORM_NUMBER] = "number", [FORM_BOOL] = "boolean",
        [FORM_TIME] = "string", [FORM_LIST] = "array", [FORM_MAP] = "object", [FORM_OBJECT] = "object"};
    if (types[f->kind])
        put_type(out, f, types[f->kind]);
    if (f->kind == FORM_PLAIN)
        json_kv(out, "type", V_JSON(S("[\"string\",\"number\",\"boolean\",\"null\"]")));
    if (f->kind == FORM_TIME)
        json_kv(out, "format", "date-time");
    if (f->kind == FORM_WORDS)
        put_words(out, f);
    if (f->kind == FORM_NAMED)
        put_reference(out, f);
    if (f->kind == FORM_CHOICE)
        put_choice(out, f);
    if (f->kind == FORM_OBJECT)
        put_object(out, f);
    if (f->kind == FORM_EITHER)
        put_either(out, f);
    if (f->kind == FORM_LIST || f->kind == FORM_MAP) {
        json_key(out, f->kind == FORM_LIST ? "items" : "additionalProperties");
        form_schema(out, f->of);
    }
}

void form_schema(struct buf *out, const struct form *f)
{
    json_open(out, '{');
    form_schema_fields(out, f);
    json_close(out, '}');
}

// ---- TypeScript ----

static bool is_compound(const struct form *f)
{
    return f->or_null || f->kind == FORM_WORDS || f->kind == FORM_PLAIN || f->kind == FORM_EITHER;
}

void form_type_field(struct buf *out, const struct form_field *x)
{
    const char *quote = memchr(x->name.p, '.', x->name.n) ? "\"" : "";
    buf_addf(out, "%s" STR_F "%s%s: ", quote, STR_A(x->name), quote, x->may_miss ? "?" : "");
    form_type(out, x->form);
}

static void type_fields(struct buf *out, const struct form *f)
{
    for (size_t i = 0; i < f->fields.n; i++) {
        const struct form_field *x = &f->fields.at[i];
        buf_addz(out, i ? "; " : "");
        form_type_field(out, x);
    }
}

static void type_inside(struct buf *out, const struct form *f)
{
    static const char *const simple[] = {[FORM_TEXT] = "string", [FORM_INT] = "number", [FORM_NUMBER] = "number",
                                         [FORM_BOOL] = "boolean", [FORM_TIME] = "string", [FORM_ANY] = "unknown",
                                         [FORM_PLAIN] = "string | number | boolean | null"};
    switch (f->kind) {
    case FORM_WORDS:
        for (size_t i = 0; i < f->words.n; i++)
            buf_addf(out, "%s\"" STR_F "\"", i ? " | " : "", STR_A(f->words.at[i]));
        break;
    case FORM_EITHER:
        for (size_t i = 0; i < f->either.n; i++) {
            buf_addz(out, i ? " | " : "");
            form_type(out, f->either.at[i]);
        }
        break;
    case FORM_NAMED:
        buf_add(out, f->name);
        break;
    case FORM_CHOICE:
        buf_addf(out, STR_F "[keyof " STR_F "]", STR_A(f->name), STR_A(f->name));
        break;
    case FORM_LIST:
        buf_addz(out, is_compound(f->of) ? "(" : "");
        form_type(out, f->of);
        buf_addz(out, is_compound(f->of) ? ")[]" : "[]");
        break;
    case FORM_MAP:
        buf_addz(out, "Record<string, ");
        form_type(out, f->of);
        buf_addc(out, '>');
        break;
    case FORM_OBJECT:
        buf_addz(out, f->fields.n ? "{ " : "Record<string, never>");
        type_fields(out, f);
        buf_addz(out, f->fields.n ? " }" : "");
        break;
    default:
        buf_addz(out, simple[f->kind]);
    }
}

void form_type(struct buf *out, const struct form *f)
{
    type_inside(out, f);
    if (f->or_null)
        buf_addz(out, " | null");
}
