// unmet.c: see unmet.h.
#include "log/unmet.h"
#include "base/json.h"
#include "log/field.h"
#include "log/label.h"
#include <string.h>

struct unmet unmet_make(const struct where *w)
{
    return (struct unmet){.where = w, .arena = arena_make(256 << 10), .over = !w};
}

void unmet_drop(struct unmet *u)
{
    arena_drop(&u->arena);
}

static void note(struct unmet *u, struct str label)
{
    for (size_t i = 0; where_label(u->where, i).n; i++)
        u->met[i] = u->met[i] || str_eq(where_label(u->where, i), label);
    if (u->have.n < UNMET_LABELS && label.n <= LABEL_MAX && !strs_have(&u->have, label))
        vec_push(&u->arena, &u->have, str_dup(&u->arena, label));
}

static bool all_met(const struct unmet *u)
{
    for (size_t i = 0; where_label(u->where, i).n; i++)
        if (!u->met[i])
            return false;
    return true;
}

void unmet_look(struct unmet *u, struct str line, int64_t tick_ms)
{
    struct field f;
    if (u->over)
        return;
    u->since = u->lines++ ? u->since : tick_ms;
    for (bool first = true; line.n; first = false)
        if (field_cut(str_cut(&line, '\t'), first, &f))
            note(u, f.label);
    u->over = all_met(u);
}

static struct str label_at(const void *list, size_t i)
{
    return ((const struct strs *)list)->at[i];
}

static void say_one(const struct unmet *u, struct str label, struct buf *out)
{
    struct str near = str_nearest(label, u->have.n, label_at, &u->have);
    buf_addf(out, "absent:" STR_F "\tof:%llu\tnear:" STR_F "\tlabels:", STR_A(label), (unsigned long long)u->lines,
             STR_A(near));
    for (size_t i = 0; i < u->have.n; i++)
        buf_addf(out, "%s" STR_F, i ? "," : "", STR_A(u->have.at[i]));
    buf_addc(out, '\n');
}

bool unmet_say(struct unmet *u, int64_t tick_ms, struct buf *out)
{
    if (u->over || !u->lines || tick_ms - u->since < UNMET_AFTER_MS)
        return false;
    u->over = true;
    for (size_t i = 0; where_label(u->where, i).n; i++)
        if (!u->met[i])
            say_one(u, where_label(u->where, i), out);
    return true;
}

// ---- the other side ----

static struct str value_of(struct str *rest, struct str label)
{
    struct str field = str_cut(rest, '\t');
    return str_starts(field, label) ? str_from(field, label.n) : S("");
}

bool absent_read(struct str line, struct absent *out)
{
    out->label = value_of(&line, S("absent:"));
    struct str of = value_of(&line, S("of:"));
    out->near = value_of(&line, S("near:"));
    out->have = value_of(&line, S("labels:"));
    return out->label.n && str_u64(of, &out->of) && out->have.n;
}

void absent_text(struct buf *b, const struct absent *x)
{
    struct str rest = x->have;
    if (x->of == 1)
        buf_addz(b, "the only line since then has no");
    else
        buf_addf(b, "none of the %llu lines since then has a", (unsigned long long)x->of);
    buf_addf(b, " label \"" STR_F "\"", STR_A(x->label));
    if (x->near.n)
        buf_addf(b, "; did you mean \"" STR_F "\"?", STR_A(x->near));
    buf_addf(b, "%s there %s ", x->near.n ? "" : ";", memchr(rest.p, ',', rest.n) ? "are" : "is");
    for (bool first = true; rest.n; first = false) {
        struct str label = str_cut(&rest, ',');
        buf_addf(b, "%s" STR_F, first ? "" : ", ", STR_A(label));
    }
}

void absent_json(struct buf *b, const struct absent *x)
{
    struct str rest = x->have;
    json_open(b, '{');
    json_kvs(b, KVS(KV("absent", x->label), KV("of", x->of), KV("near", V_OPT(x->near))));
    json_key(b, "labels");
    json_open(b, '[');
    while (rest.n)
        json_val(b, V(str_cut(&rest, ',')));
    json_close(b, ']');
    json_close(b, '}');
}
