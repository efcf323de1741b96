// decode.h: a tree of nodes becomes structs, by the rows of a table; every mistake is told, none stops it.
#pragma once
#include "site/keys.h"
#include "site/node.h"

// at: a zeroed struct. What is wrong keeps its default or stays empty, so that later checks can go on.
void decode_map(struct reading *r, const struct table *t, const struct node *map, void *at);
