// convert.h: lines of other formats become LTSV, with the labels that LTSV logs of web servers use.
//
// combined (nginx, Apache, with or without the virtual host before it) and common, its shorter form: time,
// remote_addr, ident (unless "-"), remote_user, method, uri, query, protocol, status, size, referer, ua; a third
// quoted text, as in nginx's `main`, is forwardedfor; what comes then is `rest`. A request that is none ("-", bytes of
// a TLS client) becomes the label request. JSON, an object a line: nested objects have dotted labels, as far as those
// have LABEL_MAX bytes, else, like arrays, their JSON text. null is "-". What cannot stand in a label becomes '_'.
// nginx's names of its variables (request_time), @timestamp and timestamp become our labels (names.h).
//
//     struct convert *c = convert_new(FORMAT_COMBINED);
//     struct str ltsv;
//     if (!convert_line(c, line, &ltsv))          // not of that format
#pragma once
#include "log/label.h"
#include "site/site.h"

struct convert;
struct convert *convert_new(enum log_format f);
void convert_free(struct convert *c);
// Others' name of a label (names.h) that stays as it is.
void convert_keep(struct convert *c, struct str label);
// line: without its line break. *out is borrowed until the next call, has no line break and at most LINE_MAX_BYTES.
// false: the line is not of the format, or would become too long.
bool convert_line(struct convert *c, struct str line, struct str *out);

// What these lines (some hundred) seem to be. false: *e says why they are none of the three, and shows one.
bool convert_guess(struct str lines, enum log_format *out, struct err *e) MUST_USE;
struct str log_format_name(enum log_format f);              // "ltsv", "combined", "json"
bool log_format_read(struct str name, enum log_format *out);
