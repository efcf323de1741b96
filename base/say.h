// say.h: one LTSV line to stderr when something changes, so our own log command can search our own logs.
//
//     say("release.done", KV("service", name), KV("took_ms", ms));
//
// gives time:2026-11-22T10:12:40.123Z<TAB>role:releaser<TAB>pid:71<TAB>what:release.done<TAB>service:web<TAB>...
// Tabs, newlines, controls and backslashes in values are escaped (\t \n \\ \xNN), so a value never makes a
// second line. Never pass a secret.
#pragma once
#include "base/val.h"
#include "base/err.h"

void say_role(const char *role);        // borrowed; what `role:` says from now on
void say_into(int fd);                  // instead of stderr: units hold it back (base/test.c)
void say_kvs(const char *what, struct kvs kvs);
#define say(what, ...)      say_kvs(what, KVS(__VA_ARGS__))
void say_err(const char *what, const struct err *e);
