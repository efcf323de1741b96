// status_line.c: version, one blank, three digits, then a blank or the end.
#include "release/status_line.h"

bool status_line_parse(struct str line, int *status)
{
    uint64_t n;
    if (!str_starts(line, S("HTTP/1.0 ")) && !str_starts(line, S("HTTP/1.1 ")))
        return false;
    struct str code = str_head(str_from(line, 9), 3), rest = str_from(line, 12);
    if (code.n != 3 || !str_u64(code, &n) || n < 100 || (rest.n && rest.p[0] != ' '))
        return false;
    *status = (int)n;
    return true;
}
