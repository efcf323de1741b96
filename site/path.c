// path.c: rules for paths on hosts and inside releases. The alphabet is narrow on purpose: these texts end in
// shell lines on other machines, so what could ever need quoting is refused here already.
#include "site/reading.h"
#include "site/rules.h"

enum { PATH_MAX_BYTES = 512 };

static bool path_err(struct err *e, struct str s, const char *why, const char *hint)
{
    err_set(e, ERR_INPUT, "%s %s", shown(s).z, why);
    return err_hint(e, "%s", hint);
}

// Between the slashes: names, neither empty nor . nor ..
static bool rule_parts(struct str s, struct str parts, struct err *e)
{
    if (str_ends(parts, S("/")))
        return path_err(e, s, "ends with a slash", "leave it out");
    for (struct str rest = parts; rest.n;) {
        struct str part = str_cut(&rest, '/');
        if (str_eq(part, S("..")))
            return path_err(e, s, "holds ..", "write the path that it leads to");
        if (part.n == 0 || str_eq(part, S(".")))
            return path_err(e, s, "holds // or /./", "write it without");
        if (part.p[0] == '-')
            return path_err(e, s, "has a part that starts with -", "programs would take it for an option; rename it");
    }
    return true;
}

bool rule_absolute(struct str s, struct err *e)
{
    if (s.n == 0 || s.p[0] != '/')
        return path_err(e, s, "is not an absolute path", "it starts with /, for example /var/www/web");
    if (s.n == 1)
        return path_err(e, s, "is the root of the file system", "choose a directory, for example /var/www/web");
    if (s.n > PATH_MAX_BYTES || !str_plain(s, "._/-"))
        return path_err(e, s, "holds a character that is not allowed here, or is long",
                        "letters, digits and . _ / -, 512 at most");
    return rule_parts(s, str_from(s, 1), e);
}

bool rule_relative(struct str s, struct err *e)
{
    if (s.n == 0)
        return path_err(e, s, "is no path", "it is relative to the release, for example storage");
    if (s.p[0] == '/')
        return path_err(e, s, "is an absolute path", "it is relative to the release, for example storage");
    if (s.n > PATH_MAX_BYTES || !str_plain(s, "._/-@+"))
        return path_err(e, s, "holds a character that is not allowed here, or is long",
                        "letters, digits and . _ / - @ +, 512 at most; no patterns");
    return rule_parts(s, s, e);
}

bool rule_place(struct str s, struct err *e)
{
    return s.n && s.p[0] == '/' ? rule_absolute(s, e) : rule_relative(s, e);
}

bool rule_url_path(struct str s, struct err *e)
{
    if (s.n == 0 || s.p[0] != '/')
        return path_err(e, s, "does not start with /", "for example /up");
    if (!str_plain(s, "-._~/%?&=+:@!$'()*,;"))      // RFC 3986, 3.3 and 3.4
        return path_err(e, s, "holds a character that no URL holds", "write it as %XX");
    return true;
}

bool path_within(struct str inner, struct str outer)
{
    return str_starts(inner, outer) && (inner.n == outer.n || inner.p[outer.n] == '/');
}
