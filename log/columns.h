// columns.h: which columns a dataset has at this moment, read from the lake's catalog, without asking anybody.
//
//     struct schema s;
//     bool any;
//     if (!columns_read(a, site_lake(a, site, data), S("access"), &s, &any, e)) ...
#pragma once
#include "log/label.h"
#include "site/site.h"

// *any: something was written; else *out has every label that is known (columns_add_known).
bool columns_read(const char *lake, struct str dataset, struct schema *out, bool *any, struct err *e) MUST_USE;
void columns_add_known(struct schema *s);
// The dataset that is named; empty: access, else the site's first. ERR_NOT_FOUND with the nearest as its hint, behind
// `option` ("--of ", "").
bool columns_dataset(const struct site *s, struct str named, const char *option, struct str *out,
                     struct err *e) MUST_USE;
