// losses.h: what is left of the site when one of its zones is lost, as far as the site file knows: hosts, by number and
// not by strength. Nobody has measured here what a host can carry.
#pragma once
#include "base/json.h"
#include "site/site.h"

// A list of {"zone":"a","how":"warn","left":2,"of":6,"services":[{"name":"web","left":1,"of":4}]}, one for each zone; []
// where there is only one. how: bad = a service would be gone altogether, warn = one would have less than half of its
// hosts, else ok.
void losses_put(struct buf *b, const struct site *s);
