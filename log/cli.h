// cli.h: the inside of `rusuban log`: one function per verb; the rows are in log_cli.c.
#pragma once
#include "base/command.h"

bool cmd_log_agent(struct call *c, struct err *e);          // cmd_agent.c
bool cmd_log_audit(struct call *c, struct err *e);          // cmd_audit.c
bool cmd_log_enroll(struct call *c, struct err *e);
bool cmd_log_generate(struct call *c, struct err *e);       // cmd_generate.c
bool cmd_log_import(struct call *c, struct err *e);         // cmd_import.c
bool cmd_log_salvage(struct call *c, struct err *e);        // cmd_salvage.c
bool cmd_log_status(struct call *c, struct err *e);         // cmd_status.c
const char *size_text(struct arena *a, uint64_t bytes);   // 871 bytes, 79.5 KB, 1.1 GB
bool cmd_log_tail(struct call *c, struct err *e);           // cmd_tail.c
bool cmd_log_judge_canary(struct call *c, struct err *e);   // cmd_judge_canary.c
bool cmd_log_make_lake(struct call *c, struct err *e);      // cmd_make_lake.c
bool cmd_log_sql(struct call *c, struct err *e);            // cmd_sql.c
bool cmd_log_watch(struct call *c, struct err *e);          // cmd_watch.c
bool cmd_log_pages(struct call *c, struct err *e);          // cmd_pages.c
bool cmd_log_columns(struct call *c, struct err *e);        // cmd_columns.c
bool cmd_log_top(struct call *c, struct err *e);            // cmd_questions.c
bool cmd_log_page(struct call *c, struct err *e);
bool cmd_log_user(struct call *c, struct err *e);
