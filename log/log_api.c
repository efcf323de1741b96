// log_api.c: the route table of the log: questions, saved questions, pages, releases as marks on a time line, lines as
// they come.
#include "log/api.h"
#include "log/param.h"

enum { SQL_MOST = 60000, NAME_MOST = 100, TIME_MOST = 40 };
static const int64_t ROWS_MOST = INT64_C(1000000000000);

static const struct field query_fields[] = {
    {"sql", F_STR, offsetof(struct query_in, sql), .required = true, .low = 1, .high = SQL_MOST,
     .help = "one question: SELECT, WITH, SUMMARIZE, DESCRIBE, EXPLAIN", .text = TEXT_ANY},
    {"day", F_STR, offsetof(struct query_in, day), .high = TIME_MOST, .help = "of one day: 2026-11-20, today, yesterday"},
    {"from", F_STR, offsetof(struct query_in, from), .high = TIME_MOST,
     .help = "from that time on, in the site's zone: 2026-11-20 or 2026-11-20 14:30, or -2h: so long ago"},
    {"to", F_STR, offsetof(struct query_in, to), .high = TIME_MOST, .help = "before that time"},
    {"all", F_BOOL, offsetof(struct query_in, all), .help = "of everything that is kept"},
    {"yes", F_BOOL, offsetof(struct query_in, yes), .help = "also when it would read more than 2 GB"},
    {"site_time", F_BOOL, offsetof(struct query_in, site_time),
     .help = "moments as the site's clock shows them, as in CSV; else in UTC"},
    {"exact", F_BOOL, offsetof(struct query_in, exact),
     .help = "CSV for a program: without ' before what a spreadsheet takes for a formula"},
    {"params", F_PAIRS, offsetof(struct query_in, params), .high = PARAMS_MAX, .text = TEXT_ANY,
     .help = "what {{day}} and its like in the question stand for: {\"day\": \"2026-11-20\"}"},
    {"limit", F_INT, offsetof(struct query_in, limit), .high = ROWS_MOST, .help = "rows at most; 0: all"},
};
#define SAVED_PARAMS                                                                                \
    {"params", F_PAIRS, offsetof(struct saved_in, params), .high = PARAMS_MAX, .text = TEXT_ANY,    \
     .help = "what {{day}} and its like stand for until somebody says otherwise"}
static const struct field saved_fields[] = {
    {"name", F_STR, offsetof(struct saved_in, name), .required = true, .low = 1, .high = NAME_MOST,
     .help = "what others will read"},
    {"sql", F_STR, offsetof(struct saved_in, sql), .required = true, .low = 1, .high = SQL_MOST, .text = TEXT_ANY,
     .help = "the question"},
    SAVED_PARAMS,
};
static const struct field resave_fields[] = {
    {"name", F_STR, offsetof(struct saved_in, name), .required = true, .low = 1, .high = NAME_MOST,
     .help = "what others will read"},
    {"sql", F_STR, offsetof(struct saved_in, sql), .required = true, .low = 1, .high = SQL_MOST, .text = TEXT_ANY,
     .help = "the question"},
    SAVED_PARAMS,
    {"rev", F_INT, offsetof(struct saved_in, rev), .required = true, .low = 1, .high = (int64_t)1 << 53,
     .help = "the one that was read: what somebody else changed meanwhile is not overwritten"},
};
static const struct field pages_fields[] = {
    {"dataset", F_STR, offsetof(struct pages_in, dataset), .high = 64, .help = "which log; access"},
    {"since", F_STR, offsetof(struct pages_in, since), .high = 20, .help = "how far back, as in 2h or 7d; 1d"},
    {"day", F_STR, offsetof(struct pages_in, day), .high = TIME_MOST, .help = "of one day: 2026-11-20, today, yesterday"},
    {"from", F_STR, offsetof(struct pages_in, from), .high = TIME_MOST,
     .help = "from that time on, in the site's zone: 2026-11-20 or 2026-11-20 14:30"},
    {"to", F_STR, offsetof(struct pages_in, to), .high = TIME_MOST, .help = "before that time"},
};
static const struct field page_fields[] = {
    {"back", F_STR, offsetof(struct page_in, back), .high = 20, .help = "how far back, as in 12h or 7d, at most 7d; 2d"},
};
static const struct field markers_fields[] = {
    {"from", F_STR, offsetof(struct markers_in, from), .high = TIME_MOST,
     .help = "2026-11-22T00:00:00.000Z, or -6h: so long ago; -1d"},
    {"to", F_STR, offsetof(struct markers_in, to), .high = TIME_MOST, .help = "before that time; now"},
};

static const struct field tail_fields[] = {
    {"dataset", F_STR, offsetof(struct tail_in, dataset), .high = 64, .help = "which log; access"},
    {"where", F_STR, offsetof(struct tail_in, where), .high = 4096,
     .help = "a condition, as in: status >= 500 and not uri ~ /health; all lines", .text = TEXT_ANY},
};

#define IN(table, type) FIELDS(table), .in_size = sizeof(struct type)

const struct route log_routes[] = {
    {GET, "/log/tables", SEE, .flags = R_LIST, .run = api_log_tables, .out = LIST_OF("Table"),
     .help = "what a question may name: tables, their columns, how much of each there is"},
    {POST, "/log/estimate", LOG_READ, IN(query_fields, query_in), .flags = R_ROWS | R_QUIET, .run = api_log_estimate,
     .out = "Estimate", .help = "how much a question would read, and its columns; it is not carried out"},
    {POST, "/log/query", LOG_READ, IN(query_fields, query_in), .flags = R_ROWS | R_LINES, .run = api_log_query,
     .out = "QueryHead or [any] or QueryDone",
     .cli = "log sql {sql}", .help = "ask in SQL; lines of JSON, or CSV when Accept says text/csv"},
    {GET, "/log/saved", LOG_READ, .flags = R_LIST, .run = api_log_saved, .out = LIST_OF("Saved"),
     .help = "questions that people keep, by name"},
    {POST, "/log/saved", LOG_READ, IN(saved_fields, saved_in), .run = api_log_save, .out = "Saved",
     .help = "keep a question, for everybody"},
    {PUT, "/log/saved/{id}", LOG_READ, IN(resave_fields, saved_in), .run = api_log_resave, .out = "Saved",
     .help = "change one that is yours"},
    {DELETE, "/log/saved/{id}", LOG_READ, .run = api_log_unsave, .out = "{id: int, forgotten: bool}",
     .help = "forget one that is yours"},
    {GET, "/log/pages", SEE, IN(pages_fields, pages_in), .flags = R_LIST | R_PAGE, .run = api_log_pages, .out = "Pages",
     .cli = "log pages", .help = "every page, the slowest first, and those that were worse than their past this week"},
    {GET, "/log/page/{id}", SEE, IN(page_fields, page_in), .flags = R_PAGE, .run = api_log_page, .out = "PageShown",
     .help = "one page hour by hour, beside the same hours of the 28 days before"},
    {GET, "/log/markers", SEE, IN(markers_fields, markers_in), .flags = R_LIST, .run = api_log_markers,
     .out = LIST_OF("Marker"), .help = "releases in a span of time, for charts"},
    {GET, "/releases/{service}/{number}/traffic", SEE, .run = api_log_canary, .out = "Traffic",
     .help = "what visitors got from its canary, beside what they got from the other hosts in the same minutes"},
    {POST, "/log/tail", LOG_READ, IN(tail_fields, tail_in), .run = api_log_tail, .out = "Tail", .cli = "log tail",
     .help = "a topic of lines as they come, for PUT /live/{stream}"},
    {0}};
