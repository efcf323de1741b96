// cmd_lock.c: lock set, show, lift.
#include "base/clock.h"
#include "release/cli.h"
#include <stdio.h>

bool cmd_lock_set(struct call *c, struct err *e)
{
    OWN_JSON *j = NULL;
    const char *reason = call_option(c, "reason"), *time = call_option(c, "for");
    int64_t ms = 0;
    if (!reason)
        return err_set(e, ERR_INPUT, "a lock needs --reason: it is what the others will read");
    if (time && !duration_parse(str_z(time), &ms))
        return err_set(e, ERR_INPUT, "--for: \"%s\" is not a time; write 30m, 4h or 2d", time);
    if (!cli_post(c, "/api/v1/locks",
                  KVS(KV("service", call_arg(c, 0)), KV("reason", reason), KV("for_ms", ms ? V(ms) : V_NULL)), &j, e))
        return false;
    cli_say(c, STR_F " is locked. Lift it: rusuban lock lift " STR_F, STR_A(call_arg(c, 0)), STR_A(call_arg(c, 0)));
    return cli_json(c, j) || true;
}

bool cmd_lock_show(struct call *c, struct err *e)
{
    OWN_JSON *j = NULL;
    struct str service = call_arg(c, 0);
    size_t i;
    json_t *l;
    if (!cli_get(c, service.n ? str_zf(c->arena, "/api/v1/locks?service=" STR_F, STR_A(service)) : "/api/v1/locks", &j,
                 e))
        return false;
    if (cli_json(c, j))
        return true;
    if (json_array_size(json_object_get(j, "items")) == 0)
        puts("Nothing is locked.");
    json_array_foreach(json_object_get(j, "items"), i, l) {
        printf("%-12s %s by %s since %s", j_text(l, "service"), j_int(l, "release") ? "held" : "locked",
               j_text(l, "author"), j_time(c, j, l, "since", false));
        if (j_int(l, "release"))
            printf(", release %lld", (long long)j_int(l, "release"));
        if (j_text(l, "until")[0])
            printf(", until %s", j_time(c, j, l, "until", false));
        printf(": ");
        put_foreign(stdout, str_z(j_text(l, "reason")));
        putchar('\n');
    }
    return true;
}

bool cmd_lock_lift(struct call *c, struct err *e)
{
    OWN_JSON *j = NULL;
    if (!cli_post(c, str_zf(c->arena, "/api/v1/locks/" STR_F "/lift", STR_A(call_arg(c, 0))), (struct kvs){0}, &j, e))
        return false;
    cli_say(c, STR_F " is not locked any more.", STR_A(call_arg(c, 0)));
    return cli_json(c, j) || true;
}
