// api.h: the inside of the log's API: one handler per route; the rows are in log_api.c.
#pragma once
#include "web/web.h"

struct query_in { struct str sql, day, from, to; bool all, yes, site_time, exact; int64_t limit; struct pairs params; };
struct saved_in { struct str name, sql; int64_t rev; struct pairs params; };
struct pages_in { struct str dataset, since, day, from, to; };
struct page_in { struct str back; };
struct markers_in { struct str from, to; };
struct tail_in { struct str dataset, where; };

struct params;
// Checked; a mistake stands in the field "params".
bool query_params(struct ask *q, const struct pairs *in, struct params *out, struct err *e) MUST_USE;   // query_api.c
bool api_log_query(struct ask *q, struct err *e);           // query_api.c
bool api_log_estimate(struct ask *q, struct err *e);
bool api_log_tables(struct ask *q, struct err *e);          // tables_api.c
bool api_log_saved(struct ask *q, struct err *e);           // saved_api.c
bool api_log_save(struct ask *q, struct err *e);
bool api_log_resave(struct ask *q, struct err *e);
bool api_log_unsave(struct ask *q, struct err *e);
bool api_log_pages(struct ask *q, struct err *e);           // pages_api.c
bool api_log_page(struct ask *q, struct err *e);
bool api_log_markers(struct ask *q, struct err *e);         // markers_api.c
bool api_log_canary(struct ask *q, struct err *e);          // canary_api.c
bool api_log_tail(struct ask *q, struct err *e);            // tail_api.c
