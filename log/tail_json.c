// tail_json.c: see tail_json.h.
#include "log/tail_json.h"
#include "base/json.h"
#include "log/field.h"
#include <stdio.h>

struct object { struct buf *to; struct str name[TAIL_LABELS]; size_t n; };

static bool is_there(const struct object *o, struct str name)
{
    for (size_t i = 0; i < o->n; i++)
        if (str_eq(o->name[i], name))
            return true;
    return false;
}

static bool put(struct object *o, struct str name, struct str value)
{
    if (is_there(o, name))
        return true;
    if (o->n == TAIL_LABELS)
        return false;
    buf_addc(o->to, o->n ? ',' : '{');
    json_text(o->to, name);
    buf_addc(o->to, ':');
    json_text(o->to, value);
    o->name[o->n++] = name;
    return true;
}

static bool put_all(struct object *o, struct str line)
{
    char number[TAIL_LABELS][8];
    struct str server = str_cut(&line, '\t');
    (void)str_cut(&server, ':');
    bool ok = put(o, S("server"), server);
    for (size_t i = 0; ok && line.n; i++) {
        struct str piece = str_cut(&line, '\t');
        struct field f;
        if (i == TAIL_LABELS)
            return false;
        snprintf(number[i], sizeof number[i], "_%zu", i + 1);
        if (!field_cut(piece, i == 0, &f))
            ok = !piece.n || put(o, str_z(number[i]), piece);
        else
            ok = (!f.before.n || put(o, S("_before"), f.before)) && put(o, f.label, f.value);
    }
    buf_addc(o->to, '}');
    return ok;
}

void tail_json(struct buf *b, struct str line)
{
    struct object o = {.to = b};
    int64_t skipped;
    size_t before = b->n;
    if (str_starts(line, S("skipped:")) && str_i64(str_from(line, 8), &skipped) && skipped >= 0) {
        buf_addf(b, "{\"skipped\":%lld}", (long long)skipped);
    } else if (!put_all(&o, line)) {
        struct str server = str_cut(&line, '\t');
        (void)str_cut(&server, ':');
        buf_cut(b, before);
        buf_addc(b, '{');           // behind an object json_open would put a comma
        json_kvs(b, KVS(KV("server", server), KV("line", line)));
        buf_addc(b, '}');
    }
}
