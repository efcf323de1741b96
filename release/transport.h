// transport.h: how a packed release gets onto a host. The one interface behind which transports stand.
//
// transport_stage makes releases/N on the lane's host complete, flushed and receipted, unseen by the web server; it
// does nothing when the receipt is already there. It may be interrupted at any point and begun again. Everything else
// a host does (claim, switch, restart, drop) is the same for all transports.
//
// Now: rsync.c, for hosts that have sshd, rsync, sh, flock and coreutils.
#pragma once
#include "release/run.h"

typedef void staged_fn(void *arg, const struct err *err, struct str detail);
bool transport_stage(struct lane *l, staged_fn *fn, struct err *e) MUST_USE;
void transport_stop(struct lane *l);
