// blob.h: octets that many answers send: encoded once, counted, freed when the last one has gone out.
//
//     struct blob *b = blob_event(&event);
//     blob_send(b, output);               // any number of times
//     blob_drop(b);                       // ours; those on their way keep it
//
// Each is one chunk of a chunked answer (RFC 9112 section 7.1) with its frame, so that it can be put behind an answer
// that evhttp began without being copied through evhttp_send_reply_chunk.
#pragma once
#include "store/event.h"
#include <event2/buffer.h>

struct blob;
struct blob *blob_make(struct str text);
// As server-sent events (WHATWG HTML, 9.2): the event, or one of our own. id 0: it has none. data: one JSON object.
struct blob *blob_sse(int64_t id, struct str kind, struct str data);
struct blob *blob_event(const struct event *x);
struct blob *blob_bulk(struct str kind, struct str topic, struct str json);
size_t blob_size(const struct blob *b);
void blob_send(struct blob *b, struct evbuffer *out);
void blob_drop(struct blob *b);
static inline void own_blob_drop(struct blob **b) { blob_drop(*b); }
#define OWN_BLOB OWN(own_blob_drop)
