// reference.h: docs/site.md, made from the rows of keys.c.
#pragma once
#include "base/base.h"

void reference_write(struct arena *a, struct buf *out);
