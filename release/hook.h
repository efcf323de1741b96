// hook.h: the push webhook as GitHub and Gitea send it: signature over the raw body first, JSON after.
// Source: docs.github.com "Validating webhook deliveries", "Webhook events and payloads: push".
#pragma once
#include "base/base.h"

// header: "sha256=" and 64 hex digits, or (Gitea) the bare digits. HMAC-SHA256, compared in constant time.
bool hook_signed(struct str secret, struct str body, struct str header);

struct hook_push {
    struct str ref;         // refs/heads/main
    struct str after;       // 40 or 64 hex digits, lower case
    bool deleted;           // after is all zeros
    struct str pusher;      // name, "" when absent; cleaned of controls, at most 100 bytes
};
// ERR_INPUT with what is missing or odd. Limits: 4 MiB, 64 levels.
bool hook_push_parse(struct arena *a, struct str body, struct hook_push *out, struct err *e) MUST_USE;
