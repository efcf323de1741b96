// check.h: one finding of `rusuban doctor`: what was looked at, how it is, and the way out when it is not well.
//
// Whoever knows something worth looking at (this machine, the hosts of a release) exports one check_fn;
// main.c lists them.
#pragma once
#include "base/base.h"

enum check_level { CHECK_OK, CHECK_WARN, CHECK_FAIL };

struct check {
    enum check_level level;
    struct str about;       // "git", "app4"
    struct str text;        // "/var/www 81% full"
    struct str hint;        // the command or line that helps, or ""
};
struct checks { struct check *at; size_t n, cap; };

// All texts are copied. hint may be NULL.
void check_add(struct arena *a, struct checks *out, enum check_level level, struct str about, const char *hint,
               const char *format, ...) PRINTF(6, 7);

// site and data are paths. Adds its findings, in the order a person should read them; it never fails as a whole.
typedef void check_fn(struct arena *a, const char *site, const char *data, struct checks *out);
