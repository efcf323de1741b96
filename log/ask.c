// ask.c: see ask.h.
#include "log/ask.h"
#include "base/jansson.h"
#include "base/json.h"

void ask_head_put(char head[ASK_HEAD], enum ask_type type, size_t n)
{
    uint32_t length = (uint32_t)n;
    for (int i = 0; i < 4; i++)
        head[i] = (char)(length >> 8 * i);
    head[4] = (char)type;
    memset(head + 5, 0, 3);
}

size_t ask_head_read(const char head[ASK_HEAD], enum ask_type *type)
{
    struct bytes b = bytes_of((struct str){head, ASK_HEAD});
    uint32_t n = bytes_u32(&b);
    uint8_t t = bytes_u8(&b);
    *type = (enum ask_type)t;
    if (t == 0 || t >= ASK_TYPES || n > ASK_MAX || bytes_u8(&b) || bytes_u16(&b))
        return SIZE_MAX;
    return n;
}

void ask_put(struct buf *b, enum ask_type type, struct str payload)
{
    char head[ASK_HEAD];
    ask_head_put(head, type, payload.n);
    buf_add(b, (struct str){head, ASK_HEAD});
    buf_add(b, payload);
}

size_t ask_cut(struct str text, struct ask_frame *out, struct err *e)
{
    if (text.n < ASK_HEAD)
        return 0;
    size_t n = ask_head_read(text.p, &out->type);
    if (n == SIZE_MAX) {
        err_set(e, ERR_PEER, "what came is not of this protocol");
        return SIZE_MAX;
    }
    out->payload = str_head(str_from(text, ASK_HEAD), n);
    return text.n < ASK_HEAD + n ? 0 : ASK_HEAD + n;
}

void ask_job_put(struct buf *b, const struct ask_job *j)
{
    json_open(b, '{');
    json_kvs(b, KVS(KV("query", j->query), KV("day", j->day), KV("from", j->from), KV("to", j->to), KV("all", j->all),
                    KV("utc", j->utc), KV("limit", j->limit), KV("confirm_over", j->confirm_over),
                    KV("person", j->person)));
    json_key(b, "params");
    params_put(b, &j->params);
    json_close(b, '}');
}

static struct str text_of(struct arena *a, const json_t *o, const char *key)
{
    const json_t *j = json_object_get(o, key);
    return json_is_string(j) ? str_dup(a, (struct str){json_string_value(j), json_string_length(j)}) : S("");
}

static int64_t number_of(const json_t *o, const char *key)
{
    const json_t *j = json_object_get(o, key);
    return json_is_integer(j) ? (int64_t)json_integer_value(j) : 0;
}

bool ask_job_read(struct arena *a, struct str payload, struct ask_job *j, struct err *e)
{
    json_error_t why;
    json_t *o = payload.n <= ASK_JOB_MAX ? json_loadb(payload.p, payload.n, JSON_REJECT_DUPLICATES, &why) : NULL;
    *j = (struct ask_job){0};
    if (json_is_object(o))
        *j = (struct ask_job){.query = text_of(a, o, "query"), .day = text_of(a, o, "day"),
                              .from = text_of(a, o, "from"), .to = text_of(a, o, "to"),
                              .all = json_is_true(json_object_get(o, "all")),
                              .utc = json_is_true(json_object_get(o, "utc")), .limit = number_of(o, "limit"),
                              .confirm_over = number_of(o, "confirm_over"), .person = text_of(a, o, "person")};
    bool read = params_read(a, json_object_get(o, "params"), &j->params, e);
    json_decref(o);
    if (!read)
        return false;
    if (!j->query.n)
        return err_set(e, ERR_INPUT, "there is no question in what came");
    return (j->limit >= 0 && j->confirm_over >= 0) || err_set(e, ERR_INPUT, "limits are not below 0");
}

void ask_estimate_put(struct buf *b, const struct ask_estimate *m)
{
    put_u64(b, m->bytes);
    put_u64(b, m->files);
    put_u64(b, m->of);
    put_u8(b, m->waits);
}

bool ask_estimate_read(struct str payload, struct ask_estimate *m)
{
    struct bytes b = bytes_of(payload);
    m->bytes = bytes_u64(&b);
    m->files = bytes_u64(&b);
    m->of = bytes_u64(&b);
    m->waits = bytes_u8(&b) != 0;
    return bytes_done(&b);
}

void ask_end_put(struct buf *b, const struct ask_end *m)
{
    put_u64(b, m->rows);
    put_u8(b, m->more);
    put_u64(b, m->bytes);
    put_u64(b, m->ms);
}

bool ask_end_read(struct str payload, struct ask_end *m)
{
    struct bytes b = bytes_of(payload);
    m->rows = bytes_u64(&b);
    m->more = bytes_u8(&b) != 0;
    m->bytes = bytes_u64(&b);
    m->ms = bytes_u64(&b);
    return bytes_done(&b);
}

void ask_fail_put(struct buf *b, const struct err *e)
{
    put_u8(b, (uint8_t)e->kind);
    put_text(b, str_z(e->text));
    put_text(b, str_z(e->hint));
}

bool ask_fail_read(struct str payload, struct err *e)
{
    struct bytes b = bytes_of(payload);
    uint8_t kind = bytes_u8(&b);
    struct str text = bytes_text(&b), hint = bytes_text(&b);
    if (!bytes_done(&b) || kind == ERR_NONE || kind > ERR_BUG)
        return false;
    err_set(e, (enum err_kind)kind, STR_F, STR_A(str_head(text, sizeof e->text - 1)));
    err_hint(e, STR_F, STR_A(str_head(hint, sizeof e->hint - 1)));
    return true;
}

bool ask_columns_read(struct arena *a, struct str payload, struct ask_column **out, size_t *n)
{
    struct bytes b = bytes_of(payload);
    *n = bytes_u16(&b);
    if (*n == 0 || *n > ASK_COLUMNS_MAX)
        return false;
    *out = NEW_N(a, struct ask_column, *n);
    for (size_t i = 0; i < *n; i++) {
        uint8_t kind = bytes_u8(&b);
        if (kind >= ASK_KINDS)
            return false;
        (*out)[i] = (struct ask_column){(enum ask_kind)kind, bytes_text(&b)};
    }
    return bytes_done(&b);
}
