// fields.h: a query or a JSON body into the struct that a row's field table describes; all mistakes at once.
//
//     void *in = NEW...;                                  // zeroed, route->in_size bytes
//     struct wrongs wrongs = {0};
//     fields_from_body(a, route->in, route->in_n, body, in, &wrongs);
//     if (wrongs.n) return wrongs_err(&wrongs, e);
//
// A body is one JSON object of at most 8 levels; an empty one counts as {}. null counts as absent. Text that the
// struct points at lives in the arena.
#pragma once
#include "web/web.h"

void fields_from_query(struct arena *a, const struct field *table, size_t n, const struct pairs *query, void *in,
                       struct wrongs *wrongs);
void fields_from_body(struct arena *a, const struct field *table, size_t n, struct str body, void *in,
                      struct wrongs *wrongs);
// Fills *e (ERR_INPUT) from the first mistake and how many more there are. Returns false.
bool wrongs_err(const struct wrongs *w, struct err *e);
