// house.c: the commands of the house, one row each; their functions are in the file of their name.
#include "house/commands.h"

const struct house *the_house;

void house_open(const struct house *h)
{
    the_house = h;
}

const struct role *role_find(struct str name)
{
    for (const struct role *r = the_house->roles; r->name; r++)
        if (str_eq(name, str_z(r->name)))
            return r;
    return NULL;
}

const char *counted(struct arena *a, int64_t n, const char *noun)
{
    return str_zf(a, "%lld %s%s", (long long)n, noun, n == 1 ? "" : "s");
}

static const struct option role_option[] = {
    {"role", "ROLE", "the role that may open it, releaser unless said"}, HERE_OPTION, {0}};

static const struct option trust_options[] = {
    {"yes", NULL, "say yes to the fingerprints that are shown"},
    {"fingerprint", "SHA256:...", "accept only the key with this fingerprint, and do not ask"},
    {"replace", NULL, "the host has a new key: forget the pinned one"},
    {"forge", NULL, "HOST is where repositories live, NAME or NAME:PORT, and needs no place in the site file"},
    HERE_OPTION,
    {0}};

static const struct option key_options[] = {{"forge", NULL, "the key for reading repositories instead"}, HERE_OPTION, {0}};

const struct command house_commands[] = {
    {"serve", "[ROLE]", NULL, "mind the house: run every role, or one role alone", "rusuban serve", cmd_serve},
    {"status", "", at_options, "how the house is: its roles and since when", "rusuban status", cmd_status},
    {"doctor", "", here_options, "look at this machine and every host, and say what to do", "rusuban doctor", cmd_doctor},
    {"host trust", "HOST", trust_options, "show a host's key to a person and pin it", "rusuban host trust app1",
     cmd_host_trust},
    {"host key", "", key_options, "print our public key and the line for authorized_keys", "rusuban host key",
     cmd_host_key},
    {"secret set", "NAME", role_option, "keep a secret; its value is read from stdin",
     "rusuban secret set web_hook < hook.txt", cmd_secret_set},
    {"secret list", "", here_options, "the names of the secrets, never a value", "rusuban secret list", cmd_secret_list},
    {"secret drop", "NAME", role_option, "forget a secret", "rusuban secret drop web_hook", cmd_secret_drop},
    {"api spec", "", NULL, "the API as an OpenAPI document, made from the routes themselves",
     "rusuban api spec > openapi.json", cmd_api_spec},
    {"api types", "", NULL, "the same as types of TypeScript, for pages and scripts",
     "rusuban api types > answers.d.ts", cmd_api_types},
    {"version", "", NULL, "the version of this program; with --json also of what it is built on", "rusuban version",
     cmd_version},
    {"help", "[COMMAND...]", NULL, "explain a command", "rusuban help release", cmd_help},
    {0}};
