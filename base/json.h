// json.h: JSON out (RFC 8259), into a buf. Reading JSON is jansson's work.
//
//     json_open(&b, '{');
//     json_key(&b, "hosts");
//     json_open(&b, '[');
//     json_object(&b, KV("name", h.name), KV("seen_ms", ms));     // a whole flat object
//     json_close(&b, ']');
//     json_close(&b, '}');
//
// Commas come by themselves. Bytes that are not UTF-8 become U+FFFD, so the output always is. Integers
// beyond 2^53 are written as strings, as the API promises.
#pragma once
#include "base/buf.h"
#include "base/val.h"

void json_open(struct buf *b, char bracket);    // '{' or '['
void json_close(struct buf *b, char bracket);   // '}' or ']'
void json_key(struct buf *b, const char *key);
void json_val(struct buf *b, struct val v);     // an array's element, or what follows a key
void json_kvs(struct buf *b, struct kvs kvs);   // keys and values into an open object
#define json_kv(b, k, x)        json_kvs(b, KVS(KV(k, x)))
#define json_object(b, ...)     (json_open(b, '{'), json_kvs(b, KVS(__VA_ARGS__)), json_close(b, '}'))
void json_text(struct buf *b, struct str s);    // only the quoted string, no comma before it
