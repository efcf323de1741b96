// example.h: the site file that `site init` writes and docs/site.md shows.
#pragma once
#include "base/embed.h"

struct str example_site(void);
