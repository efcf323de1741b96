// house.h: the house itself: its roles run and come back when they fall, it says how it is, it keeps secrets, and
// it knows which hosts it may trust.
//
// A role is one process of `rusuban serve` (web, releaser, watcher); each also runs alone: `rusuban serve web`.
// Which roles there are, and what `rusuban doctor` looks at, is main.c's to say: house_open, once, at the start.
#pragma once
#include "base/check.h"
#include "base/command.h"
#include "web/home.h"

struct role {
    const char *name, *help;
    // Runs until SIGTERM, then finishes the step in flight. site and data are absolute paths.
    bool (*run)(const char *site, const char *data, struct err *e);
};

struct house {
    const struct role *roles;           // ended by {0}
    check_fn *const *checks;            // NULL-ended
    const struct route *const *routes;  // NULL-ended; for `rusuban api spec` and `api types`
    const struct shape *const *shapes;  // NULL-ended; what the answers of routes look like
    const struct command *const *commands;      // NULL-ended; for the palette
    home_fn *const *home;               // NULL-ended; who has something to say on the home page
};

void house_open(const struct house *h);
extern const struct command house_commands[];
extern const struct route house_routes[];
extern const struct shape house_shapes[];
home_fn house_home;         // roles and the site file on the home page
check_fn house_check;       // this machine, the site file, the data directory
