// letter.c: makes the child that carries a notice. URL, signature and body reach curl on its stdin, for whoever may
// list processes reads argument vectors, and a webhook's URL is often a secret by itself.
#include "notify/letter.h"
#include "store/secret.h"
#include <sodium.h>

enum { COMMAND_DEADLINE_MS = 30000, CURL_DEADLINE_MS = 15000, OUTPUT_MAX = 4096, CONFIG_MAX = 80 << 10 };

// A double-quoted value of a curl config file.
static void add_quoted(struct buf *b, struct str s)
{
    static const char plain[] = "\\\"\t\n\r\v", escaped[] = "\\\"tnrv";
    for (size_t i = 0; i < s.n; i++) {
        size_t k = 0;
        while (plain[k] && plain[k] != s.p[i])
            k++;
        if (plain[k])
            buf_addc(b, '\\');
        buf_addc(b, plain[k] ? escaped[k] : s.p[i]);
    }
}

static void add_line(struct buf *b, const char *name, const char *head, struct str value)
{
    buf_addf(b, "%s = \"%s", name, head);
    add_quoted(b, value);
    buf_addz(b, "\"\n");
}

// data-raw: a body that starts with @ is not the name of a file. A redirect is not followed: it is an answer, and
// the wrong one (fail counts from 400 on, so 3xx passes: the receiver has the notice all the same).
bool letter_curl(struct buf *b, const struct notice *n, struct str url, struct str signature, struct err *e)
{
    buf_addz(b, "silent\nshow-error\nfail\ngloboff\nmax-time = 10\nproto = \"=http,https\"\noutput = \"/dev/null\"\n"
                "user-agent = \"rusuban/" RUSUBAN_VERSION "\"\nheader = \"Content-Type: application/json\"\n");
    buf_addf(b, "header = \"X-Rusuban-Notice: %lld\"\n", (long long)n->id);
    if (signature.n)
        add_line(b, "header", "X-Rusuban-Signature-256: ", signature);
    add_line(b, "url", "", url);
    add_line(b, "data-raw", "", n->body);
    return buf_ok(b, e);
}

struct str letter_signature(struct arena *a, struct str secret, struct str body)
{
    crypto_auth_hmacsha256_state state;
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    char hex[2 * sizeof mac];
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret.p, secret.n);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)body.p, body.n);
    crypto_auth_hmacsha256_final(&state, mac);
    hex_encode(mac, sizeof mac, hex);
    sodium_memzero(&state, sizeof state);
    return str_f(a, "sha256=%.*s", (int)sizeof hex, hex);
}

static bool by_webhook(struct arena *a, const struct notice *n, const struct notifier *to, struct db *db,
                       const char *data, struct child_spec *spec, struct err *e)
{
    static const char *const argv[] = {"curl", "-q", "--config", "-", NULL};    // -q: nobody's ~/.curlrc
    OWN_BUF struct buf config = buf_make(CONFIG_MAX);
    struct str secret = {0}, signature = {0};
    if (to->secret.n) {
        if (!secret_get(a, db, data, "watcher", to->secret, &secret, e))
            return false;
        signature = letter_signature(a, secret, n->body);
        secret_forget(&secret);
    }
    if (!letter_curl(&config, n, to->webhook, signature, e))
        return false;
    *spec = (struct child_spec){.argv = argv, .dir = "/", .input = str_dup(a, buf_str(&config)),
                                .deadline_ms = CURL_DEADLINE_MS, .max_output = OUTPUT_MAX};
    return true;
}

static void by_command(struct arena *a, const struct notice *n, const struct notifier *to, struct child_spec *spec)
{
    const char **argv = NEW_N(a, const char *, to->command.n + 1), **env = NEW_N(a, const char *, 5);
    for (size_t i = 0; i < to->command.n; i++)
        argv[i] = str_zdup(a, to->command.at[i]);
    env[0] = str_zf(a, "RUSUBAN_SERVICE=" STR_F, STR_A(n->service));
    env[1] = str_zf(a, "RUSUBAN_RELEASE=%lld", (long long)n->release);
    env[2] = str_zf(a, "RUSUBAN_EVENT=" STR_F, STR_A(n->kind));
    env[3] = str_zf(a, "RUSUBAN_NOTICE=%lld", (long long)n->id);
    *spec = (struct child_spec){.argv = argv, .env = env, .dir = "/", .input = n->body,
                                .deadline_ms = COMMAND_DEADLINE_MS, .max_output = OUTPUT_MAX};
}

bool letter_make(struct arena *a, const struct notice *n, const struct site *site, struct db *db, const char *data,
                 struct child_spec *spec, struct err *e)
{
    for (size_t i = 0; i < site->notifiers.n; i++) {
        const struct notifier *to = &site->notifiers.at[i];
        if (!str_eq(to->name, n->notifier))
            continue;
        if (to->kind == NOTIFIER_WEBHOOK)
            return by_webhook(a, n, to, db, data, spec, e);
        by_command(a, n, to, spec);
        return true;
    }
    return err_set(e, ERR_NOT_FOUND, "the site file has no notifier \"" STR_F "\"", STR_A(n->notifier));
}
