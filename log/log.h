// log.h: the access log becomes SQL. Every byte that a web server wrote becomes one row or one counted bad line,
// exactly once, through kill -9 of either side, cut links, full disks and rotation; a second later SQL sees it; what
// lies on disk is plain Parquet; each page is compared with its own past.
//
// `rusuban log agent` follows files on a host, the role `logserver` writes the lake, the program rusuban-sql asks it.
#pragma once
#include "base/check.h"
#include "base/command.h"
#include "web/bulk.h"
#include "web/home.h"

// The role `logserver` (server.c): until SIGTERM.
bool logserver_run(const char *site, const char *data, struct err *e) MUST_USE;
// The role `logwatch` (logwatch.c): until SIGTERM.
bool logwatch_run(const char *site, const char *data, struct err *e) MUST_USE;

// The role `sql` (role.c): becomes rusuban-sql.
bool sqlserver_run(const char *site, const char *data, struct err *e) MUST_USE;
check_fn log_check;                                 // SQL, log server, every host's agent, the lake's disk (doctor.c)

home_fn log_home;                                   // alarms and figures on the home page (home.c)
extern const struct command log_commands[];         // log ...
extern const struct route log_routes[];             // /log/...
extern const struct shape log_shapes[];             // what they answer (log_shapes.c)
extern const struct bulk log_bulks[];               // tail:NAME (tail_feed.c)
