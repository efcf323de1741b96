// cmd_people.c: people, tokens, sessions and the audit log through the API.
#include "base/clock.h"
#include "base/json.h"
#include "web/client.h"
#include "web/web_cli.h"
#include <string.h>

// Prints what the API answered, when that is wanted.
static bool as_json(const struct call *c, const json_t *j)
{
    if (!c->json)
        return false;
    json_dumpf(j, stdout, JSON_COMPACT);
    putchar('\n');
    return true;
}

static bool get(struct call *c, const char *path, json_t **out, struct err *e)
{
    return api_json(c->arena, c->data, "GET", path, S(""), out, e);
}

static void put(const char *z)
{
    put_foreign(stdout, str_z(z));
}

// "  web, api", left-justified in a column.
static void column(const char *z, int width)
{
    int n = 0;
    for (const char *p = z; *p; p++)
        n += ((unsigned char)*p & 0xC0) != 0x80;
    put(z);
    printf("%*s", n < width ? width - n + 2 : 2, "");
}

static const char *listed(struct call *c, const json_t *o)
{
    OWN_BUF struct buf b = buf_make(8192);
    size_t i;
    const json_t *x;
    json_array_foreach(json_object_get(o, "services"), i, x)
        buf_addf(&b, "%s%s", i ? ", " : "", json_string_value(x) ? json_string_value(x) : "");
    return b.n ? str_zdup(c->arena, buf_str(&b)) : "all services";
}

static const char *ago(struct call *c, const json_t *o, const char *key)
{
    int64_t at = time_parse(j_text(o, key)), gone = now_ms() - at;
    char took[TIME_TEXT_MAX];
    return !at ? "never" : str_zf(c->arena, gone < 0 ? "in %s" : "%s ago", took_text(gone < 0 ? -gone : gone, took));
}

static void put_standing(struct buf *b, const struct call *c)
{
    struct str rest = str_z(call_option(c, "services"));
    if (call_option(c, "role"))
        json_kv(b, "role", call_option(c, "role"));
    if (!rest.n)
        return;
    json_key(b, "services");
    json_open(b, '[');
    while (rest.n)
        json_val(b, V(str_trim(str_cut(&rest, ','))));
    json_close(b, ']');
}

// One segment of a path: what is not plain would be another path.
static bool path_word(struct call *c, const char **out, struct err *e)
{
    struct str word = call_arg(c, 0);
    *out = str_zdup(c->arena, word);
    return str_plain(word, "-_.") || err_set(e, ERR_INPUT, "\"" STR_F "\" is no name", STR_A(str_head(word, 40)));
}

static bool needs_role(const struct call *c, struct err *e)
{
    if (call_option(c, "role"))
        return true;
    err_set(e, ERR_INPUT, "which role?");
    return err_hint(e, "--role viewer, analyst, developer or admin");
}

// People.

bool cmd_people(struct call *c, struct err *e)
{
    OWN_JSON *root = NULL;
    size_t i;
    json_t *p;
    if (!get(c, "/api/v1/people", &root, e))
        return false;
    if (as_json(c, root))
        return true;
    json_array_foreach(json_object_get(root, "items"), i, p) {
        column(j_text(p, "name"), 16);
        column(j_text(p, "role"), 9);
        column(listed(c, p), 20);
        printf("%s%s", j_true(p, "invited") ? "invited, until then " : "seen ",
               ago(c, p, j_true(p, "invited") ? "until" : "seen"));
        if (*j_text(p, "provider")) {
            fputs(", by ", stdout);
            put(j_text(p, "provider"));
        }
        putchar('\n');
    }
    if (!json_array_size(json_object_get(root, "items")) && !c->quiet)
        fputs("Nobody yet: rusuban admin invite\n", stderr);
    return true;
}

bool cmd_people_invite(struct call *c, struct err *e)
{
    OWN_BUF struct buf b = buf_make(64 << 10);
    OWN_JSON *root = NULL;
    if (!needs_role(c, e))
        return false;
    json_open(&b, '{');
    json_kv(&b, "name", call_arg(c, 0));
    put_standing(&b, c);
    json_close(&b, '}');
    if (!buf_ok(&b, e) || !api_json(c->arena, c->data, "POST", "/api/v1/invites", buf_str(&b), &root, e))
        return false;
    if (as_json(c, root))
        return true;
    if (!c->quiet)
        fputs("Works once, for three days. Give it to nobody else:\n", stderr);
    puts(j_text(root, "link"));
    return true;
}

// The row of a person, or NULL: then a name that is not there is the API's to tell.
static const json_t *row_of(const json_t *root, struct str name)
{
    size_t i;
    const json_t *p;
    json_array_foreach(json_object_get(root, "items"), i, p)
        if (str_eq(str_z(j_text(p, "name")), name) && j_text(p, "match")[0])
            return p;
    return NULL;
}

// What is not said stays as it is.
static void put_change(struct buf *b, const struct call *c, const json_t *now)
{
    const char *role = call_option(c, "role"), *services = call_option(c, "services");
    size_t i;
    const json_t *x;
    json_open(b, '{');
    json_kv(b, "role", role ? role : j_text(now, "role"));
    json_key(b, "services");
    json_open(b, '[');
    if (!services)
        json_array_foreach(json_object_get(now, "services"), i, x)
            json_val(b, V(json_string_value(x)));
    for (struct str rest = str_z(services); rest.n && !str_eq(str_z(services), S("all"));)
        json_val(b, V(str_trim(str_cut(&rest, ','))));
    json_close(b, ']');
    json_close(b, '}');
}

bool cmd_people_set(struct call *c, struct err *e)
{
    OWN_BUF struct buf b = buf_make(64 << 10);
    OWN_JSON *root = NULL, *then = NULL;
    const char *name;
    struct answer r;
    if (!path_word(c, &name, e) || !get(c, "/api/v1/people", &root, e))
        return false;
    const json_t *now = row_of(root, str_z(name));
    put_change(&b, c, now);
    if (!buf_ok(&b, e) || !api_change(c->arena, c->data, "PUT", str_zf(c->arena, "/api/v1/people/%s", name),
                                      now ? j_text(now, "match") : NULL, buf_str(&b), &r, e))
        return false;
    then = json_loadb(r.body.p, r.body.n, 0, NULL);
    if (!as_json(c, then) && !c->quiet)
        fprintf(stderr, "%s is %s of %s now.\n", name, j_text(then, "role"), listed(c, then));
    return true;
}

// DELETE of one thing, told in a sentence.
static bool drop(struct call *c, const char *where, const char *said, struct err *e)
{
    struct answer r;
    const char *name;
    if (!path_word(c, &name, e)
        || !api_ask(c->arena, c->data, "DELETE", str_zf(c->arena, "/api/v1/%s/%s", where, name), S(""), &r, e))
        return false;
    if (c->json)
        puts("{}");
    else if (!c->quiet)
        fprintf(stderr, "%s %s.\n", name, said);
    return true;
}

bool cmd_people_remove(struct call *c, struct err *e)
{
    return drop(c, "people", "has no account any more", e);
}

// Tokens.

static bool days_of(const struct call *c, int64_t *days, struct err *e)
{
    const char *text = call_option(c, "for");
    int64_t ms = 0;
    *days = 0;
    if (text && (!duration_parse(str_z(text), &ms) || ms < 86400000)) {
        err_set(e, ERR_INPUT, "--for: \"%s\" is no number of days", text);
        return err_hint(e, "--for 90d");
    }
    *days = ms / 86400000;
    return true;
}

bool cmd_token_make(struct call *c, struct err *e)
{
    OWN_BUF struct buf b = buf_make(64 << 10);
    OWN_JSON *root = NULL;
    int64_t days;
    if (!days_of(c, &days, e))
        return false;
    json_open(&b, '{');
    json_kv(&b, "name", call_arg(c, 0));
    put_standing(&b, c);
    if (days)
        json_kv(&b, "days", days);
    json_close(&b, '}');
    if (!buf_ok(&b, e) || !api_json(c->arena, c->data, "POST", "/api/v1/tokens", buf_str(&b), &root, e))
        return false;
    if (as_json(c, root))
        return true;
    if (!c->quiet)
        fprintf(stderr, "Shown this once; %s of %s, ends %s:\n", j_text(root, "role"), listed(c, root),
                ago(c, root, "expires"));
    puts(j_text(root, "token"));
    return true;
}

bool cmd_token_list(struct call *c, struct err *e)
{
    OWN_JSON *root = NULL;
    size_t i;
    json_t *t;
    if (!get(c, "/api/v1/tokens", &root, e))
        return false;
    if (as_json(c, root))
        return true;
    json_array_foreach(json_object_get(root, "items"), i, t) {
        printf("%-4lld  ", (long long)j_int(t, "id"));
        column(j_text(t, "name"), 12);
        column(j_text(t, "owner"), 12);
        column(j_text(t, "role"), 9);
        column(listed(c, t), 16);
        printf("%s, used %s\n", j_true(t, "over") ? "over" : str_zf(c->arena, "ends %s", ago(c, t, "expires")),
               ago(c, t, "seen"));
    }
    if (!json_array_size(json_object_get(root, "items")) && !c->quiet)
        fputs("No tokens yet: rusuban token make NAME\n", stderr);
    return true;
}

bool cmd_token_revoke(struct call *c, struct err *e)
{
    return drop(c, "tokens", "is no token any more", e);
}

// Sessions.

bool cmd_session_list(struct call *c, struct err *e)
{
    OWN_JSON *root = NULL;
    size_t i;
    json_t *s;
    if (!get(c, "/api/v1/sessions?all=true", &root, e))
        return false;
    if (as_json(c, root))
        return true;
    json_array_foreach(json_object_get(root, "items"), i, s) {
        printf("%-4lld  ", (long long)j_int(s, "id"));
        column(j_text(s, "name"), 12);
        column(j_text(s, "from"), 15);
        column(str_zf(c->arena, "seen %s", ago(c, s, "seen")), 20);
        put(j_text(s, "agent"));
        putchar('\n');
    }
    return true;
}

bool cmd_session_revoke(struct call *c, struct err *e)
{
    return drop(c, "sessions", "is signed out", e);
}

// The audit log.

static bool add_query(struct buf *b, const struct call *c, const char *name, struct err *e)
{
    const char *value = call_option(c, name);
    if (!value)
        return true;
    if (!str_plain(str_z(value), "-_. ") || !*value)
        return err_set(e, ERR_INPUT, "--%s: \"%s\" is not known here", name, value);
    buf_addf(b, "%s%s=", b->n ? "&" : "?", name);
    for (const char *p = value; *p; p++)
        buf_addz(b, *p == ' ' ? "%20" : (char[]){*p, 0});
    return true;
}

// What was refused beyond a few in a minute is one line with a number.
static void put_deed(struct call *c, const json_t *l)
{
    long long more;
    bool count = strcmp(j_text(l, "verb"), "refused") == 0 && sscanf(j_text(l, "after"), "{\"more\":%lld}", &more) == 1;
    if (count) {
        printf("%lld more were refused in the same minute\n", more);
        return;
    }
    column(str_zf(c->arena, "%s%s", j_text(l, "verb"), j_true(l, "ok") ? "" : ": refused"), 20);
    column(j_text(l, "subject"), 24);
    put(j_text(l, "after"));
    putchar('\n');
}

bool cmd_audit_list(struct call *c, struct err *e)
{
    OWN_BUF struct buf query = buf_make(4096);
    OWN_JSON *root = NULL;
    size_t i;
    json_t *l;
    if (!add_query(&query, c, "who", e) || !add_query(&query, c, "verb", e) || !add_query(&query, c, "limit", e)
        || !get(c, str_zf(c->arena, "/api/v1/audit%s", buf_z(&query)), &root, e))
        return false;
    if (as_json(c, root))
        return true;
    json_array_foreach(json_object_get(root, "items"), i, l) {
        char at[TIME_TEXT_MAX];
        printf("%-5lld  %s  ", (long long)j_int(l, "seq"),
               time_local(time_parse(j_text(l, "at")), j_text(root, "timezone"), true, at));
        column(j_text(l, "who"), 12);
        put_deed(c, l);
    }
    return true;
}
