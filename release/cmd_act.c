// cmd_act.c: approve, reject, abort, hold, continue, leave, rollback: one POST each, then what came of it.
#include "release/cli.h"
#include <stdio.h>
#include <stdlib.h>

// Posts to .../releases/SERVICE/NUMBER/verb; `open` is the running release.
static bool act(struct call *c, const char *verb, struct kvs body, json_t **j, struct err *e)
{
    const char *number = cli_number(c, 1, "open", e);
    return number &&
           cli_post(c, str_zf(c->arena, "/api/v1/releases/" STR_F "/%s/%s", STR_A(call_arg(c, 0)), number, verb), body,
                    j, e);
}

// Follows what the act set in motion. Going back is success here: it is what was asked for.
static bool follow(struct call *c, const json_t *j, bool back_is_good, struct err *e)
{
    OWN_JSON *answer = NULL;
    if (j_int(j, "request") && !cli_wait(c, j_int(j, "request"), &answer, e))
        return false;
    if (call_flag(c, "detach"))
        return cli_json(c, j) || true;
    bool ok = watch_release(c, call_arg(c, 0), j_int(j, "number"), &(struct watch_wish){0}, e);
    if (!ok && back_is_good && (e->kind == ERR_CHECK || e->kind == ERR_STATE)) {
        OWN_JSON *r = NULL;
        struct err ignored = {0};
        if (!cli_get(c,
                     str_zf(c->arena, "/api/v1/releases/" STR_F "/%lld", STR_A(call_arg(c, 0)),
                            (long long)j_int(j, "number")),
                     &r, &ignored))
            return false;
        struct str state = str_z(j_text(r, "state"));
        ok = str_eq(state, S("rolled_back")) || str_eq(state, S("failed")) || str_eq(state, S("left")) ||
             str_eq(state, S("cancelled"));
    }
    return ok;
}

static const char *text_option(const struct call *c, const char *name)
{
    const char *z = call_option(c, name);
    return z ? z : "";
}

bool cmd_approve(struct call *c, struct err *e)
{
    OWN_JSON *j = NULL;
    return act(c, "approve", KVS(KV("note", text_option(c, "note")), KV("override", call_flag(c, "override"))), &j,
               e) &&
           follow(c, j, false, e);
}

bool cmd_reject(struct call *c, struct err *e)
{
    OWN_JSON *j = NULL;
    return act(c, "reject", KVS(KV("note", text_option(c, "note"))), &j, e) && follow(c, j, true, e);
}

bool cmd_abort(struct call *c, struct err *e)
{
    OWN_JSON *j = NULL;
    return act(c, "abort", KVS(KV("note", text_option(c, "note")), KV("leave", call_flag(c, "leave"))), &j, e) &&
           follow(c, j, true, e);
}

bool cmd_hold(struct call *c, struct err *e)
{
    OWN_JSON *j = NULL;
    if (!call_option(c, "reason"))
        return err_set(e, ERR_INPUT, "a hold needs --reason: the others will ask why");
    if (!act(c, "hold", KVS(KV("reason", text_option(c, "reason"))), &j, e))
        return false;
    cli_say(c, "Release %lld of " STR_F " goes no further than its step. Lift it: rusuban release continue " STR_F,
            (long long)j_int(j, "number"), STR_A(call_arg(c, 0)), STR_A(call_arg(c, 0)));
    return cli_json(c, j) || true;
}

bool cmd_continue(struct call *c, struct err *e)
{
    OWN_JSON *j = NULL;
    return act(c, "continue", (struct kvs){0}, &j, e) && follow(c, j, false, e);
}

bool cmd_leave(struct call *c, struct err *e)
{
    OWN_JSON *j = NULL;
    return act(c, "leave", (struct kvs){0}, &j, e) && follow(c, j, true, e);
}

// Going on to a later release by number is a rollback, too: there is nothing that a push could bring back.
static void say_locked(struct call *c, const json_t *j)
{
    bool back = j_int(j, "to") < j_int(j, "from");
    cli_say(c, "Locked      so that the next push does not %s %lld%s. Lift it: rusuban lock lift " STR_F,
            back ? "bring" : "replace", (long long)j_int(j, back ? "from" : "to"), back ? " back" : "",
            STR_A(call_arg(c, 0)));
}

bool cmd_rollback(struct call *c, struct err *e)
{
    OWN_JSON *j = NULL;
    uint64_t to = 0;
    const char *wanted = call_option(c, "to");
    if (wanted && (!str_u64(str_z(wanted), &to) || to == 0))
        return err_set(e, ERR_INPUT, "--to: \"%s\" is not a release number", wanted);
    if (!cli_post(
            c, "/api/v1/rollbacks",
            KVS(KV("service", call_arg(c, 0)), KV("to", to ? V(to) : V_NULL), KV("reason", text_option(c, "reason"))),
            &j, e))
        return false;
    // Without "to" the running release was turned back, and that it ended so is what was asked for. A rollback that
    // fails has failed.
    bool ok = follow(c, j, j_int(j, "to") == 0, e);
    if (ok && j_int(j, "to"))
        say_locked(c, j);
    return ok;
}
