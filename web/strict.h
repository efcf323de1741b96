// strict.h: is this one well-formed request, meant for us? What evhttp has parsed, checked again before anything
// acts on it. One table (strict.c); the first row that is broken answers, and the connection closes behind it.
#pragma once
#include "web/target.h"

struct facts {
    enum method method;         // M_NONE: one that we do not have
    bool head, options;         // HEAD counts as GET, OPTIONS as M_NONE
    bool hook;                  // the hook listener: bodies of any type
    struct str target;
    const char *target_why;     // from target_cut; NULL: well cut
    const struct pairs *headers;
    size_t body, body_max;
    const struct strs *names;   // whom Host may name, besides this machine's own names
};

struct refusal {
    int http;
    const char *code, *message, *hint;
};

// NULL: nothing is wrong.
const struct refusal *strict_check(const struct facts *f);
// "localhost:7070" and "[::1]:7070" without the port; empty when it is not a host.
struct str host_name(struct str host);
