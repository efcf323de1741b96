// release.h: from a push to every host, and back.
//
// A release is one built tree with a number. It is complete and flushed on every host before any visitor sees it; it
// goes live by one rename per host; production follows the canary only after the canary's health and, unless the site
// says otherwise, a person said yes. Each effect on the world is a row in the journal first, so that after kill -9 of
// anything the next start knows the truth and goes on, or back, with nothing to unlock by hand. The release before is
// one rename away, without git, build or forge.
#pragma once
#include "base/command.h"
#include "web/bulk.h"
#include "web/home.h"

extern const struct command release_commands[];     // release ..., lock ...
extern const struct route release_routes[];         // /releases, /locks, /requests, the push webhook
extern const struct shape release_shapes[];         // what they answer (release_shapes.c)
extern const struct bulk release_bulks[];           // output:SERVICE/NUMBER (feed.c)
home_fn release_home;                               // releases, locks, services and silent hosts on the home page

// The role `releaser`: until SIGTERM, which ends it after the steps in flight; a second one ends it at once.
bool releaser_run(const char *site_path, const char *data_dir, struct err *e) MUST_USE;
