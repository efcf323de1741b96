// doctor.h: what `rusuban doctor` looks at on every host of the site: may we come in, is there what a release needs.
#pragma once
#include "base/check.h"
#include "base/loop.h"
#include "site/site.h"

check_fn release_check;
// Each service's repository: may we read it with the forge's key, does it have the branch? Runs the loop until all
// answered. dir: where git runs, a directory beside our keys.
void repositories_check(struct arena *a, const struct site *site, const char *data, const char *dir, struct loop *loop,
                        struct checks *out);
