// log_cli.c: the verbs of `rusuban log`, one row each.
#include "log/log.h"
#include "log/cli.h"
#include "log/times.h"

static const struct option agent_options[] = {
    {"server", "HOST:PORT", "the log server; needs --token unless it is on this machine"},
    {"token", "FILE", "what rusuban log enroll printed, in a file that only the agent can read"},
    {"socket", "PATH", "the log server's Unix socket instead (run/log.sock in the data directory)"},
    {"host", "NAME", "who we are, as the site file says it; a token says it too (this machine's name)"},
    {"root", "DIR", "put before every path, for an agent in a container"},
    {0}};
static const struct option enroll_options[] = {{"revoke", NULL, "end the host's token instead"}, HERE_OPTION, {0}};

static const struct option generate_options[] = {
    {"lines", "N", "how many (1000000)"},
    {"seed", "S", "the same seed gives the same lines (1)"},
    {"rate", "R", "lines a second of the log's own time, such as 0.2 (400)"},
    {"pages", "P", "whose: marketplace or kotori, the site of the demo (marketplace)"},
    {"from", "TIME", "time of the first line, as in 2026-11-22T09:00:00+09:00 (now)"},
    {"until", "TIME", "instead of --lines: lines up to this time"},
    {"server", "A.B", "the last two numbers of server_addr (4.11)"},
    {"slow", "PAGE:xN@TIME",
     "a page's times are N times as long from TIME on, as in /mypage:x1.5@2026-11-22T09:00:00+09:00"},
    {0}};

static const struct option tail_options[] = {
    {"where", "FILTER", "only lines like this: status >= 500 and uri ~ /works"},
    {"lines", "N", "end after so many"},
    AT_OPTIONS,
    {0}};

static const struct option sql_options[] = {
    {"file", "F", "the question stands in this file"},
    TIMES_OPTIONS("the last 24 hours"),
    {"all", NULL, "of everything that is kept"},
    {"param", "NAME=VALUE...", "what {{NAME}} in the question stands for; several"},
    {"csv", NULL, "comma-separated values instead of a table"},
    {"exact", NULL, "with --csv: no ' before what a spreadsheet takes for a formula"},
    {"limit", "N", "rows at most; 0 = all (10000 for a table, all otherwise)"},
    {"yes", NULL, "do not ask before reading more than 2 GB"},
    AT_OPTIONS,
    {0}};

static const struct option import_options[] = {
    {"dataset", "NAME", "where the lines belong (access)"},
    {"host", "NAME", "which host wrote them: the column server (the dataset's, when it has only one)"},
    {"format", "F", "ltsv, combined or json, instead of what the first lines tell"},
    {"again", NULL, "though they were imported or shipped before: their rows come twice"},
    HERE_OPTION,
    {0}};

static const struct option audit_options[] = {
    {"day", "D", "only what was committed on that day, and files of its hours: 2026-11-20, today, yesterday"},
    {"deep", NULL, "also every page of every file"},
    {"accept", "STREAM", "what is open of that stream is known and can be lived with; several: 7,12"},
    {"because", "TEXT", "why; it stands in the lake, and in the house's audit log, with your name"},
    HERE_OPTION,
    {0}};

static const struct option salvage_options[] = {
    {"yes", NULL, "do it; without, it only says what would be lost"},
    {"keep", NULL, "drop nothing that is behind the damage: what is damaged is lost, and not sent again"},
    HERE_OPTION,
    {0}};

#define QUESTION_OPTIONS                                                                            \
    TIMES_OPTIONS("today and yesterday"),                                                           \
    {"of", "DATASET", "another log than access"},                                                   \
    {"limit", "N", "rows at most"}, {"csv", NULL, "comma-separated values instead of a table"},     \
    {"exact", NULL, "with --csv: no ' before what a spreadsheet takes for a formula"},              \
    {"sql", NULL, "print the SQL instead of asking it"}, AT_OPTIONS, {0}
static const struct option top_options[] = {{"by", "WHAT", "p95, total, 5xx or requests (p95)"}, QUESTION_OPTIONS};
static const struct option question_options[] = {QUESTION_OPTIONS};

static const struct option columns_options[] = {
    {"all", NULL, "also labels that lines do not have, and what fills them"}, HERE_OPTION, {0}};

static const struct option make_lake_options[] = {
    {"live", NULL, "as files of an hour that goes on"},
    {"rows", "N", "in a file at most (1000000)"},
    {0}};

static const struct option watch_options[] = {
    {"follow", NULL, "go on, and tell what is new"},
    {"all", NULL, "those that are over too"},
    HERE_OPTION,
    {0}};

static const struct option pages_options[] = {
    TIMES_OPTIONS("1d"),
    AT_OPTIONS,
    {0}};

const struct command log_commands[] = {
    {"log status", "", here_options, "how far each file of each host is, and how the lake is", "rusuban log status",
     cmd_log_status},
    {"log tail", "[DATASET]", tail_options, "durable lines as they come",
     "rusuban log tail --where 'status >= 500'", cmd_log_tail},
    {"log agent", "", agent_options, "follow the log files of this host and send their lines, each once, until SIGTERM",
     "rusuban log agent --server log1:7073 --token /etc/rusuban/agent.token", cmd_log_agent},
    {"log enroll", "HOST", enroll_options, "make the token that lets a host send its logs; the one before ends",
     "rusuban log enroll app1", cmd_log_enroll},
    {"log import", "FILE...", import_options,
     "bring in old lines: LTSV, combined or JSON, plain, gzip or zstd; - is standard input",
     "rusuban log import old/access.log-*.gz", cmd_log_import},
    {"log watch", "", watch_options, "pages that are worse than their own past; exit 3 when there is one",
     "rusuban log watch", cmd_log_watch},
    {"log pages", "[DATASET]", pages_options, "every page: requests, times, errors; the slowest first",
     "rusuban log pages --since 2h", cmd_log_pages},
    {"log audit", "[DATASET]", audit_options, "prove that every byte became a row, a bad line or a blank one",
     "rusuban log audit --day yesterday", cmd_log_audit},
    {"log salvage", "", salvage_options,
     "get a log server going again whose write-ahead log is damaged, and say what is lost",
     "rusuban log salvage", cmd_log_salvage},
    {"log generate", "", generate_options, "write lines like those of a marketplace's nginx to standard output",
     "rusuban log generate --lines 100000 --seed 7 >access.log", cmd_log_generate},
    {"log sql", "[QUERY]", sql_options, "ask the log in SQL: access_log and its like, releases; - is standard input",
     "rusuban log sql \"select page, count(*) from access_log where dt = '2026-11-20' group by 1\"", cmd_log_sql},
    {"log columns", "[DATASET]", columns_options, "the columns of a log: type, unit, and what each holds",
     "rusuban log columns", cmd_log_columns},
    {"log top", "", top_options, "the pages that are slowest, cost most time, fail most or are asked for most",
     "rusuban log top --by total --day yesterday", cmd_log_top},
    {"log page", "PATTERN", question_options, "one page, or the page of a path: by hour, by host, its slowest requests",
     "rusuban log page '/works/{n}'", cmd_log_page},
    {"log user", "ID", question_options, "what one person did, in order of time", "rusuban log user 1701012",
     cmd_log_user},
    {"log judge-canary", "RELEASE-ID NOW-MS", NULL, "(inside) what the log says of a canary, as one line of LTSV",
     "rusuban log judge-canary 7 1795432020000", cmd_log_judge_canary},
    {"log make-lake", "LAKE/NAME", make_lake_options, "(inside) lines on standard input become files of a dataset",
     "rusuban log make-lake lake/access <access.log", cmd_log_make_lake},
    {0}};
