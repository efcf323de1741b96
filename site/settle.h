// settle.h: what several keys say together: references, contradictions, and what follows from them. Called by the
// decoder when all keys of a table are read; at is the struct, map its node.
#pragma once
#include "site/node.h"
#include "site/reading.h"

void settle_restart(struct reading *r, const struct node *map, void *service);
void settle_service(struct reading *r, const struct node *map, void *service);
void settle_site(struct reading *r, const struct node *map, void *site);
