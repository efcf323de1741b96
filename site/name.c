// name.c: rules for words that people choose: names, users, images, units, time zones.
#include "site/reading.h"
#include "site/rules.h"
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_MAX_BYTES = 32, ZONE_MAX_BYTES = 64 };

// Bytes of s from the alphabet, the first of them from `first`.
static bool made_of(struct str s, const char *first, const char *rest, size_t most)
{
    if (s.n == 0 || s.n > most || !strchr(first, s.p[0]) || s.p[0] == 0)
        return false;
    for (size_t i = 1; i < s.n; i++)
        if (s.p[i] == 0 || !strchr(rest, s.p[i]))
            return false;
    return true;
}

#define SMALL   "abcdefghijklmnopqrstuvwxyz"
#define LARGE   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

bool rule_name(struct str s, struct err *e)
{
    if (made_of(s, SMALL, SMALL DIGITS "-", NAME_MAX_BYTES))
        return true;
    err_set(e, ERR_INPUT, "%s is not a name", shown(s).z);
    return err_hint(e, "a small letter, then small letters, digits and -, 32 at most");
}

// `rusuban release VERB` would hide a service of that name.
static const char *const verbs[] = {
    "plan", "status", "show", "watch", "approve", "reject", "abort", "hold", "continue", "leave", "rollback", "hosts",
    "sync", "prune", "preflight", "adopt", "takeover", "start", "history", "lock", "agent", "pack", "make",
};

bool rule_service(struct str s, struct err *e)
{
    if (!rule_name(s, e))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (str_eq(s, str_z(verbs[i]))) {
            err_set(e, ERR_INPUT, "%s is a word of \"rusuban release\", so no service can have it", shown(s).z);
            return err_hint(e, "choose another name, for example %s-app", verbs[i]);
        }
    return true;
}

bool rule_label(struct str s, struct err *e)
{
    if (made_of(s, SMALL, SMALL DIGITS "-_", NAME_MAX_BYTES))
        return true;
    err_set(e, ERR_INPUT, "%s is not a name", shown(s).z);
    return err_hint(e, "a small letter, then small letters, digits, - and _, 32 at most");
}

// Not one that has a meaning of its own in our API.
bool rule_header(struct str s, struct err *e)
{
    static const char *const taken[] = {"host", "cookie", "authorization", "origin", "content-type", "content-length",
                                        "x-forwarded-for", "rusuban-proxy-secret"};
    bool ok = made_of(s, SMALL LARGE, SMALL LARGE DIGITS "-", 64);
    for (size_t i = 0; i < ARRAY_LEN(taken); i++)
        ok = ok && !(s.n == strlen(taken[i]) && strncasecmp(s.p, taken[i], s.n) == 0);
    if (ok)
        return true;
    err_set(e, ERR_INPUT, "%s is not a header that can say who somebody is", shown(s).z);
    return err_hint(e, "for example X-Remote-User");
}

bool rule_field(struct str s, struct err *e)
{
    if (made_of(s, SMALL LARGE DIGITS "_.-", SMALL LARGE DIGITS "_.-", 64))
        return true;
    err_set(e, ERR_INPUT, "%s is not a label", shown(s).z);
    return err_hint(e, "letters, digits and _ . -, 64 at most");
}

bool rule_claim(struct str s, struct err *e)
{
    if (made_of(s, SMALL LARGE, SMALL LARGE DIGITS "_.:/-", 128))
        return true;
    err_set(e, ERR_INPUT, "%s is not the name of a claim", shown(s).z);
    return err_hint(e, "groups, realm_access.roles, https://example.com/roles");
}

// What lies beside the datasets in the lake.
static const char *const of_the_lake[] = {"wal", "spill", "datasets", "lock"};

bool rule_dataset(struct str s, struct err *e)
{
    for (size_t i = 0; i < ARRAY_LEN(of_the_lake); i++)
        if (str_eq(s, str_z(of_the_lake[i]))) {
            err_set(e, ERR_INPUT, "%s is a name of the lake's own, so no dataset can have it", shown(s).z);
            return err_hint(e, "choose another name, for example %s_log", of_the_lake[i]);
        }
    if (made_of(s, SMALL, SMALL DIGITS "_", NAME_MAX_BYTES) && !str_ends(s, S("_bad")))
        return true;
    err_set(e, ERR_INPUT, "%s is not the name of a dataset", shown(s).z);
    return err_hint(e, "a small letter, then small letters, digits and _, 32 at most, and not _bad at the end");
}

bool rule_user(struct str s, struct err *e)
{
    if (made_of(s, SMALL LARGE "_", SMALL LARGE DIGITS "_.-", NAME_MAX_BYTES))
        return true;
    err_set(e, ERR_INPUT, "%s is not a login name", shown(s).z);
    return err_hint(e, "a letter or _, then letters, digits, _ . and -, 32 at most");
}

bool rule_image(struct str s, struct err *e)
{
    if (made_of(s, SMALL LARGE DIGITS, SMALL LARGE DIGITS "._-/:@", 255))
        return true;
    err_set(e, ERR_INPUT, "%s is not the name of an image", shown(s).z);
    return err_hint(e, "for example kotori/build or registry.example/kotori/build:12");
}

bool rule_unit(struct str s, struct err *e)
{
    if (made_of(s, SMALL LARGE DIGITS, SMALL LARGE DIGITS ":_.@-", 255))
        return true;
    err_set(e, ERR_INPUT, "%s is not the name of a systemd unit", shown(s).z);
    return err_hint(e, "for example php8.2-fpm or kotori-web.service");
}

static const char zone_dir[] = "/usr/share/zoneinfo";

// A system without the list of zones (a bare container) believes the file.
static bool zone_known(struct str s)
{
    char path[sizeof zone_dir + ZONE_MAX_BYTES + 1];
    struct stat st;
    snprintf(path, sizeof path, "%s/" STR_F, zone_dir, STR_A(s));
    return access(zone_dir, F_OK) != 0 || (stat(path, &st) == 0 && S_ISREG(st.st_mode));
}

bool rule_timezone(struct str s, struct err *e)
{
    bool formed = made_of(s, LARGE SMALL, LARGE SMALL DIGITS "_+-/", ZONE_MAX_BYTES) && str_find(s, S("//")) < 0;
    if (formed && zone_known(s))
        return true;
    err_set(e, ERR_INPUT, "unknown timezone %s", shown(s).z);
    return err_hint(e, "a name such as Asia/Tokyo or UTC; %s lists them", zone_dir);
}
