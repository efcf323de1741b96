// table.c: see table.h. LAKE/datasets is one name a line; its place is its id.
#include "log/table.h"
#include "log/traffic.h"
#include "base/file.h"
#include <stdio.h>
#include <string.h>

enum { NAMES_MAX_BYTES = 64 << 10 };

struct schema bad_schema(void)
{
    static const struct { const char *name; enum column_type type; } columns[] = {
        {"stream", COLUMN_INT64}, {"offset", COLUMN_INT64}, {"reason", COLUMN_TEXT}, {"line", COLUMN_TEXT}};
    struct schema s = schema_make();
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        if (schema_add_typed(&s, str_z(columns[i].name), columns[i].type) < 0)
            break;
    return s;
}

static bool make_table(const struct tables *t, struct table *table, struct str name, const char *behind,
                       const struct schema *schema, struct err *e)
{
    int n = snprintf(table->dir, sizeof table->dir, "%s/" STR_F "%s", t->lake, STR_A(name), behind);
    int k = snprintf(table->name, sizeof table->name, STR_F "%s", STR_A(name), behind);
    if (n < 0 || (size_t)n >= sizeof table->dir || k < 0 || (size_t)k >= sizeof table->name)
        return err_set(e, ERR_LIMIT, "the name of the lake or of dataset " STR_F " is too long", STR_A(name));
    schema_master_make(&table->master, schema);
    return dir_make(table->dir, 0750, e);
}

static bool add_set(struct tables *t, struct str name, struct err *e)
{
    struct schema rows = schema_make(), bad = bad_schema();
    if (t->sets == DATASETS_MAX)
        return err_set(e, ERR_LIMIT, "%s has had %d datasets; more have no room", t->lake, DATASETS_MAX);
    size_t i = t->sets++;
    t->set[i] = (struct set){.id = (uint16_t)(i + 1), .rows = &t->at[2 * i], .bad = &t->at[2 * i + 1]};
    return make_table(t, t->set[i].rows, name, "", &rows, e) && make_table(t, t->set[i].bad, name, "_bad", &bad, e);
}

static bool write_names(const struct tables *t, const char *path, struct err *e)
{
    OWN_BUF struct buf b = buf_make(NAMES_MAX_BYTES);
    for (size_t i = 0; i < t->sets; i++)
        buf_addf(&b, "%s\n", t->set[i].rows->name);
    return buf_ok(&b, e) && file_write(path, buf_str(&b), 0640, e);
}

bool tables_open(struct tables *t, const char *lake, const struct strs *names, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(1 << 20);
    const char *path = str_zf(&a, "%s/datasets", lake);
    struct str text = S("");
    *t = (struct tables){0};
    if ((size_t)snprintf(t->lake, sizeof t->lake, "%s", lake) >= sizeof t->lake)
        return err_set(e, ERR_LIMIT, "%s is a long path for a lake", lake);
    if (!dir_make(lake, 0750, e))
        return false;
    if (!file_read(&a, path, NAMES_MAX_BYTES, &text, e) && e->kind != ERR_NOT_FOUND)
        return false;
    for (struct str line; text.n;)
        if ((line = str_cut(&text, '\n')).n && !add_set(t, line, e))
            return false;
    size_t known = t->sets;
    for (size_t i = 0; i < names->n; i++)
        if (!tables_named(t, names->at[i]) && !add_set(t, names->at[i], e))
            return false;
    return known == t->sets || write_names(t, path, e);
}

struct set *tables_set(struct tables *t, uint16_t id)
{
    return id >= 1 && id <= t->sets ? &t->set[id - 1] : NULL;
}

struct set *tables_named(struct tables *t, struct str name)
{
    for (size_t i = 0; i < t->sets; i++)
        if (str_eq(str_z(t->set[i].rows->name), name))
            return &t->set[i];
    return NULL;
}

static pthread_mutex_t wants_lock = PTHREAD_MUTEX_INITIALIZER;

void set_want(struct set *s, struct wants *w)
{
    pthread_mutex_lock(&wants_lock);
    struct wants *old = s->wants;
    s->wants = w;
    pthread_mutex_unlock(&wants_lock);
    wants_drop(old);
    atomic_fetch_add(&s->wants_version, 1);
}

struct wants *set_wants(struct set *s)
{
    pthread_mutex_lock(&wants_lock);
    struct wants *w = wants_share(s->wants);
    pthread_mutex_unlock(&wants_lock);
    return w;
}

unsigned tables_wants(const struct tables *t)
{
    unsigned n = 0;
    for (size_t i = 0; i < t->sets; i++)
        n += atomic_load(&t->set[i].wants_version);
    return n;
}
