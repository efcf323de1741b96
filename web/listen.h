// listen.h: sockets that wait for connections. The caller closes them.
#pragma once
#include "base/base.h"

// DIR/run/NAME, mode 0600, replacing what a dead process left. However deep DIR is: the 107 bytes of a socket's
// address do not limit it.
bool listen_unix(const char *data, const char *name, int *fd, struct err *e) MUST_USE;
// "127.0.0.1:7070" or "[::1]:7070". An address that is not this machine's own loopback needs plain_ok.
bool listen_tcp(struct str address, bool plain_ok, int *fd, struct err *e) MUST_USE;
// The same trick for the other side. Non-blocking and connected.
bool connect_unix(const char *data, const char *name, int *fd, struct err *e) MUST_USE;
