// mask.h: values that say less than they did.
#pragma once
#include "log/line.h"

// Each address of a list, as in X-Forwarded-For: IPv4 keeps its first 24 bits, IPv6 48, ports go. "-", "unknown" and
// "unix:" stay; whatever else is no address becomes '*', since nobody knows what it tells.
void mask_addresses(struct str value, struct line *out);

// A query string: parameters in `allow` keep their value, the others their name, with '*' as value; what has no name
// is '*'.
void mask_query(struct str query, const struct strs *allow, struct line *out);
// The same for what stands behind '?' in a URL or a request line.
void mask_url(struct str url, const struct strs *allow, struct line *out);
