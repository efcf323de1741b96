// hostkey.c: reads lines of known_hosts and of ssh-keyscan. What a stranger answers to ssh-keyscan ends up in a file
// that ssh trusts, so only known key types and plain base64 pass.
#include "house/hostkey.h"
#include <sodium.h>

static const char *const types[] = {        // the best first
    "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"};

enum { BLOB_MAX = 4096 };

static size_t rank(struct str type)
{
    size_t i = 0;
    while (i < ARRAY_LEN(types) && !str_eq(type, str_z(types[i])))
        i++;
    return i;
}

// The blob repeats the type in front (RFC 4253, 6.6): a line whose two types differ is somebody's trick.
static bool blob_is(const unsigned char *blob, size_t n, struct str type)
{
    if (n < 4 + type.n || blob[0] || blob[1] || blob[2] || blob[3] != type.n)
        return false;
    return str_eq((struct str){(const char *)blob + 4, type.n}, type);
}

static struct str fingerprint(struct arena *a, const unsigned char *blob, size_t n)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char text[sodium_base64_ENCODED_LEN(sizeof hash, sodium_base64_VARIANT_ORIGINAL_NO_PADDING)];
    crypto_hash_sha256(hash, blob, n);
    sodium_bin2base64(text, sizeof text, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    return str_f(a, "SHA256:%s", text);
}

bool hostkey_parse(struct arena *a, struct str line, struct str *name, struct hostkey *out)
{
    unsigned char blob[BLOB_MAX];
    size_t n;
    struct str rest = str_trim(line);
    if (str_starts(rest, S("#")))
        return false;
    *name = str_word(&rest);
    out->type = str_word(&rest);
    out->base64 = str_word(&rest);
    if (rank(out->type) == ARRAY_LEN(types)
        || sodium_base642bin(blob, sizeof blob, out->base64.p, out->base64.n, NULL, &n, NULL,
                             sodium_base64_VARIANT_ORIGINAL) != 0
        || !blob_is(blob, n, out->type))
        return false;
    out->fingerprint = fingerprint(a, blob, n);
    return true;
}

void hostkey_collect(struct arena *a, struct str text, struct str name, struct hostkeys *out)
{
    while (text.n) {
        struct str of;
        struct hostkey key;
        if (hostkey_parse(a, str_cut(&text, '\n'), &of, &key) && (!name.n || str_eq(of, name)))
            vec_push(a, out, key);
    }
}

const struct hostkey *hostkey_best(const struct hostkeys *keys)
{
    const struct hostkey *best = NULL;
    for (size_t i = 0; i < keys->n; i++)
        if (!best || rank(keys->at[i].type) < rank(best->type))
            best = &keys->at[i];
    return best;
}

struct str hostkey_name(struct arena *a, struct str address, int port)
{
    return port == 22 ? str_dup(a, address) : str_f(a, "[" STR_F "]:%d", STR_A(address), port);
}
