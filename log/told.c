// told.c: see told.h.
#include "log/told.h"
#include "base/jansson.h"
#include "log/label.h"
#include <string.h>

enum { TEXT_MAX = 64 << 10 };

static const struct { const char *type; enum err_kind kind; } kinds[] = {
    {"IO", ERR_IO}, {"Permission", ERR_DENIED}, {"Out of Memory", ERR_LIMIT}, {"INTERNAL", ERR_IO}, {"FATAL", ERR_IO},
    {"Interrupt", ERR_LATE},
};

static enum err_kind kind_of(struct str type)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eq(type, str_z(kinds[i].type)))
            return kinds[i].kind;
    return ERR_INPUT;
}

static bool in_path(char c)
{
    return str_plain((struct str){&c, 1}, "/._=-+@%~*[]{}?") || (unsigned char)c >= 0x80;
}

// The dataset's name when the path lies in the lake.
static struct str dataset_of(struct str path, const char *lake)
{
    struct str root = str_z(lake);
    if (!str_starts(path, root) || path.n <= root.n + 1 || path.p[root.n] != '/')
        return S("");
    struct str rest = str_from(path, root.n + 1);
    return str_cut(&rest, '/');
}

struct str told_paths(struct arena *a, struct str text, const char *lake)
{
    OWN_BUF struct buf b = buf_make(TEXT_MAX);
    for (size_t i = 0; i < text.n;) {
        if (str_starts(str_from(text, i), S("://"))) {      // of an address, not of this machine
            buf_addz(&b, "://");
            i += 3;
            continue;
        }
        bool begins = text.p[i] == '/' && (i == 0 || !in_path(text.p[i - 1])) && i + 1 < text.n
            && in_path(text.p[i + 1]);
        if (!begins) {
            buf_addc(&b, text.p[i++]);
            continue;
        }
        size_t n = 0;
        while (i + n < text.n && in_path(text.p[i + n]))
            n++;
        struct str name = dataset_of((struct str){text.p + i, n}, lake);
        buf_add(&b, name.n ? name : S("<file>"));
        i += n;
    }
    return str_dup(a, buf_str(&b));
}

// "<query>:2:14: " of a byte of the query; empty when it is not in it.
static struct str place(struct arena *a, struct str query, size_t at)
{
    size_t line = 1, column = 1;
    if (at > query.n)
        return S("");
    for (size_t i = 0; i < at; i++)
        if (query.p[i] == '\n')
            line++, column = 1;
        else if (((unsigned char)query.p[i] & 0xC0) != 0x80)
            column++;
    return str_f(a, "<query>:%zu:%zu: ", line, column);
}

static struct str name_at(const void *list, size_t i)
{
    return ((const struct strs *)list)->at[i];
}

static struct str all_names(struct arena *a, const struct strs *names)
{
    OWN_BUF struct buf b = buf_make(TEXT_MAX);
    for (size_t i = 0; i < names->n; i++)
        buf_addf(&b, "%s" STR_F, i ? ", " : "", STR_A(names->at[i]));
    return str_dup(a, buf_str(&b));
}

static struct str missing(struct arena *a, const char *what, struct str name, const struct strs *names)
{
    struct str near = str_nearest(name, names->n, name_at, names);
    if (near.n)
        return str_f(a, "no %s " STR_F "; did you mean " STR_F "?", what, STR_A(name), STR_A(near));
    return str_f(a, "no %s " STR_F "; there are " STR_F, what, STR_A(name), STR_A(all_names(a, names)));
}

static struct str no_column(struct arena *a, const struct told *t, struct str name)
{
    if (!t->in_extra || !label_ok(name) || !t->in_extra(t->arg, name))
        return missing(a, "column", name, t->columns);
    return str_f(a, "no column " STR_F " yet; the label is in extra: extra->>'" STR_F "'", STR_A(name), STR_A(name));
}

// One line; advice about settings that nobody may change here is left out.
static struct str shorten(struct arena *a, struct str text)
{
    ptrdiff_t advice = str_find(text, S("\n\n"));
    OWN_BUF struct buf b = buf_make(TEXT_MAX);
    text = str_trim(str_head(text, advice > 0 ? (size_t)advice : text.n));
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '\n')
            buf_addz(&b, i && strchr(".!?;:,", text.p[i - 1]) ? " " : "; ");
        else
            buf_addc(&b, text.p[i]);
    return str_dup(a, buf_str(&b));
}

static struct str member(struct arena *a, const json_t *o, const char *key)
{
    const json_t *j = json_object_get(o, key);
    return json_is_string(j) ? str_dup(a, (struct str){json_string_value(j), json_string_length(j)}) : S("");
}

static struct str sentence(struct arena *a, const struct told *t, const json_t *o, enum err_kind kind)
{
    struct str subtype = member(a, o, "error_subtype"), name = member(a, o, "name");
    struct str text = shorten(a, told_paths(a, member(a, o, "exception_message"), t->lake));
    if (kind == ERR_LIMIT)
        return str_f(a,
                     "the question needs more than the %lld MB that each may use; ask for less time or fewer columns",
                     (long long)(t->memory >> 20));
    if (str_eq(subtype, S("MISSING_ENTRY")) && str_eq(member(a, o, "type"), S("Table")))
        return missing(a, "table", told_paths(a, name, t->lake), t->tables);
    if (str_eq(subtype, S("COLUMN_NOT_FOUND")) && t->columns->n)
        return no_column(a, t, name);
    return text;
}

bool told_err(struct arena *a, const struct told *t, const char *said, size_t shift, struct err *e)
{
    json_error_t why;
    const char *open = said ? strchr(said, '{') : NULL;
    json_t *o = open ? json_loads(open, JSON_DISABLE_EOF_CHECK, &why) : NULL;
    if (!json_is_object(o)) {
        json_decref(o);
        struct str text = told_paths(a, str_z(said ? said : "the engine failed without a word"), t->lake);
        return err_set(e, ERR_INPUT, STR_F, STR_A(shorten(a, text)));
    }
    uint64_t at;
    enum err_kind kind = kind_of(member(a, o, "exception_type"));
    bool placed = str_u64(member(a, o, "position"), &at) && at >= shift;
    struct str where = placed ? place(a, t->query, (size_t)at - shift) : S("");
    struct str text = sentence(a, t, o, kind);
    err_set(e, kind, STR_F STR_F, STR_A(where), STR_A(text));
    if (kind == ERR_LIMIT)
        err_hint(e, "log.sql.memory in the site file is how much that is");
    json_decref(o);
    return false;
}
