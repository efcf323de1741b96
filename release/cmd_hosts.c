// cmd_hosts.c: which host has what: asked now, unless --stored; --verify compares bytes; --out and --in.
#include "base/clock.h"
#include "release/cli.h"
#include <stdio.h>
#include <string.h>

static bool ask_hosts(struct call *c, const char *what, json_t **holder, struct err *e)
{
    OWN_JSON *j = NULL;
    return cli_post(c, str_zf(c->arena, "/api/v1/services/" STR_F "/%s", STR_A(call_arg(c, 0)), what), (struct kvs){0},
                    &j, e) &&
           cli_wait(c, j_int(j, "request"), holder, e);
}

static void print_host(struct call *c, const json_t *answer, const json_t *h)
{
    const char *seen = j_time(c, answer, h, "seen_at", true);
    printf("%-10s %-3s ", j_text(h, "host"), j_text(h, "zone"));
    if (!seen[0])
        printf("never seen");
    else if (j_int(h, "current") == 0)
        printf("runs nothing yet");
    else if (j_int(h, "current") < 0)
        printf("current is not a release of ours");
    else
        printf("runs %lld", (long long)j_int(h, "current"));
    if (j_text(h, "holds")[0])
        printf("  has %s", j_text(h, "holds"));
    if (seen[0])
        printf("  fence %lld  seen %s", (long long)j_int(h, "fence"), seen);
    if (j_text(h, "error")[0]) {
        printf("  NOT REACHED: ");
        put_foreign(stdout, str_z(j_text(h, "error")));
    }
    if (j_text(h, "out_by")[0])
        printf("  out by %s: %s", j_text(h, "out_by"), j_text(h, "out_reason"));
    puts(j_true(h, "behind") ? "  behind" : "");
}

static bool any_not_reached(const json_t *hosts, const char *key)
{
    size_t i;
    json_t *h;
    json_array_foreach(hosts, i, h)
        if (j_text(h, key)[0])
            return true;
    return false;
}

static bool list(struct call *c, struct err *e)
{
    OWN_JSON *j = NULL;
    OWN_JSON *looked = NULL;
    size_t i;
    json_t *h;
    if (!call_flag(c, "stored") && !ask_hosts(c, "look", &looked, e))
        return false;
    if (!cli_get(c, str_zf(c->arena, "/api/v1/services/" STR_F "/hosts", STR_A(call_arg(c, 0))), &j, e))
        return false;
    if (!cli_json(c, j))
        json_array_foreach(json_object_get(j, "hosts"), i, h)
            print_host(c, j, h);
    if (any_not_reached(json_object_get(j, "hosts"), "error"))
        return err_set(e, ERR_PEER, "not every host could be reached");
    return true;
}

static bool verify(struct call *c, struct err *e)
{
    OWN_JSON *j = NULL;
    size_t i, k;
    json_t *h, *path;
    bool differs = false;
    if (!ask_hosts(c, "verify", &j, e))
        return false;
    const json_t *hosts = json_object_get(json_object_get(j, "answer"), "hosts");
    bool said = cli_json(c, json_object_get(j, "answer"));
    json_array_foreach(hosts, i, h) {
        const json_t *paths = json_object_get(h, "differs");
        differs = differs || json_array_size(paths) > 0;
        if (said)
            continue;
        if (j_text(h, "error")[0]) {
            printf("%-10s not compared: ", j_text(h, "host"));
            put_foreign(stdout, str_z(j_text(h, "error")));
            putchar('\n');
        } else if (json_array_size(paths) == 0)
            printf("%-10s equal, byte for byte\n", j_text(h, "host"));
        json_array_foreach(paths, k, path) {
            printf("%-10s differs: ", j_text(h, "host"));
            put_foreign(stdout, str_z(json_string_value(path)));
            putchar('\n');
        }
    }
    if (any_not_reached(hosts, "error"))
        return err_set(e, ERR_PEER, "not every host could be compared");
    return !differs || err_set(e, ERR_CHECK, "what is live is not what was packed");
}

static bool mark(struct call *c, const char *host, const char *how, struct err *e)
{
    OWN_JSON *j = NULL;
    const char *reason = call_option(c, "reason");
    bool out = strcmp(how, "out") == 0;
    if (out && !reason)
        return err_set(e, ERR_INPUT, "--out needs --reason");
    const char *path = str_zf(c->arena, "/api/v1/services/" STR_F "/hosts/%s/%s", STR_A(call_arg(c, 0)), host, how);
    if (!cli_post(c, path, out ? KVS(KV("reason", reason)) : (struct kvs){0}, &j, e))
        return false;
    cli_say(c, out ? "%s gets no releases until --in %s." : "%s takes part again; the next release brings %s level.",
            host, host);
    return cli_json(c, j) || true;
}

bool cmd_takeover(struct call *c, struct err *e)
{
    OWN_JSON *looked = NULL;
    OWN_JSON *j = NULL;
    const char *reason = call_option(c, "reason");
    if (!reason)
        return err_set(e, ERR_INPUT, "a takeover needs --reason: two servers that both release are two minds");
    if (!ask_hosts(c, "look", &looked, e) ||
        !cli_post(c, str_zf(c->arena, "/api/v1/services/" STR_F "/takeover", STR_A(call_arg(c, 0))),
                  KVS(KV("reason", reason)), &j, e))
        return false;
    cli_say(c, "The next release of " STR_F " comes from here: every host will refuse the other server.",
            STR_A(call_arg(c, 0)));
    return cli_json(c, j) || true;
}

bool cmd_hosts(struct call *c, struct err *e)
{
    const char *out = call_option(c, "out"), *in = call_option(c, "in");
    if (out || in)
        return mark(c, out ? out : in, out ? "out" : "in", e);
    return call_flag(c, "verify") ? verify(c, e) : list(c, e);
}
