// who.c: from a connection and two headers to a name, a role and what it is limited to.
#include "web/who.h"
#include "web/person.h"
#include "web/origin.h"
#include "web/session.h"
#include "web/bearer.h"
#include <pwd.h>
#include <stdio.h>

static struct str login_name(struct web *w, unsigned uid)
{
    if (!w->known.name[0] || w->known.uid != uid) {
        const struct passwd *pw = getpwuid(uid);
        w->known.uid = uid;
        if (pw)
            snprintf(w->known.name, sizeof w->known.name, "%s", pw->pw_name);
        else
            snprintf(w->known.name, sizeof w->known.name, "uid-%u", uid);
    }
    return str_z(w->known.name);
}

static bool by_kernel(struct request *r, unsigned uid, struct err *e)
{
    struct who *who = &r->ask.who;
    *who = (struct who){.uid = uid, .way = WAY_SOCKET, .name = str_dup(r->ask.arena, login_name(r->web, uid))};
    who->owner = who->stepped_up = uid == 0 || uid == r->web->owner;
    if (who->owner) {
        who->role = ADMINISTRATOR;
        return true;
    }
    err_set(e, ERR_DENIED, STR_F " has no right here", STR_A(who->name));
    return err_hint(e, "root and %s, who runs the server, have every right; others use a token",
                    login_name(r->web, r->web->owner).p);
}

static bool nobody(struct request *r, struct err *e)
{
    bool any;
    if (!person_any(r->ask.db, &any, e))
        return false;
    err_set(e, ERR_SIGNED_OUT, "nobody is signed in");
    return any ? err_hint(e, "sign in, or send a token: Authorization: Bearer rsb_...")
               : err_hint(e, "there is no account yet; on the server: rusuban admin invite");
}

bool who_settle(struct request *r, struct err *e)
{
    struct ask *q = &r->ask;
    unsigned uid;
    if (r->portal->kind == PORTAL_SOCKET)
        return gate_uid(r->gate, &uid) ? by_kernel(r, uid, e) : err_set(e, ERR_SIGNED_OUT, "nobody is known");
    if (ask_header(q, "authorization").n)
        return bearer_who(q, bearer_of_header(ask_header(q, "authorization")), &q->who, e);
    struct str cookie = session_cookie(ask_header(q, "cookie"));
    if (!cookie.n)
        return nobody(r, e);
    return (r->method == GET || origin_is_ours(r, e)) && session_who(q, cookie, &q->who, e);
}
