// hook.c: a push webhook is foreign text twice over: anybody may send it, and whoever may push chose its words. So the
// signature is checked over the raw bytes, and of the JSON only what passes narrow rules comes out.
#include "release/hook.h"
#include <jansson.h>
#include <sodium.h>

enum { BODY_MAX = 4 << 20, LEVELS_MAX = 64, REF_MAX = 1024, PUSHER_MAX = 100 };

bool hook_signed(struct str secret, struct str body, struct str header)
{
    unsigned char given[crypto_auth_hmacsha256_BYTES], right[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    if (str_starts(header, S("sha256=")))
        header = str_from(header, 7);
    // Without a secret everybody could sign.
    if (secret.n == 0 || !hex_decode(header, given, sizeof given))
        return false;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret.p, secret.n);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)body.p, body.n);
    crypto_auth_hmacsha256_final(&state, right);
    return sodium_memcmp(given, right, sizeof right) == 0;
}

// ---- reading ----

static void own_json_drop(json_t **j)
{
    json_decref(*j);
}
#define OWN_JSON OWN(own_json_drop) json_t

// jansson's own limit, 2,048, is a constant of its build; the deepest real payload has 4 levels.
static bool too_deep(struct str body)
{
    int level = 0;
    bool quoted = false;
    for (size_t i = 0; i < body.n && level <= LEVELS_MAX; i++) {
        char c = body.p[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '{' || c == '['))
            level++;
        else if (!quoted && (c == '}' || c == ']'))
            level--;
    }
    return level > LEVELS_MAX;
}

static struct str text_of(const json_t *object, const char *key)
{
    const json_t *x = json_object_get(object, key);
    return json_is_string(x) ? (struct str){json_string_value(x), json_string_length(x)} : S("");
}

// Bytes of the well-formed rune at p: jansson lets nothing else through.
static size_t rune(unsigned char p)
{
    return p < 0x80 ? 1 : p < 0xE0 ? 2 : p < 0xF0 ? 3 : 4;
}

// C0, DEL, and C1, which UTF-8 writes as C2 80 to C2 9F.
static bool is_control(struct str s)
{
    unsigned char c = (unsigned char)s.p[0];
    return c < 0x20 || c == 0x7F || (c == 0xC2 && s.n > 1 && (unsigned char)s.p[1] < 0xA0);
}

static struct str cleaned(struct arena *a, struct str s)
{
    OWN_BUF struct buf b = buf_make(PUSHER_MAX);
    while (s.n) {
        size_t n = rune((unsigned char)s.p[0]);
        if (!is_control(s))
            buf_add(&b, str_head(s, n));
        if (b.failed)
            break;
        s = str_from(s, n);
    }
    return str_dup(a, buf_str(&b));
}

// GitHub says pusher.name, Gitea pusher.login.
static struct str pusher_of(struct arena *a, const json_t *body)
{
    static const char *const keys[] = {"name", "login", "username"};
    const json_t *pusher = json_object_get(body, "pusher");
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (text_of(pusher, keys[i]).n)
            return cleaned(a, text_of(pusher, keys[i]));
    return S("");
}

// ---- checking ----

static bool is_hash(struct str s)
{
    if (s.n != 40 && s.n != 64)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
            return false;
    return true;
}

static bool is_ref(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= 0x20 || s.p[i] == 0x7F)
            return false;
    return str_starts(s, S("refs/")) && s.n <= REF_MAX;
}

static bool all_zeros(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '0')
            return false;
    return true;
}

static bool load(struct str body, json_t **out, struct err *e)
{
    json_error_t where;
    if (body.n > BODY_MAX || too_deep(body))
        return err_set(e, ERR_INPUT, "the webhook's body is larger than %d MiB or nested deeper than %d",
                       BODY_MAX >> 20, LEVELS_MAX);
    *out = json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES, &where);
    if (*out)
        return true;
    err_set(e, ERR_INPUT, "the webhook's body is not JSON: line %d: %.100s", where.line, where.text);
    if (str_starts(body, S("payload=")))
        err_hint(e, "set the webhook's content type to application/json");
    return false;
}

bool hook_push_parse(struct arena *a, struct str body, struct hook_push *out, struct err *e)
{
    OWN_JSON *json = NULL;
    if (!load(body, &json, e))
        return false;
    struct str ref = text_of(json, "ref"), after = text_of(json, "after");
    if (ref.n == 0)
        return err_set(e, ERR_INPUT, "the webhook's body has no ref: is it a push event?");
    if (!is_ref(ref))
        return err_set(e, ERR_INPUT, "the webhook's ref is not a name below refs/");
    if (!is_hash(after))
        return err_set(e, ERR_INPUT, "the webhook's after is not a commit's hash");
    *out = (struct hook_push){.ref = str_dup(a, ref), .after = str_dup(a, after), .deleted = all_zeros(after),
                              .pusher = pusher_of(a, json)};
    return true;
}
