// discovery.h: what an OpenID Connect provider says about itself (OpenID Connect Discovery 1.0), read and believed only
// where it can do no harm: every address is https, and nothing is taken over that was not understood.
#pragma once
#include "base/base.h"
#include "base/jansson.h"

struct discovery {
    struct str issuer, authorization, token, keys, userinfo;    // userinfo: "" = it has none
    bool post;              // the client's secret goes into the form, not into a header
    bool says_issuer;       // it tells who it is when it sends a browser back (RFC 9207)
};

// ERR_PEER when it is not that of `issuer`, or lacks what we need.
bool discovery_read(struct arena *a, struct str json, struct str issuer, struct discovery *out, struct err *e) MUST_USE;
// https, a plain host, nothing that a header line or a shell would stumble over.
bool discovery_url_ok(struct str url);
// The same host and port: what a site file's issuer names, it names for these addresses too.
bool discovery_same_host(struct str url, struct str issuer);
// A claim by its name, or by a path with dots ("realm_access.roles"); NULL when there is none.
const json_t *claim_find(const json_t *claims, struct str name);
// It is this text, or a list that holds it.
bool claim_has(const json_t *claim, struct str text);
