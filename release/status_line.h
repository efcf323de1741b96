// status_line.h: the first line of an HTTP answer, "HTTP/1.1 200 OK" (RFC 9112 section 4).
#pragma once
#include "base/str.h"

bool status_line_parse(struct str line, int *status) MUST_USE;
