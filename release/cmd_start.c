// cmd_start.c: release SERVICE [REV], release watch.
#include "release/cli.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool follow(struct call *c, struct str service, int64_t number, struct err *e)
{
    return watch_release(c, service, number, &(struct watch_wish){.yes = call_flag(c, "yes")}, e);
}

static void say_behind(const struct call *c, struct str service, const json_t *j)
{
    long long other = j_int(j, "behind");
    const char *verb = j_text(j, "behind_needs");
    cli_say(c, "Release %lld of " STR_F " waits for %lld to end.", (long long)j_int(j, "number"), STR_A(service),
            other);
    if (*verb)
        cli_say(c,
                "%lld waits for a person: rusuban release %s " STR_F " %lld (or: rusuban release abort " STR_F " %lld)",
                other, verb, STR_A(service), other, STR_A(service), other);
}

static bool is_building(struct call *c, struct str service)
{
    OWN_JSON *j = NULL;
    struct err none = {0};
    return cli_get(c, str_zf(c->arena, "/api/v1/releases/" STR_F "/open", STR_A(service)), &j, &none) &&
           strcmp(j_text(j, "state"), "building") == 0;
}

// A mistyped branch is told now, not as a release that failed. Only that is: whatever else is wrong the release finds
// out itself. While the service builds its mirror is in use, and the question would wait for the build.
static bool rev_ok(struct call *c, struct str service, struct str rev, struct err *e)
{
    OWN_JSON *j = NULL;
    OWN_JSON *holder = NULL;
    if (!rev.n || is_building(c, service))
        return true;
    bool ok = cli_post(c, "/api/v1/plans", KVS(KV("service", service), KV("rev", rev)), &j, e) &&
              cli_wait(c, j_int(j, "request"), &holder, e);
    if (!ok && e->kind == ERR_INPUT)
        return false;
    *e = (struct err){0};
    return true;
}

// "release rolback web" is, to the table, the revision "web" of the service "rolback".
static bool no_such_service(struct call *c, struct err *e)
{
    struct strs words = {0};
    vec_push(c->arena, &words, S("release"));
    vec_push(c->arena, &words, call_arg(c, 0));
    struct str near = e->hint[0] ? S("") : command_near(c->arena, c->tables, &words);
    return near.n > sizeof "release" ? err_hint(e, "did you mean \"rusuban " STR_F "\"?", STR_A(near)) : false;
}

bool cmd_start(struct call *c, struct err *e)
{
    OWN_JSON *j = NULL;
    struct str service = call_arg(c, 0), rev = call_arg(c, 1);
    const char *reason = call_option(c, "reason");
    if (call_flag(c, "yes") && call_flag(c, "detach"))
        return err_set(e, ERR_INPUT, "--yes approves what is followed, and --detach does not follow: give one of them");
    if (call_flag(c, "override") && !(reason && *reason))
        return err_set(e, ERR_INPUT, "--override needs --reason: the others will ask why");
    if (!rev_ok(c, service, rev, e))
        return false;
    if (!cli_post(c, "/api/v1/releases",
                  KVS(KV("service", service), KV("rev", rev), KV("override", call_flag(c, "override")),
                      KV("reason", reason ? reason : ""), KV("yes", call_flag(c, "yes"))),
                  &j, e))
        return e->kind == ERR_NOT_FOUND ? no_such_service(c, e) : false;
    if (j_int(j, "behind"))
        say_behind(c, service, j);
    if (!call_flag(c, "detach"))
        return follow(c, service, j_int(j, "number"), e);
    if (cli_json(c, j))
        return true;
    long long number = j_int(j, "number");
    if (!isatty(STDOUT_FILENO)) {       // a script wants the number
        printf("%lld\n", number);
        return true;
    }
    struct str text = str_f(c->arena, "Release %lld of " STR_F " is asked for. Follow it: rusuban release watch " STR_F
                            " %lld", number, STR_A(service), STR_A(service), number);
    put_told(stdout, text);
    putchar('\n');
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
