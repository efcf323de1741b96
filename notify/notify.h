// notify.h: tells people what happened: the role watcher sends the notices that others wrote (store/notice.h).
//
// A notice goes to one notifier of the site file: a command (JSON on stdin; RUSUBAN_SERVICE, RUSUBAN_RELEASE,
// RUSUBAN_EVENT, RUSUBAN_NOTICE in the environment) or a webhook (POST of the JSON; X-Rusuban-Notice and, with a
// secret, X-Rusuban-Signature-256: sha256=HMAC of the body). It is sent at least once: a try that fails is made again
// after 2 s, then after twice as long each time up to 30 min, for 24 hours; then it is given up, and said. At most
// four are on their way at once, two of them to one notifier, so that one that hangs holds nobody else up. The site
// file is read afresh whenever something is to be sent.
#pragma once
#include "base/command.h"

// The role: until SIGTERM, which waits for what is on its way (30 s at most); a second one does not wait.
bool watcher_run(const char *site, const char *data, struct err *e) MUST_USE;

extern const struct command notify_commands[];      // notify test, notify list
