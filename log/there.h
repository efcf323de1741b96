// there.h: what a house on another machine says of its logs by its API, for commands with --at: what columns.h and
// page_sums.h say of this one.
#pragma once
#include "base/command.h"
#include "log/label.h"
#include "log/page_sums.h"

typedef void there_page_fn(void *arg, const struct page_sum *s);
// t: checked. *dataset: the one that was meant; in the call's arena. *all: so many there are, of which at most 1,000 are
// told, the slowest first. *note: what struct page_sums says, or NULL. ERR_NOT_FOUND: the site has no such dataset.
bool there_pages(struct call *c, struct str named, const struct times *t, struct str *dataset, there_page_fn *fn,
                 void *arg, int64_t *all, const char **note, struct err *e) MUST_USE;
// As columns_dataset and columns_read do it.
bool there_columns(struct call *c, struct str named, struct str *dataset, struct schema *out, bool *any,
                   struct err *e) MUST_USE;
// Names of its pages of the last week.
bool there_known_pages(struct call *c, struct str dataset, struct strs *out, struct err *e) MUST_USE;
