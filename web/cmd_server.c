// cmd_server.c: what works on the server itself, with or without the web role: the first invitation, and the proof of
// the audit log.
#include "base/clock.h"
#include "base/json.h"
#include "site/site.h"
#include "store/chain.h"
#include "web/client.h"
#include "web/far.h"
#include "web/person.h"
#include "web/rights.h"
#include "web/web_cli.h"
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

static bool services_of(struct call *c, struct strs *out, struct err *e)
{
    struct site *site = NULL;
    struct str rest = str_z(call_option(c, "services"));
    const struct service *known;
    if (rest.n && !site_load(c->arena, c->site, &site, e))
        return false;
    while (rest.n) {
        struct str name = str_trim(str_cut(&rest, ','));
        if (!site_need_service(site, name, &known, e))
            return false;
        vec_push(c->arena, out, name);
    }
    return true;
}

static bool read_invite(struct call *c, struct invite *i, struct err *e)
{
    const char *role = call_option(c, "role");
    int64_t minutes = call_flag(c, "anywhere") ? INVITE_HOURS * 60 : INVITE_HERE_MINUTES;
    *i = (struct invite){.name = call_arg(c, 0), .author = call_person(c), .role = ADMINISTRATOR,
                         .here = !call_flag(c, "anywhere"), .expires = now_ms() + minutes * 60000};
    if (role && !standing_parse(str_z(role), &i->role)) {
        err_set(e, ERR_INPUT, "\"%s\" is not a role", role);
        return err_hint(e, "viewer, analyst, developer or admin");
    }
    if (i->name.n && !person_name_ok(i->name, e))
        return false;
    if (!services_of(c, &i->services, e))
        return false;
    if (!i->services.n || i->role != ADMINISTRATOR)
        return true;
    err_set(e, ERR_INPUT, "an admin is limited to nothing");
    return err_hint(e, "--role developer --services ...");
}

static bool keep(struct db *db, const struct invite *i, char *text, struct err *e)
{
    struct deed d = {.who = i->author, .via = S("cli"), .verb = S("admin invite"), .subject = i->name,
                     .after = str_z(standing_name(i->role)), .ok = true};
    if (!sql_begin(db, e))
        return false;
    return (invite_make(db, i, text, e) && chain_add(db, &d, e) && sql_commit(db, e)) || sql_undo(db);
}

// The site file may be broken at this moment; then the usual address is as good as any.
static struct str link_of(struct call *c, const struct invite *i, const char *text)
{
    struct site *site = NULL;
    struct err ignored;
    bool read = site_load(c->arena, c->site, &site, &ignored);
    if (read && !i->here && site->web.names.n)
        return str_f(c->arena, "https://" STR_F "/invite/%s", STR_A(site->web.names.at[0]), text);
    return str_f(c->arena, "http://" STR_F "/invite/%s", STR_A(read ? site->web.listen : S("127.0.0.1:7070")), text);
}

static void tell(struct call *c, const struct invite *i, struct str link, bool known)
{
    char until[TIME_TEXT_MAX];
    OWN_BUF struct buf b = buf_make(4096);
    if (c->json) {
        json_object(&b, KV("name", V_OPT(i->name)), KV("link", link), KV("until", time_text(i->expires, until)));
        puts(buf_z(&b));
        return;
    }
    if (!c->quiet && known)
        fprintf(stderr, STR_F " has an account: this link sets a new password.\n", STR_A(i->name));
    if (!c->quiet)
        fprintf(stderr, "Works once, %s. Open it in a browser:\n",
                i->here ? "for 15 minutes, on this machine (or through ssh -L)" : "for three days");
    printf(STR_F "\n", STR_A(link));
}

bool cmd_admin_invite(struct call *c, struct err *e)
{
    OWN_DB struct db *db = NULL;
    struct invite i;
    struct person p;
    char text[INVITE_TEXT + 1];
    if (sodium_init() < 0)
        return err_set(e, ERR_IO, "libsodium does not start");
    if (!read_invite(c, &i, e) || !store_open(c->data, &db, e))
        return false;
    bool known = i.name.n && person_find(c->arena, db, i.name, &p, e);
    if (!keep(db, &i, text, e))
        return false;
    tell(c, &i, link_of(c, &i, text), known);
    return true;
}

// Here without the web role: whoever doubts the log may doubt what answers for it.
static bool verify_here(struct call *c, struct str noted, struct chain_head *head, struct err *e)
{
    OWN_DB struct db *db = NULL;
    return store_find(c->data, &db, e) && chain_verify(db, noted, head, e);
}

static bool verify_there(struct call *c, struct str noted, struct chain_head *head, struct err *e)
{
    OWN_JSON *root = NULL;
    const char *path = str_zf(c->arena, "/api/v1/audit/verify%s" STR_F, noted.n ? "?head=" : "", STR_A(noted));
    if (!api_json(c->arena, c->data, "GET", path, S(""), &root, e))
        return false;
    *head = (struct chain_head){.seq = j_int(root, "lines")};
    snprintf(head->hash, sizeof head->hash, "%s", j_text(root, "head"));
    if (j_true(root, "ok"))
        return true;
    err_set(e, ERR_CHECK, "%s", j_text(root, "why"));
    return err_hint(e, "compare with a backup of that server");
}

bool cmd_audit_verify(struct call *c, struct err *e)
{
    OWN_BUF struct buf b = buf_make(4096);
    struct chain_head head;
    struct str noted = str_z(call_option(c, "head"));
    if (noted.n && (noted.n != HEAD_HEX || !str_plain(noted, ""))) {
        err_set(e, ERR_INPUT, "--head is the 64 hex digits that an earlier verify printed");
        return err_hint(e, "rusuban audit verify prints them");
    }
    if (!(far_is(c->data) ? verify_there : verify_here)(c, noted, &head, e))
        return false;
    if (c->json) {
        json_object(&b, KV("ok", V_BOOL(true)), KV("lines", head.seq), KV("head", head.hash));
        puts(buf_z(&b));
    } else {
        printf("%lld lines, each as it was written. Head: %s\n", (long long)head.seq,
               head.seq ? head.hash : "none yet");
    }
    return true;
}
