// rights.c: the tables of roles, ways and rights, and the two questions that are asked of them.
#include "web/rights.h"
#include <string.h>

// What a role has is said in full: nothing is inherited but what "viewer" names.
#define BIT(right)  (1u << (right))
static const unsigned everybody = BIT(PUBLIC);
static const unsigned viewer = BIT(PUBLIC) | BIT(SEE) | BIT(SELF) | BIT(OWN);
static const struct { const char *name; unsigned rights; } roles[] = {
    [STRANGER] = {"nobody", everybody},
    [VIEWER] = {"viewer", viewer},
    [ANALYST] = {"analyst", viewer | BIT(LOG_READ)},
    // RELEASE_APPROVE: where the site file names approvers, only they are asked. RELEASE_STOP: of another person's
    // release only after the password was typed again (ask_step_up).
    [DEVELOPER] = {"developer", viewer | BIT(LOG_READ) | BIT(RELEASE_START) | BIT(RELEASE_APPROVE) | BIT(RELEASE_STOP)
                   | BIT(LOCK_SET)},
    [ADMINISTRATOR] = {"admin", viewer | BIT(LOG_READ) | BIT(RELEASE_START) | BIT(RELEASE_APPROVE) | BIT(RELEASE_STOP)
                       | BIT(LOCK_SET) | BIT(ADMIN) | BIT(PEOPLE)},
};

// A token is a script's, and may be found by somebody: it acts for the house as far as its role and services go, but
// what belongs to a person, and who may come in at all, is for persons: a session, a proxy's word or the socket.
static const struct { const char *name; bool persons_only; } rights[] = {
    [R_NOBODY] = {.name = "nobody"},
    [SEE] = {.name = "see"},
    [SELF] = {.name = "self"},
    [OWN] = {"own", true},
    [LOG_READ] = {.name = "log_read"},
    [RELEASE_START] = {.name = "release_start"},
    [RELEASE_APPROVE] = {.name = "release_approve"},
    [RELEASE_STOP] = {.name = "release_stop"},
    [LOCK_SET] = {.name = "lock_set"},
    [ADMIN] = {.name = "admin"},
    [PEOPLE] = {"people", true},
    [HOOK] = {.name = "hook"},
    [PUBLIC] = {.name = "public"}};
_Static_assert(ARRAY_LEN(rights) == RIGHTS, "every right has a name");

bool standing_has(enum standing role, enum right right)
{
    return roles[role].rights & BIT(right);
}

const char *standing_name(enum standing role)
{
    return roles[role].name;
}

bool standing_parse(struct str word, enum standing *out)
{
    for (enum standing s = VIEWER; s < ARRAY_LEN(roles); s++)
        if (str_eq(word, str_z(roles[s].name))) {
            *out = s;
            return true;
        }
    return false;
}

const char *right_name(enum right right)
{
    return rights[right].name;
}

bool right_is_a_persons(enum right right)
{
    return rights[right].persons_only;
}

bool right_is_of_a_service(enum right right)
{
    return right == RELEASE_START || right == RELEASE_APPROVE || right == RELEASE_STOP || right == LOCK_SET;
}

static const char *roles_with(struct arena *a, enum right right)
{
    OWN_BUF struct buf who = buf_make(200);
    for (enum standing s = VIEWER; s < ARRAY_LEN(roles); s++)
        if (standing_has(s, right))
            buf_addf(&who, "%s%s", who.n ? ", " : "", standing_name(s));
    return str_zdup(a, buf_str(&who));
}

static bool not_this_role(const struct ask *q, struct err *e)
{
    const char *who = roles_with(q->arena, q->route->right);
    err_set(e, ERR_DENIED, STR_F " (%s) may not do this", STR_A(q->who.name), standing_name(q->who.role));
    if (q->who.way == WAY_TOKEN)
        return err_hint(e, "this takes the role %s; a token of that role does it: rusuban token make NAME --role ROLE",
                        who);
    return err_hint(e, "this takes the role %s; an admin can change roles: rusuban people set " STR_F " --role ROLE",
                    who, STR_A(q->who.name));
}

// Asked before the role: no token of any role does what takes a person, so none is told to be made.
static bool a_person_where_needed(const struct ask *q, struct err *e)
{
    enum right right = q->route->right;
    if (!right_is_a_persons(right) || ask_by_person(q, e))
        return true;
    return standing_has(q->who.role, right) ? false
        : err_hint(e, "one with the role %s, signed in or at the socket on the server", roles_with(q->arena, right));
}

bool rights_allow(struct ask *q, struct err *e)
{
    if (!a_person_where_needed(q, e))
        return false;
    if (!standing_has(q->who.role, q->route->right))
        return not_this_role(q, e);
    return !(q->route->flags & R_STEP_UP) || ask_step_up(q, e);
}

static const struct field *service_field(const struct route *route)
{
    for (size_t i = 0; i < route->in_n; i++)
        if (strcmp(route->in[i].name, "service") == 0 && route->in[i].type == F_STR)
            return &route->in[i];
    return NULL;
}

bool rights_row_names_service(const struct route *route)
{
    const struct field *f = service_field(route);
    return strstr(route->path, "{service}") || (f && f->required);
}

bool rights_service(struct ask *q, struct err *e)
{
    if (!q->who.services.n || !right_is_of_a_service(q->route->right))
        return true;
    const struct field *f = service_field(q->route);
    bool in_path = strstr(q->route->path, "{service}");
    struct str service = in_path ? ask_param(q, "service")
                         : f ? *(const struct str *)((const char *)q->in + f->at) : S("");
    if (strs_have(&q->who.services, service))
        return true;
    if (!in_path && service.n)
        q->remark.subject = str_f(q->arena, "%s " STR_F, q->route->path, STR_A(service));
    err_set(e, ERR_DENIED, STR_F " may act on " STR_F " only", STR_A(q->who.name),
            STR_A(services_text(q->arena, &q->who.services)));
    return err_hint(e, "an admin can change that: rusuban people set " STR_F " --services ...", STR_A(q->who.name));
}

bool rights_has(const struct ask *q, enum right right, struct str service)
{
    bool kept_from = right_is_of_a_service(right) && q->who.services.n && !strs_have(&q->who.services, service);
    return standing_has(q->who.role, right) && !kept_from;
}

struct strs services_parse(struct arena *a, struct str words)
{
    struct strs out = {0};
    for (struct str word; (word = str_word(&words)).n;)
        vec_push(a, &out, str_dup(a, word));
    return out;
}

struct str services_text(struct arena *a, const struct strs *services)
{
    OWN_BUF struct buf b = buf_make(8192);
    for (size_t i = 0; i < services->n; i++) {
        if (i)
            buf_addc(&b, ' ');
        buf_add(&b, services->at[i]);
    }
    return str_dup(a, buf_str(&b));
}
