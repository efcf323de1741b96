// label.c: the table of known labels, and schemas.
#include "log/label.h"
#include <string.h>

#define SECONDS         "seconds, 0.123", "whole milliseconds, 123"
#define BYTES           "bytes", "bytes"
#define NO_UNIT         "", ""

// `server` is no label: what a line says under this name stays in `extra`.
static const struct label_row known[] = {
    {"time", COLUMN_TIME, true, "2018-02-15T11:38:53+09:00, 15/Feb/2018:11:38:53 +0900, or seconds since 1970",
     "a moment, shown in the site's zone", "when it was answered; a line without it is a bad one", "$time_iso8601"},
    {"server", COLUMN_TEXT, false, NO_UNIT, "the host whose agent sent the line, or --host of its import", ""},
    {"server_addr", COLUMN_TEXT, false, NO_UNIT, "the address that was asked", "$server_addr"},
    {"host", COLUMN_TEXT, false, NO_UNIT, "the name that was asked", "$host"},
    {"vhost", COLUMN_TEXT, true, NO_UNIT, "the virtual host that answered", "$server_name"},
    {"remote_addr", COLUMN_TEXT, true, NO_UNIT, "who connected: a visitor, or your balancer", "$remote_addr"},
    {"forwardedfor", COLUMN_TEXT, true, NO_UNIT, "whom X-Forwarded-For names", "$http_x_forwarded_for"},
    {"remote_user", COLUMN_TEXT, true, NO_UNIT, "who signed in by basic authentication", "$remote_user"},
    {"user_id", COLUMN_INT64, false, NO_UNIT, "who is signed in; an id that is no number is in user_id__s",
     "a header of your application, such as $sent_http_x_user_id"},
    {"alternative_id", COLUMN_TEXT, false, NO_UNIT, "another id of the same person", "a header of your application"},
    {"timecard_env", COLUMN_TEXT, false, NO_UNIT, "whatever your application says", "a header of your application"},
    {"method", COLUMN_TEXT, true, NO_UNIT, "GET, POST, ...", "$request_method"},
    {"uri", COLUMN_TEXT, true, NO_UNIT, "the path that was asked for; page is made of it", "a map of $request_uri"},
    {"query", COLUMN_TEXT, true, NO_UNIT, "what stands behind the ?", "$args"},
    {"protocol", COLUMN_TEXT, true, NO_UNIT, "HTTP/1.1, HTTP/2.0, ...", "$server_protocol"},
    {"status", COLUMN_INT32, true, NO_UNIT, "the code of the answer", "$status"},
    {"size", COLUMN_INT64, true, BYTES, "the body of the answer", "$body_bytes_sent"},
    {"reqsize", COLUMN_INT32, false, BYTES, "the request with its headers", "$request_length"},
    {"referer", COLUMN_TEXT, true, NO_UNIT, "the page that led here", "$http_referer"},
    {"ua", COLUMN_TEXT, true, NO_UNIT, "the browser, as it says", "$http_user_agent"},
    {"reqtime", COLUMN_MS, false, SECONDS, "from the first byte of the request to the last of the answer",
     "$request_time"},
    {"apptime", COLUMN_MS, false, SECONDS, "how long the application took; of several tries the sum",
     "$upstream_response_time"},
};

const struct label_row *label_rows(size_t *n)
{
    *n = ARRAY_LEN(known);
    return known;
}

bool label_type(struct str name, enum column_type *out)
{
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_eq(name, str_z(known[i].label))) {
            *out = known[i].type;
            return true;
        }
    return false;
}

bool label_ok(struct str name)
{
    return name.n <= LABEL_MAX && str_plain(name, "_.-");
}

static int add(struct schema *s, struct str name, enum column_type type);

static int add_to_master(struct schema *s, struct str name, enum column_type type)
{
    struct schema_master *m = s->master;
    pthread_mutex_lock(&m->lock);
    int i = schema_find(&m->schema, name);
    if (i < 0)
        i = add(&m->schema, name, type);
    memcpy(s->at, m->schema.at, sizeof s->at);
    s->n = m->schema.n;
    s->number = m->schema.number;
    pthread_mutex_unlock(&m->lock);
    return i;
}

static int add(struct schema *s, struct str name, enum column_type type)
{
    if (s->master)
        return add_to_master(s, name, type);
    if (s->n == SCHEMA_MAX || name.n + 1 > sizeof s->at[0].name)
        return -1;
    struct column_def *c = &s->at[s->n];
    memcpy(c->name, name.p, name.n);
    c->name_n = name.n;
    c->type = type;
    c->field_id = s->n + 1;
    s->number++;
    return s->n++;
}

struct schema schema_make(void)
{
    struct schema s = {0};
    add(&s, S("time"), COLUMN_TIME);
    add(&s, S("server"), COLUMN_TEXT);
    add(&s, S("extra"), COLUMN_TEXT);
    s.number = 1;
    return s;
}

void schema_master_make(struct schema_master *m, const struct schema *s)
{
    pthread_mutex_init(&m->lock, NULL);
    m->schema = *s;
    m->schema.master = NULL;
}

struct schema schema_of_master(struct schema_master *m)
{
    pthread_mutex_lock(&m->lock);
    struct schema s = m->schema;
    pthread_mutex_unlock(&m->lock);
    s.master = m;
    return s;
}

int schema_find(const struct schema *s, struct str name)
{
    for (int i = 0; i < s->n; i++)
        if (s->at[i].name_n == name.n && memcmp(s->at[i].name, name.p, name.n) == 0)
            return i;
    return -1;
}

int schema_add_typed(struct schema *s, struct str name, enum column_type type)
{
    return label_ok(name) ? add(s, name, type) : -1;
}

int schema_add(struct schema *s, struct str name)
{
    enum column_type type = COLUMN_TEXT;
    label_type(name, &type);
    return schema_add_typed(s, name, type);
}
