// config.c: what a host is told to follow: paths, formats, privacy, and the key that hashed values are made with this
// month.
#include "log/inner.h"
#include "base/clock.h"
#include "base/json.h"
#include "store/rolekey.h"
#include <string.h>
#include <time.h>

enum { CONFIG_MAX = 256 << 10 };

static const char *const formats[] = {"ltsv", "combined", "json"};
static const char *const privacies[] = {"keep", "drop", "mask", "hash"};

int64_t dataset_keep_us(const struct site *site, struct str name)
{
    const struct dataset *d = site ? site_dataset(site, name) : NULL;
    return d ? d->keep_ms * 1000 : 0;
}

bool host_writes(const struct site *site, struct str name, struct str host)
{
    const struct dataset *d = site ? site_dataset(site, name) : NULL;
    for (size_t i = 0; d && i < d->from.n; i++)
        if (strs_have(&d->from.at[i].on, host))
            return true;
    return false;
}

// One key a month, so that a person's trail can be followed for a month and no longer.
static bool month_key(const char *data, char hex[2 * crypto_generichash_BYTES + 1], struct err *e)
{
    OWN_ROLEKEY struct rolekey key;
    unsigned char out[crypto_generichash_BYTES];
    char month[8];
    time_t now = (time_t)(now_ms() / 1000);
    struct tm tm;
    gmtime_r(&now, &tm);
    strftime(month, sizeof month, "%Y-%m", &tm);
    if (!rolekey_read(data, "log-hash", true, &key, e))
        return false;
    e->kind = ERR_NONE;                 // the first time it was not there, and was made
    crypto_generichash(out, sizeof out, (const unsigned char *)month, strlen(month), key.bytes, sizeof key.bytes);
    hex_encode(out, sizeof out, hex);
    hex[2 * sizeof out] = 0;
    sodium_memzero(out, sizeof out);
    return true;
}

static void put_privacy(struct buf *b, const struct dataset *d)
{
    json_key(b, "privacy");
    json_open(b, '[');
    for (size_t i = 0; i < d->privacy.n; i++) {
        const struct privacy *p = &d->privacy.at[i];
        json_open(b, '{');
        json_kvs(b, KVS(KV("label", p->label), KV("do", privacies[p->kind])));
        json_key(b, "allow");
        json_open(b, '[');
        for (size_t k = 0; k < p->allow.n; k++)
            json_val(b, V(p->allow.at[k]));
        json_close(b, ']');
        json_close(b, '}');
    }
    json_close(b, ']');
}

static bool put_paths(struct buf *b, const struct site *site, const struct dataset *d, struct str host)
{
    const struct host *h = site_host(site, host);
    bool any = false;
    OWN_ARENA struct arena a = arena_make(1 << 20);
    json_key(b, "paths");
    json_open(b, '[');
    for (size_t i = 0; i < d->from.n; i++)
        if (strs_have(&d->from.at[i].on, host)) {
            json_val(b, V(str_f(&a, STR_F STR_F, STR_A(h ? h->root : S("")), STR_A(d->from.at[i].path))));
            any = true;
        }
    json_close(b, ']');
    return any;
}

static bool hashes(const struct dataset *d)
{
    for (size_t i = 0; i < d->privacy.n; i++)
        if (d->privacy.at[i].kind == PRIVACY_HASH)
            return true;
    return false;
}

static uint32_t policy_number(const struct dataset *d)
{
    OWN_BUF struct buf b = buf_make(CONFIG_MAX);
    unsigned char out[crypto_generichash_BYTES_MIN];
    uint32_t n;
    put_privacy(&b, d);
    crypto_generichash(out, sizeof out, (const unsigned char *)b.p, b.n, NULL, 0);
    memcpy(&n, out, sizeof n);
    return d->privacy.n ? n | 1 : 0;
}

static bool put_dataset(const struct log_server *s, struct buf *b, const struct site *site, const struct dataset *d,
                        struct str host, struct err *e)
{
    const struct set *set = tables_named(s->tables, d->name);
    char key[2 * crypto_generichash_BYTES + 1] = "";
    if (!set || (hashes(d) && !month_key(s->data, key, e)))
        return set == NULL;             // new in the site file: the server is about to begin again
    json_open(b, '{');
    json_kvs(b, KVS(KV("id", (int)set->id), KV("name", d->name), KV("format", formats[d->format]),
                    KV("policy", policy_number(d)), KV("hash_key", key)));
    put_privacy(b, d);
    put_paths(b, site, d, host);
    json_close(b, '}');
    sodium_memzero(key, sizeof key);
    return true;
}

struct str config_for(struct arena *a, const struct log_server *s, struct str host, bool all, struct err *e)
{
    const struct site *site = s->fresh.good;
    OWN_BUF struct buf b = buf_make(CONFIG_MAX);
    e->kind = ERR_NONE;
    json_open(&b, '{');
    json_key(&b, "datasets");
    json_open(&b, '[');
    for (size_t i = 0; site && i < site->log.datasets.n; i++) {
        const struct dataset *d = &site->log.datasets.at[i];
        if ((all || host_writes(site, d->name, host)) && !put_dataset(s, &b, site, d, host, e))
            return S("");
    }
    json_close(&b, ']');
    json_close(&b, '}');
    return buf_ok(&b, e) ? str_dup(a, buf_str(&b)) : S("");
}
