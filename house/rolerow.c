// rolerow.c: a role's row in the store: whoever starts the role writes it, `rusuban status` shows it.
#include "base/clock.h"
#include "house/commands.h"

bool role_write(struct db *db, const char *name, enum role_state state, int64_t pid, unsigned restarts,
                const char *why, struct err *e)
{
    static const char *const words[] = {"up", "waiting", "stopped"};
    return sql_do(db, e,
                  "insert into role (name, pid, state, since, restarts, why) values (?, ?, ?, ?, ?, ?)"
                  " on conflict (name) do update set pid = excluded.pid, state = excluded.state,"
                  " since = excluded.since, restarts = excluded.restarts, why = excluded.why",
                  VALS(V(name), V(pid), V(words[state]), V(now_ms()), V(restarts), V(why)));
}
