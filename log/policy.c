// policy.c: see policy.h. A line is converted if its format is not LTSV, then goes field by field to where it is built.
#include "log/policy.h"
#include "log/convert.h"
#include "log/field.h"
#include "log/ltsv.h"
#include "log/mask.h"
#include "log/names.h"
#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

// As many as the site file may have (site/keys.c); behind them those that follow from them.
enum { RULES_GIVEN = 100, RULES_MAX = 160, ALLOW_MAX = 1024, HASH_HEX = 16, KEY_MAX = 64 };
enum what { KEEP, DROP, MASK, HASH, QUERY, URL, WITHHOLD };

// next: another one whose label begins with the same byte, counted from 1; 0: there is none.
struct rule { struct str label; enum what what; struct strs allow; unsigned char next; };

struct policy {
    struct arena arena;
    enum log_format format;
    uint32_t version;
    struct convert *convert;            // NULL: LTSV
    struct rule rule[RULES_MAX];
    size_t n;
    bool any;                           // a rule that changes something
    unsigned char first[256];           // the rule whose label begins with this byte, as in next
    crypto_auth_hmacsha256_state key;   // begun with the key
    char room[LINE_MAX_BYTES];
};

// ---- reading it ----

static bool wrong(const json_t *dataset, struct err *e, const char *what)
{
    const char *name = json_string_value(json_object_get(dataset, "name"));
    err_set(e, ERR_PEER, "the privacy policy of %s: %s", name ? name : "a dataset without a name", what);
    return err_hint(e, "run the same version of rusuban on both; until then its lines stay where they are");
}

static struct rule *find(struct policy *p, struct str label)
{
    for (size_t i = 0; i < p->n; i++)
        if (str_eq(p->rule[i].label, label))
            return &p->rule[i];
    return NULL;
}

static bool read_allow(struct policy *p, const json_t *list, struct rule *r)
{
    size_t i;
    json_t *j;
    if (!list)
        return true;
    if (!json_is_array(list) || json_array_size(list) > ALLOW_MAX)
        return false;
    json_array_foreach(list, i, j) {
        if (!json_is_string(j))
            return false;
        vec_push(&p->arena, &r->allow, str_dup(&p->arena, (struct str){json_string_value(j), json_string_length(j)}));
    }
    return true;
}

static bool read_rule(struct policy *p, const json_t *dataset, const json_t *j, struct err *e)
{
    static const char *const words[] = {[KEEP] = "keep", [DROP] = "drop", [MASK] = "mask", [HASH] = "hash"};
    const json_t *label = json_object_get(j, "label");
    const char *what = json_string_value(json_object_get(j, "do"));
    struct rule r = {.what = URL};
    if (!json_is_string(label))
        return wrong(dataset, e, "a rule without a label");
    r.label = str_dup(&p->arena, (struct str){json_string_value(label), json_string_length(label)});
    for (enum what w = KEEP; what && w <= HASH; w++)
        if (strcmp(what, words[w]) == 0)
            r.what = w;
    if (r.what == URL)
        return wrong(dataset, e, "a rule that is none of keep, drop, mask, hash");
    if (!label_ok(r.label) || find(p, r.label))
        return wrong(dataset, e, "a label that is none, comes twice, or is one too many");
    if (!read_allow(p, json_object_get(j, "allow"), &r))
        return wrong(dataset, e, "\"allow\" is no list of texts");
    if (r.what == KEEP && r.allow.n)
        r.what = QUERY;
    p->rule[p->n++] = r;
    if (p->convert)
        convert_keep(p->convert, r.label);      // else it would have another name before the rule sees it
    return true;
}

static bool read_key(struct policy *p, const json_t *dataset, struct err *e)
{
    const json_t *key = json_object_get(dataset, "hash_key");
    unsigned char bytes[KEY_MAX];
    size_t n = json_string_length(key) / 2;
    struct str hex = {json_string_value(key), json_string_length(key)};
    if (!json_is_string(key) || n == 0)
        return wrong(dataset, e, "it hashes a label, but there is no key");
    if (n > KEY_MAX || !hex_decode(hex, bytes, n) || hex.n != 2 * n)
        return wrong(dataset, e, "the key is no hex of at most 64 bytes");
    crypto_auth_hmacsha256_init(&p->key, bytes, n);
    sodium_memzero(bytes, sizeof bytes);
    return true;
}

static void add_rule(struct policy *p, struct str label, const struct rule *like)
{
    if (find(p, label))
        return;
    assert(p->n < RULES_MAX);
    p->rule[p->n] = *like;
    p->rule[p->n++].label = label;
}

// A line that has a label twice, by our name and by another's, keeps the other one as it is called (names.h). That is
// hidden as well, also where a rule for the query alone would leave something of it.
static void add_names(struct policy *p)
{
    size_t given = p->n;
    for (size_t i = 0; i < given; i++) {
        const struct rule r = p->rule[i];
        struct str other;
        for (size_t k = 0; r.what != KEEP && (other = names_other(r.label, k)).n; k++)
            add_rule(p, other, &r);
    }
}

// The first of these labels that has a rule that changes something.
static const struct rule *first_rule(struct policy *p, const char *const *labels, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct rule *r = find(p, str_z(labels[i]));
        if (r && r->what != KEEP)
            return r;
    }
    return NULL;
}

// A visitor's address stands in any of them, as there is a balancer in front or none: what is hidden in one and shown
// in the other is not hidden.
static void add_addresses(struct policy *p)
{
    static const char *const addresses[] = {"forwardedfor", "http_x_forwarded_for", "remote_addr"};
    const struct rule *address = first_rule(p, addresses, ARRAY_LEN(addresses));
    if (!address)
        return;
    struct rule same = *address;
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++)
        add_rule(p, str_z(addresses[i]), &same);
}

// What may not be known of a query may not be known of the same query by another name, or in a URL.
static void add_urls(struct policy *p)
{
    static const char *const urls[] = {"uri", "request", "request_uri", "referer", "http_referer"};
    static const char *const queries[] = {"query", "args", "query_string"};
    const struct rule *query = first_rule(p, queries, ARRAY_LEN(queries));
    if (!query)
        return;
    struct rule same = *query, url = {.what = URL};
    if (same.what == QUERY)
        url.allow = same.allow;
    for (size_t i = 0; i < ARRAY_LEN(queries); i++)
        add_rule(p, str_z(queries[i]), &same);
    for (size_t i = 0; i < ARRAY_LEN(urls); i++)
        add_rule(p, str_z(urls[i]), &url);
}

static bool read_rules(struct policy *p, const json_t *dataset, struct err *e)
{
    const json_t *rules = json_object_get(dataset, "privacy");
    size_t i;
    json_t *j;
    bool hashes = false;
    if (rules && !json_is_array(rules))
        return wrong(dataset, e, "it is no list");
    if (json_array_size(rules) > RULES_GIVEN)
        return wrong(dataset, e, "it has too many rules");
    json_array_foreach(rules, i, j) {
        if (!read_rule(p, dataset, j, e))
            return false;
        hashes = hashes || p->rule[p->n - 1].what == HASH;
    }
    if (p->format == FORMAT_JSON)
        add_names(p);
    add_addresses(p);
    add_urls(p);
    if (p->convert)
        add_rule(p, S("rest"), &(struct rule){.what = WITHHOLD});
    for (size_t k = 0; k < p->n; k++) {
        unsigned char *first = &p->first[(unsigned char)p->rule[k].label.p[0]];
        p->rule[k].next = *first;
        *first = (unsigned char)(k + 1);
        p->any = p->any || (p->rule[k].what != KEEP && p->rule[k].what != WITHHOLD);
    }
    return !hashes || read_key(p, dataset, e);
}

static bool read_policy(struct policy *p, const json_t *dataset, struct err *e)
{
    const json_t *format = json_object_get(dataset, "format"), *version = json_object_get(dataset, "policy");
    if (!json_is_object(dataset))
        return wrong(dataset, e, "the dataset is no object");
    if (!json_is_string(format) || !log_format_read(str_z(json_string_value(format)), &p->format))
        return wrong(dataset, e, "a format that this version does not know");
    if (version && !json_is_integer(version))
        return wrong(dataset, e, "its version is no number");
    p->version = (uint32_t)json_integer_value(version);
    if (p->format != FORMAT_LTSV)
        p->convert = convert_new(p->format);
    return read_rules(p, dataset, e);
}

struct policy *policy_read(const json_t *dataset, struct err *e)
{
    struct policy *p = calloc(1, sizeof *p);
    assert(p);
    p->arena = arena_make(4 << 20);
    if (read_policy(p, dataset, e))
        return p;
    policy_free(p);
    return NULL;
}

void policy_free(struct policy *p)
{
    if (!p)
        return;
    sodium_memzero(&p->key, sizeof p->key);
    convert_free(p->convert);
    arena_drop(&p->arena);
    free(p);
}

bool policy_plain(const struct policy *p)
{
    return !p->convert && !p->any;
}

uint32_t policy_version(const struct policy *p)
{
    return p->version;
}

// ---- applying it ----

static const struct rule *rule_of(const struct policy *p, struct str label)
{
    for (size_t i = p->first[(unsigned char)label.p[0]]; i; i = p->rule[i - 1].next) {
        const struct rule *r = &p->rule[i - 1];
        if (r->label.n == label.n && memcmp(r->label.p, label.p, label.n) == 0)
            return r->what == KEEP ? NULL : r;
    }
    return NULL;
}

static void put_hash(const struct policy *p, struct str value, struct line *out)
{
    crypto_auth_hmacsha256_state s = p->key;
    unsigned char sum[crypto_auth_hmacsha256_BYTES];
    char hex[HASH_HEX];
    if (value.n == 0 || str_eq(value, S("-"))) {
        line_str(out, value);
        return;
    }
    crypto_auth_hmacsha256_update(&s, (const unsigned char *)value.p, value.n);
    crypto_auth_hmacsha256_final(&s, sum);
    hex_encode(sum, HASH_HEX / 2, hex);
    line_add(out, hex, sizeof hex);
}

static void put_ruled(const struct policy *p, const struct rule *r, struct str value, struct line *out)
{
    line_str(out, r->label);
    if (r->what == HASH)
        line_lit(out, "__h");
    line_char(out, ':');
    if (r->what == MASK)
        mask_addresses(value, out);
    else if (r->what == HASH)
        put_hash(p, value, out);
    else if (r->what == QUERY)
        mask_query(value, &r->allow, out);
    else
        mask_url(value, &r->allow, out);
}

static void put_withheld(size_t bytes, bool labelled, struct line *out)
{
    char text[64];
    int n = labelled ? snprintf(text, sizeof text, "\twithheld:%zu", bytes)
                     : snprintf(text, sizeof text, "withheld %zu bytes that have no labels", bytes);
    line_add(out, text, (size_t)n);
}

// A line that no field is left of keeps its place with `withheld:0`.
static void put_fields(const struct policy *p, struct str line, struct line *out)
{
    size_t withheld = 0, whole = line.n;
    bool labelled = false, dropped = false;
    for (bool first = true; line.n; first = false) {
        struct str field = str_cut(&line, '\t');
        struct field at;
        if (!field_cut(field, first, &at)) {
            withheld += field.n;
            continue;
        }
        const struct rule *r = rule_of(p, at.label);
        withheld += at.before.n;
        labelled = true;
        if (r && (r->what == DROP || r->what == WITHHOLD)) {
            withheld += r->what == WITHHOLD ? at.value.n : 0;
            dropped = true;
            continue;
        }
        if (out->n)
            line_char(out, '\t');
        if (r)
            put_ruled(p, r, at.value, out);
        else
            line_add(out, at.label.p, (size_t)(at.value.p + at.value.n - at.label.p));
    }
    if (!labelled)
        put_withheld(whole, false, out);
    else if (withheld || (dropped && out->n == 0))
        put_withheld(withheld, true, out);
}

static struct str without_cr(struct str line)
{
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

// The line as it may be sent.
static struct str changed(struct policy *p, struct str line)
{
    struct str ltsv = without_cr(line);
    struct line out = {.p = p->room, .cap = sizeof p->room};
    bool readable = ltsv.n == 0 || !p->convert || convert_line(p->convert, ltsv, &ltsv);
    if (ltsv.n == 0 || (!readable && !p->any))
        return line;
    if (!p->any)
        return ltsv;
    if (readable)
        put_fields(p, ltsv, &out);
    if (!readable || out.full) {
        out = (struct line){.p = p->room, .cap = sizeof p->room};
        put_withheld(line.n, false, &out);
    }
    return (struct str){out.p, out.n};
}

size_t policy_apply(struct policy *p, struct str lines, struct buf *out)
{
    size_t taken = 0;
    while (taken < lines.n) {
        const char *from = lines.p + taken, *end = memchr(from, '\n', lines.n - taken);
        size_t n = end ? (size_t)(end - from) : lines.n - taken;
        struct str line = changed(p, (struct str){from, n});
        if (line.n + 1 > out->max - out->n)
            break;
        buf_add(out, line);
        if (end)
            buf_addc(out, '\n');
        taken += n + (end ? 1 : 0);
    }
    return taken;
}
