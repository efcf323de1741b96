// cmd_start.c: release SERVICE [REV], release watch.
#include "release/cli.h"
#include <stdio.h>

static bool follow(struct call *c, struct str service, int64_t number, struct err *e)
{
    return watch_release(c, service, number, &(struct watch_wish){.yes = call_flag(c, "yes")}, e);
}

bool cmd_start(struct call *c, struct err *e)
{
    OWN_JSON *j = NULL;
    struct str service = call_arg(c, 0);
    const char *reason = call_option(c, "reason");
    if (!cli_post(c, "/api/v1/releases",
                  KVS(KV("service", service), KV("rev", call_arg(c, 1)), KV("override", call_flag(c, "override")),
                      KV("reason", reason ? reason : "")),
                  &j, e))
        return false;
    if (j_int(j, "behind"))
        cli_say(c, "Release %lld of " STR_F " waits for %lld to end.", (long long)j_int(j, "number"), STR_A(service),
                (long long)j_int(j, "behind"));
    if (!call_flag(c, "detach"))
        return follow(c, service, j_int(j, "number"), e);
    if (!cli_json(c, j))
        printf("%lld\n", (long long)j_int(j, "number"));
    return true;
}

bool cmd_watch(struct call *c, struct err *e)
{
    OWN_JSON *j = NULL;
    struct str service = call_arg(c, 0);
    const char *number = cli_number(c, 1, "last", e);
    if (!number || !cli_get(c, str_zf(c->arena, "/api/v1/releases/" STR_F "/%s", STR_A(service), number), &j, e))
        return false;
    return follow(c, service, j_int(j, "number"), e);
}
