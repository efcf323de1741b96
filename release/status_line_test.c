#include "base/test.h"
#include "release/status_line.h"

TEST(a_status_line_is_version_blank_three_digits)
{
    static const struct { const char *line; int status;
    } rows[] = {
        {"HTTP/1.1 200 OK", 200},   {"HTTP/1.1 503", 503}, {"HTTP/1.0 404 Not Found", 404},
        {"HTTP/1.1 200 ", 200},     {"HTTP/1.1 2000", 0},  {"HTTP/1.1 20", 0},
        {"HTTP/2 200", 0},          {"HTTP/1.1  200", 0},  {"", 0},
        {"SSH-2.0-OpenSSH_9.2", 0}, {"HTTP/1.1 099 x", 0}, {"HTTP/1.1 -20 x", 0},
        {"http/1.1 200 OK", 0},     {"HTTP/1.1 200OK", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int status = 0;
        bool ok = status_line_parse(str_z(rows[i].line), &status);
        if (ok != (rows[i].status != 0) || status != rows[i].status)
            test_failed(__FILE__, __LINE__, "%s gave %d", rows[i].line, status);
    }
}
