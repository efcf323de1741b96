// spec.c: the routes that web/ has itself, and the OpenAPI 3.1 document of all rows, which cannot lie about what the
// dispatcher reads from the same rows.
#include "web/live.h"
#include "web/rights.h"
#include <string.h>

static struct str type_name(enum field_type type)
{
    static const char *const names[] = {[F_STR] = "string", [F_INT] = "integer", [F_BOOL] = "boolean",
                                        [F_STRS] = "array", [F_PAIRS] = "object"};
    return str_z(names[type]);
}

static void schema(struct buf *out, const struct field *f)
{
    const char *low = f->type == F_INT ? "minimum" : f->type == F_STR ? "minLength"
                      : f->type == F_PAIRS ? "minProperties" : "minItems";
    const char *high = f->type == F_INT ? "maximum" : f->type == F_STR ? "maxLength"
                       : f->type == F_PAIRS ? "maxProperties" : "maxItems";
    json_open(out, '{');
    json_kv(out, "type", type_name(f->type));
    if (f->type == F_STRS || f->type == F_PAIRS) {
        json_key(out, f->type == F_STRS ? "items" : "additionalProperties");
        json_object(out, KV("type", "string"));
    }
    if (f->type != F_BOOL && f->low)
        json_kv(out, low, f->low);
    if (f->type != F_BOOL && f->high)
        json_kv(out, high, f->high);
    json_kv(out, "description", f->help);
    json_close(out, '}');
}

static void parameter(struct buf *out, const char *in, struct str name, bool required, const struct field *f)
{
    json_open(out, '{');
    json_kvs(out, KVS(KV("name", name), KV("in", in), KV("required", required)));
    json_key(out, "schema");
    if (f)
        schema(out, f);
    else
        json_object(out, KV("type", "string"));
    json_close(out, '}');
}

static void parameters(struct buf *out, const struct route *r)
{
    json_key(out, "parameters");
    json_open(out, '[');
    for (struct str rest = str_z(r->path); rest.n;) {
        struct str segment = str_cut(&rest, '/');
        if (str_starts(segment, S("{")))
            parameter(out, "path", str_head(str_from(segment, 1), segment.n - 2), true, NULL);
    }
    if (r->flags & R_KEYED)
        parameter(out, "header", S("Idempotency-Key"), true, NULL);
    for (size_t i = 0; r->method == GET && i < r->in_n; i++)
        parameter(out, "query", str_z(r->in[i].name), r->in[i].required, &r->in[i]);
    json_close(out, ']');
}

static void object_schema(struct buf *out, const struct route *r)
{
    json_open(out, '{');
    json_kvs(out, KVS(KV("type", "object"), KV("additionalProperties", (bool)false)));
    json_key(out, "properties");
    json_open(out, '{');
    for (size_t i = 0; i < r->in_n; i++) {
        json_key(out, r->in[i].name);
        schema(out, &r->in[i]);
    }
    json_close(out, '}');
    json_key(out, "required");
    json_open(out, '[');
    for (size_t i = 0; i < r->in_n; i++)
        if (r->in[i].required)
            json_val(out, V(r->in[i].name));
    json_close(out, ']');
    json_close(out, '}');
}

static void body(struct buf *out, const struct route *r)
{
    if (r->method == GET || (!r->in_n && !(r->flags & R_HOOK)))
        return;
    json_key(out, "requestBody");
    json_open(out, '{');
    json_key(out, "content");
    json_open(out, '{');
    json_key(out, r->flags & R_HOOK ? "*/*" : "application/json");
    json_open(out, '{');
    json_key(out, "schema");
    if (r->flags & R_HOOK)
        json_object(out, KV("type", "string"));
    else
        object_schema(out, r);
    json_close(out, '}');
    json_close(out, '}');
    json_close(out, '}');
}

static void content(struct buf *out, const char *type, const struct form *f)
{
    json_key(out, type);
    json_open(out, '{');
    if (f) {
        json_key(out, "schema");
        form_schema(out, f);
    }
    json_close(out, '}');
}

static void responses(struct buf *out, const struct row *row)
{
    bool lines = row->route->flags & R_LINES, events = row->route->flags & R_EVENTS;
    json_key(out, "responses");
    json_open(out, '{');
    json_key(out, "2XX");
    json_open(out, '{');
    json_kv(out, "description", "done");
    json_key(out, "content");
    json_open(out, '{');
    if (events)
        content(out, "text/event-stream", NULL);
    else
        content(out, lines ? "application/x-ndjson" : "application/json", row->out);
    if (lines)
        content(out, "text/csv", NULL);
    json_close(out, '}');
    json_close(out, '}');
    json_kv(out, "default", V_JSON(S("{\"$ref\":\"#/components/responses/error\"}")));
    json_close(out, '}');
}

static void operation(struct buf *out, const struct row *row)
{
    const struct route *r = row->route;
    static const char *const keys[] = {[GET] = "get", [POST] = "post", [PUT] = "put", [DELETE] = "delete"};
    json_key(out, keys[r->method]);
    json_open(out, '{');
    json_kvs(out, KVS(KV("summary", r->help), KV("x-right", right_name(r->right))));
    if (r->cli)
        json_kv(out, "x-cli", r->cli);
    parameters(out, r);
    body(out, r);
    responses(out, row);
    json_close(out, '}');
}

static void path(struct buf *out, const struct router *all, size_t at)
{
    const struct route *first = all->at[at].route;
    bool hook = first->flags & R_HOOK;
    for (size_t i = 0; i < at; i++)     // written with the first row of this path
        if (strcmp(all->at[i].route->path, first->path) == 0 && hook == !!(all->at[i].route->flags & R_HOOK))
            return;
    char key[256];
    struct buf b = {.p = key, .cap = sizeof key, .max = sizeof key - 1};    // never grows
    buf_addf(&b, "%s%s", hook ? "" : "/api/v1", first->path);
    json_key(out, buf_z(&b));
    json_open(out, '{');
    for (size_t i = at; i < all->n; i++)
        if (strcmp(all->at[i].route->path, first->path) == 0 && hook == !!(all->at[i].route->flags & R_HOOK))
            operation(out, &all->at[i]);
    json_close(out, '}');
}

static const char error_component[] =
    "{\"error\":{\"description\":\"what went wrong, where, and the way out\",\"content\":"
    "{\"application/json\":{\"schema\":{\"type\":\"object\",\"required\":[\"error\"],\"properties\":{\"error\":"
    "{\"type\":\"object\",\"required\":[\"code\",\"message\",\"hint\",\"lang\",\"place\",\"details\",\"retry_after_s\","
    "\"request\"],\"properties\":{\"code\":{\"type\":\"string\"},\"message\":{\"type\":\"string\"},"
    "\"hint\":{\"type\":[\"string\",\"null\"]},\"lang\":{\"enum\":[\"en\",\"ja\"]},\"place\":{\"type\":[\"object\",\"null\"]},"
    "\"details\":{\"type\":\"array\",\"items\":{\"type\":\"object\"}},"
    "\"retry_after_s\":{\"type\":[\"integer\",\"null\"]},\"request\":{\"type\":\"string\"}}}}}}}}}";

static void components(struct buf *out, const struct shapes *all)
{
    json_key(out, "components");
    json_open(out, '{');
    json_kv(out, "responses", V_JSON(str_z(error_component)));
    json_key(out, "schemas");
    json_open(out, '{');
    for (size_t i = 0; i < all->n; i++) {
        json_key(out, all->at[i].row->name);
        json_open(out, '{');
        json_kv(out, "description", all->at[i].row->help);
        form_schema_fields(out, all->at[i].form);
        json_close(out, '}');
    }
    json_close(out, '}');
    json_close(out, '}');
}

static void write_all(struct buf *out, const struct router *all)
{
    json_open(out, '{');
    json_kv(out, "openapi", "3.1.0");
    json_key(out, "info");
    json_object(out, KV("title", "Rusuban"), KV("version", RUSUBAN_VERSION));
    json_key(out, "paths");
    json_open(out, '{');
    for (size_t i = 0; i < all->n; i++)
        path(out, all, i);
    json_close(out, '}');
    components(out, &all->shapes);
    json_close(out, '}');
}

void spec_write(struct buf *out, const struct route *const *tables, const struct shape *const *shapes)
{
    OWN_ARENA struct arena a = arena_make(16 << 20);
    struct router all = router_make(&a, tables, shapes);
    write_all(out, &all);
}

static bool ping(struct ask *q, struct err *e)
{
    (void)e;
    json_object(q->out, KV("ok", (bool)true), KV("version", RUSUBAN_VERSION));
    return true;
}

static bool openapi(struct ask *q, struct err *e)
{
    (void)e;
    write_all(q->out, q->router);
    return true;
}

static const struct field live_fields[] = {
    {"after", F_INT, offsetof(struct live_in, after), .low = 1, .high = (int64_t)1 << 53,
     .help = "the newest event that is known; the header Last-Event-ID says the same"},
};

static const struct field live_put_fields[] = {
    {"topics", F_STRS, offsetof(struct live_put_in, topics), .required = true, .high = 16,
     .help = "output:SERVICE/NUMBER, and others that are too much for everybody"},
};

const struct shape web_shapes[] = {
    {"Ping", "ok: bool, version: text", "the server is there"},
    {"Topics", "topics: [text]", "what a stream hears besides all events"},
    {0}};

const struct route web_routes[] = {
    {GET, "/ping", SEE, .run = ping, .out = "Ping", .cli = "api ping",
     .help = "is the server there, and which version"},
    {GET, "/openapi.json", SEE, .run = openapi, .out = "any", .cli = "api spec", .help = "this description of the API"},
    {GET, "/live", SEE, FIELDS(live_fields), .in_size = sizeof(struct live_in), .flags = R_EVENTS, .run = live_get,
     .help = "what changes, as server-sent events, until the client leaves"},
    {PUT, "/live/{stream}", SEE, FIELDS(live_put_fields), .in_size = sizeof(struct live_put_in), .flags = R_ASIDE,
     .run = live_put, .out = "Topics", .help = "topics that this stream wants besides, by name"},
    {0}};
