// policy.h: what of a line may leave its host. The agent applies a dataset's format and privacy policy before a byte
// is sent.
//
//     struct policy *p = policy_read(dataset, e);         // one of the welcome's "datasets" (wire.h)
//     if (!policy_plain(p))
//         for (size_t at = 0; at < text.n; at += taken)
//             taken = policy_apply(p, str_from(text, at), &out), send a block of `taken` raw bytes, buf_clear(&out)
//
// Per label: keep, drop, mask (addresses, mask.h), hash (HMAC-SHA-256 with the dataset's key, the first 16 hex digits,
// in LABEL__h; "-" and empty stay), and for queries the parameters that keep their value. A rule for `query`, or
// for args or query_string, holds for all three, and for what stands behind '?' in uri, request, request_uri, referer
// and http_referer, unless these have a rule of their own; one for forwardedfor, http_x_forwarded_for or remote_addr holds
// for all three in the same way. In JSON a rule for one of our labels holds for all names that others have for it
// (names.h), and a label that has a rule under another name keeps that name.
//
// Every line stays one line, so what is counted is right. What has no label cannot be judged: in a dataset with rules
// it is left out, and `withheld` says how many bytes (also for `rest`, convert.h, unless it has a rule); a line that
// has no label at all, or is none of the dataset's format, becomes "withheld 123 bytes that have no labels", which the
// server counts as bad. Without rules such a line is sent as it is.
#pragma once
#include "base/base.h"
#include "base/jansson.h"

struct policy;
// NULL: *e says what is wrong. A policy that is not understood is refused, never half applied.
struct policy *policy_read(const json_t *dataset, struct err *e);
void policy_free(struct policy *p);
bool policy_plain(const struct policy *p);              // LTSV and nothing to change: send the bytes as they are
uint32_t policy_version(const struct policy *p);
// Appends the lines as they may be sent, as many as fit under out's ceiling, and returns the bytes of `lines` that they
// came from: all of them if there is room. Line breaks in = out. Room of LINE_MAX_BYTES + 1 is enough for any line;
// for a longer line (a torn or long block), as many as it has.
size_t policy_apply(struct policy *p, struct str lines, struct buf *out);
