// status.c: `rusuban status`: asks the running house how it is and prints a short table.
#include "base/clock.h"
#include "house/commands.h"
#include "web/client.h"
#include <stdio.h>

static const char *text_of(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));
    return text ? text : "";
}

static int64_t number_of(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

static void print_site(struct arena *a, const json_t *root)
{
    const json_t *site = json_object_get(root, "site");
    const char *mistake = text_of(site, "mistake");
    printf("rusuban %s minds ", text_of(root, "version"));
    if (*mistake)
        printf("a site whose file has a mistake: %s\n", mistake);
    else
        printf("%s: %s, %s, %s\n", text_of(site, "name"), counted(a, number_of(site, "services"), "service"),
               counted(a, number_of(site, "hosts"), "host"), counted(a, number_of(site, "zones"), "zone"));
}

static const char *colour_of(const struct call *c, const char *state)
{
    if (!c->colour)
        return "";
    return *state == 'u' ? "\033[32m" : "\033[33m";     // up is green, all else amber
}

// "  web       up       pid 71     for 3 days, restarted 2 times, last: exited with 1"
static void print_role(const struct call *c, const json_t *role)
{
    char took[TIME_TEXT_MAX], pid[32] = "";
    const char *state = text_of(role, "state"), *why = text_of(role, "why");
    int64_t restarts = number_of(role, "restarts");
    if (number_of(role, "pid"))
        snprintf(pid, sizeof pid, "pid %lld", (long long)number_of(role, "pid"));
    printf("  %-10s%s%-9s%s%-13s for %s", text_of(role, "name"), colour_of(c, state), state, c->colour ? "\033[0m" : "",
           pid, took_text(number_of(role, "for_ms"), took));
    if (restarts)
        printf(", restarted %s", counted(c->arena, restarts, "time"));
    printf("%s%s\n", *why ? ", last: " : "", why);
}

bool cmd_status(struct call *c, struct err *e)
{
    size_t i;
    json_t *role;
    if (c->json) {
        struct answer r;
        if (!api_ask(c->arena, c->data, "GET", "/api/v1/status", S(""), &r, e))
            return false;
        printf(STR_F "\n", STR_A(r.body));
        return true;
    }
    OWN_JSON *root = NULL;
    if (!api_json(c->arena, c->data, "GET", "/api/v1/status", S(""), &root, e))
        return false;
    print_site(c->arena, root);
    json_array_foreach(json_object_get(root, "roles"), i, role)
        print_role(c, role);
    return true;
}
