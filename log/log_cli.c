// log_cli.c: the verbs of `rusuban log`, one row each.
#include "log/log.h"
#include "log/cli.h"

static const struct option generate_options[] = {
    {"lines", "N", "how many (1000000)"},
    {"seed", "S", "the same seed gives the same lines (1)"},
    {"rate", "R", "lines a second of the log's own time (400)"},
    {"from", "TIME", "time of the first line, as in 2026-11-22T09:00:00+09:00 (now)"},
    {0}};

const struct command log_commands[] = {
    {"log generate", "", generate_options, "write lines like those of a marketplace's nginx to standard output",
     "rusuban log generate --lines 100000 --seed 7 >access.log", cmd_log_generate},
    {0}};
