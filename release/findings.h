// findings.h: what a host answered to doctor.sh, judged. It is a stranger's text: what does not fit is not believed.
#pragma once
#include "base/check.h"
#include "site/site.h"

// began: our clock (ms) when we asked. One "ok" when there is nothing to say against the host.
void findings_read(struct arena *a, const struct host *h, int64_t began, struct str said, struct checks *out);
