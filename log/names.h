// names.h: what others call our labels. JSON logs are mostly written with nginx's own names of its variables
// ($request_time is "request_time"); they become the labels that have a column, a type and questions of their own.
//
//     struct names n = names_make();
//     names_keep(&n, S("request_uri"));            // it has a rule under this name, so it keeps it
//     if (names_settle(&n, ltsv, &out)) ...        // out is the line to take; else there was nothing to change
//
// What a line says under our name counts; of several other names the one that stands first in the table; the others
// keep theirs, so nothing is lost. request_uri becomes uri and query; request ("GET /a?b=1 HTTP/1.1") gives method,
// uri, query and protocol, as far as the line does not say them, and stays where uri is said by another.
#pragma once
#include "log/line.h"

enum { NAMES_LONGEST = 24 };
struct names {
    uint32_t kept;                              // bit: the row of the table
    uint32_t ours[NAMES_LONGEST], theirs[NAMES_LONGEST];        // those with so many bytes
};

struct names names_make(void);
void names_keep(struct names *n, struct str label);
// true: it is in out, which may be full then. ltsv: whole fields, each with a label.
bool names_settle(const struct names *n, struct str ltsv, struct line *out);
// The other names of one of our labels, the first first; i counts from 0. Empty: there are no more.
struct str names_other(struct str label, size_t i);

// The first line of a request. HTTP/0.9 has no protocol ("-"); query is "-" where there is no '?'. false: it is none.
struct request { struct str method, uri, query, protocol; };
bool request_cut(struct str text, struct request *out);

// Web servers' own time, "15/Feb/2018:11:38:53 +0900", as ISO 8601. false: it is none.
bool time_from_common(struct str s, char out[25]);
