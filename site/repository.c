// repository.c: rules for where code comes from. These texts become arguments of git, which knows transports that
// run programs (ext::) and hosts that look like options; only four plain forms pass.
#include "site/reading.h"
#include "site/rules.h"

// HOST or HOST:PORT
static bool host_and_port(struct str s)
{
    struct str port = s, host = str_cut(&port, ':');
    struct err ignored;
    uint64_t n;
    if (port.n && (!str_u64(port, &n) || n < 1 || n > 65535))
        return false;
    return rule_address(host, &ignored) && (port.n > 0 || host.n == s.n);
}

static bool user_of(struct str s)
{
    struct err ignored;
    return rule_user(s, &ignored);
}

static bool plain_path(struct str s)
{
    return str_plain(s, "._/~+%@-") && s.p[0] != '-';
}

// [USER@]HOST[:PORT]/PATH
static bool location(struct str rest, bool user_may)
{
    struct str host = str_cut(&rest, '/');
    if (str_has(host, '@') && (!user_may || !user_of(str_cut(&host, '@'))))
        return false;
    return host_and_port(host) && plain_path(rest);
}

// USER@HOST:PATH, the form of scp
static bool scp_form(struct str s)
{
    struct str user = str_cut(&s, '@'), host = str_cut(&s, ':');
    struct err ignored;
    return user_of(user) && rule_address(host, &ignored) && plain_path(s);
}

// A path on this machine is an argument of git and nothing else, so it may hold blanks and any letters.
static bool local_path(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F)
            return false;
    return s.n > 1 && s.n <= 512;
}

static bool known_form(struct str s)
{
    if (str_starts(s, S("ssh://")))
        return location(str_from(s, 6), true);
    if (str_starts(s, S("https://")))
        return location(str_from(s, 8), false);
    if (str_starts(s, S("/")))
        return local_path(s);
    return str_find(s, S("::")) < 0 && str_find(s, S("://")) < 0 && scp_form(s);
}

static bool secret_inside(struct str s)
{
    struct str host = str_from(s, 8);
    return str_starts(s, S("https://")) && str_has(str_cut(&host, '/'), '@');
}

bool rule_repository(struct str s, struct err *e)
{
    if (known_form(s))
        return true;
    if (secret_inside(s)) {
        err_set(e, ERR_INPUT, "an https:// address with a user or password inside");
        return err_hint(e, "anybody may read this file; use ssh with a deploy key: git@forge.example:kotori/web.git");
    }
    err_set(e, ERR_INPUT, "%s is not a repository that can be fetched safely", shown(s).z);
    return err_hint(e, "ssh://user@host/path, https://host/path, user@host:path or an absolute path");
}

static bool branch_err(struct err *e, struct str s, const char *why)
{
    err_set(e, ERR_INPUT, "%s is not a branch: %s", shown(s).z, why);
    return err_hint(e, "the name as \"git branch\" shows it, for example main");
}

// One part between slashes (git-check-ref-format(1), rules 1 and 6).
static const char *wrong_with_part(struct str part)
{
    if (part.n == 0)
        return "it starts or ends with / or holds //";
    if (part.p[0] == '.')
        return "a part starts with a dot";
    return str_ends(part, S(".lock")) ? "a part ends with .lock" : NULL;
}

// git-check-ref-format(1), rules 3 to 9, and the leading dash that --branch refuses.
static const char *wrong_with_all(struct str s)
{
    if (s.p[0] == '-')
        return "it starts with a dash";
    if (str_find(s, S("..")) >= 0 || str_find(s, S("@{")) >= 0)
        return "it holds .. or @{";
    if (str_ends(s, S(".")))
        return "it ends with a dot";
    if (str_eq(s, S("@")) || str_eq(s, S("HEAD")))
        return "git means something else by it";
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= ' ' || c == 0x7F || str_has(S("~^:?*[\\"), (char)c))
            return "it holds a blank, a control or one of ~ ^ : ? * [ \\";
    }
    return NULL;
}

bool rule_branch(struct str s, struct err *e)
{
    if (s.n == 0 || s.n > 200)
        return branch_err(e, s, "1 to 200 bytes");
    if (str_starts(s, S("refs/heads/"))) {
        err_set(e, ERR_INPUT, "%s is a full reference", shown(s).z);
        return err_hint(e, "did you mean %s?", shown(str_from(s, 11)).z);
    }
    const char *why = wrong_with_all(s);
    for (struct str rest = s; !why && rest.n;)
        why = wrong_with_part(str_cut(&rest, '/'));
    if (!why && str_ends(s, S("/")))
        why = wrong_with_part(S(""));
    return why ? branch_err(e, s, why) : true;
}

// Plain http only to this machine, where a relay of the company may listen.
bool rule_https(struct str s, struct err *e)
{
    bool here = str_starts(s, S("http://127.")) || str_starts(s, S("http://localhost"));
    struct str rest = str_from(s, here ? 7 : 8), host = str_cut(&rest, '/');
    if ((here || str_starts(s, S("https://"))) && host_and_port(host)
        && (rest.n == 0 || str_plain(rest, "-._~/%?&=+:@!$'()*,;")))
        return true;
    err_set(e, ERR_INPUT, "%s is not an https:// address", shown(s).z);
    return err_hint(e, "for example https://chat.example/hooks/releases");
}

// Without TLS whoever stands in between could sign in as anybody, so there is no exception for this machine.
bool rule_issuer(struct str s, struct err *e)
{
    if (str_starts(s, S("https://")) && !str_has(s, '?') && rule_https(s, e))
        return true;
    err_set(e, ERR_INPUT, "%s is not the https:// address of a provider", shown(s).z);
    return err_hint(e, "for example https://id.example, as its own configuration says it");
}
