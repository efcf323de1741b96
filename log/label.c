// label.c: the table of known labels, and schemas.
#include "log/label.h"
#include <string.h>

static const struct { const char *label; enum column_type type; } known[] = {
    {"time", COLUMN_TIME},
    {"status", COLUMN_INT32}, {"reqsize", COLUMN_INT32}, {"size", COLUMN_INT64}, {"user_id", COLUMN_INT64},
    {"reqtime", COLUMN_MS}, {"apptime", COLUMN_MS},
    {"server_addr", COLUMN_TEXT}, {"host", COLUMN_TEXT}, {"method", COLUMN_TEXT}, {"uri", COLUMN_TEXT},
    {"query", COLUMN_TEXT}, {"referer", COLUMN_TEXT}, {"ua", COLUMN_TEXT}, {"forwardedfor", COLUMN_TEXT},
    {"alternative_id", COLUMN_TEXT}, {"timecard_env", COLUMN_TEXT}, {"remote_addr", COLUMN_TEXT},
    {"remote_user", COLUMN_TEXT}, {"protocol", COLUMN_TEXT}, {"vhost", COLUMN_TEXT}, {"server", COLUMN_TEXT},
};

bool label_type(struct str name, enum column_type *out)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
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
