// hook_in.c: webhooks that wait in the store. The web role has no secret, so it only puts them there; here they are
// believed or not: signature over the raw body first, then "seen before?", and only then is the JSON read.
#include "base/clock.h"
#include "base/say.h"
#include "release/hook.h"
#include "release/record.h"
#include "release/worker.h"
#include "site/site.h"
#include "store/secret.h"

enum { SEEN_MS_DAYS = 7, AT_ONCE = 32 };

struct hook { int64_t id; struct str service, event, delivery, signature, body; };

// Its fate for the log; "" in *detail is fine.
struct fate { const char *result; struct str detail; };

static bool seen_before(struct db *db, const struct hook *h, bool *seen, struct err *e)
{
    // The delivery's name is not signed, the body is: whoever replays a body under a new name is caught by its
    // signature. Its prefix and capitals are the sender's to choose, so what counts is the bytes that it means.
    unsigned char mac[32];
    char hex[2 * sizeof mac];
    struct str signature = str_from(h->signature, str_starts(h->signature, S("sha256=")) ? 7 : 0);
    if (hex_decode(signature, mac, sizeof mac)) {
        hex_encode(mac, sizeof mac, hex);
        signature = (struct str){hex, sizeof hex};
    }
    const struct str keys[] = {h->delivery, signature};
    *seen = false;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (keys[i].n == 0)
            continue;
        if (!sql_do(db, e, "insert or ignore into hook_seen (service, delivery, at) values (?, ?, ?)",
                    VALS(V(h->service), V(keys[i]), V(now_ms()))))
            return false;
        *seen = *seen || sql_changes(db) == 0;
    }
    return sql_do(db, e, "delete from hook_seen where at < ?", VALS(V(now_ms() - (int64_t)SEEN_MS_DAYS * 86400000)));
}

static bool queue_release(struct arena *a, struct worker *w, const struct site *site, const struct service *svc,
                          const struct hook_push *push, struct fate *fate, struct err *e)
{
    struct record r = {.service = svc->name, .wanted = push->after, .branch = svc->branch, .via = S("webhook"),
                       .asked_by = push->pusher.n ? push->pusher : S("push")};
    // Only the newest push waits.
    if (!sql_do(w->db, e,
                "update release set state = 'superseded', why = 'a newer push came', state_at = ?1, ended_at = ?1 "
                "where service = ?2 and state = 'queued' and via = 'webhook'",
                VALS(V(now_ms()), V(svc->name))))
        return false;
    if (!record_site(a, w->db, site->text, &r.site, e) || !record_add(w->db, &r, e))
        return false;
    if (svc->on_push == PUSH_ASK &&
        !sql_do(
            w->db, e,
            "insert into lock (service, release, reason, author, since) "
            "values (?, ?, 'on_push: ask', 'the site file', ?)",
            VALS(V(svc->name), V(r.id), V(now_ms()))))
        return false;
    *fate = (struct fate){"queued", str_f(a, "release %lld", (long long)r.number)};
    return true;
}

static bool judge_push(struct arena *a, struct worker *w, const struct site *site, const struct service *svc,
                       const struct hook *h, struct fate *fate, struct err *e)
{
    struct hook_push push;
    struct err odd = {0};
    if (!hook_push_parse(a, h->body, &push, &odd)) {
        *fate = (struct fate){"refused", str_f(a, "%s", odd.text)};
        return true;
    }
    struct str ref = str_f(a, "refs/heads/" STR_F, STR_A(svc->branch));
    if (svc->on_push == PUSH_OFF || push.deleted || !str_eq(push.ref, ref)) {
        *fate = (struct fate){"ignored", push.deleted ? S("a branch was deleted")
                                         : svc->on_push == PUSH_OFF
                                             ? S("on_push is off")
                                             : str_f(a, "not the branch: " STR_F, STR_A(str_head(push.ref, 200)))};
        return true;
    }
    return queue_release(a, w, site, svc, &push, fate, e);
}

// false: the store failed and the hook stays in the inbox.
static bool judge(struct arena *a, struct worker *w, const struct hook *h, struct fate *fate, struct err *e)
{
    struct site *site;
    struct str secret;
    struct err why = {0};
    bool seen;
    if (!site_load(a, w->site_path, &site, &why))
        return err_set(e, ERR_STATE, "%s", why.text);      // it waits until the site file is mended
    const struct service *svc = site_service(site, h->service);
    if (!svc || svc->webhook_secret.n == 0) {
        *fate = (struct fate){"refused", S("this service has no webhook")};
        return true;
    }
    if (!secret_get(a, w->db, w->data, "releaser", svc->webhook_secret, &secret, &why)) {
        *fate = (struct fate){"refused", str_f(a, "%s (%s)", why.text, why.hint)};
        return true;
    }
    if (!hook_signed(secret, h->body, h->signature)) {
        *fate = (struct fate){"refused", S("the signature is wrong")};
        return true;
    }
    if (!seen_before(w->db, h, &seen, e))
        return false;
    if (seen) {
        *fate = (struct fate){"replayed", S("this delivery was here before")};
        return true;
    }
    if (!str_eq(h->event, S("push"))) {
        *fate = (struct fate){"ignored", str_f(a, "event " STR_F, STR_A(str_head(h->event, 50)))};
        return true;
    }
    return judge_push(a, w, site, svc, h, fate, e);
}

static bool serve_one(struct worker *w, const struct hook *h, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 20);
    struct fate fate = {0};
    if (!sql_begin(w->db, e))
        return false;
    if (!judge(&a, w, h, &fate, e) ||
        !sql_do(w->db, e, "insert into hook_log (service, delivery, at, result, detail) values (?, ?, ?, ?, ?)",
                VALS(V(h->service), V(h->delivery), V(now_ms()), V(fate.result), V(fate.detail))) ||
        !sql_do(w->db, e, "delete from hook_inbox where id = ?", VALS(V(h->id))) || !sql_commit(w->db, e))
        return sql_undo(w->db);
    say("release.hook", KV("service", h->service), KV("delivery", h->delivery), KV("result", fate.result),
        KV("detail", fate.detail));
    return true;
}

static bool next_hook(struct arena *a, struct worker *w, struct hook *h)
{
    struct err e = {0};
    OWN_ROWS struct rows *r = sql_ask(w->db, &e, "select id, service, event, delivery, signature, body from hook_inbox "
                                      "order by id limit 1", NO_VALS);
    if (!r || !rows_next(r, &e))
        return false;
    *h = (struct hook){row_int(r, 0),    row_str(a, r, 1), row_str(a, r, 2),
                       row_str(a, r, 3), row_str(a, r, 4), row_str(a, r, 5)};
    return true;
}

// The newest thousand fates are kept; strangers must not fill the store.
static void forget_old_fates(struct worker *w)
{
    struct err e = {0};
    if (!sql_do(w->db, &e, "delete from hook_log where id <= (select max(id) from hook_log) - 1000", NO_VALS))
        say_err("release.hook", &e);
}

void hooks_serve(struct worker *w)
{
    for (int i = 0; i < AT_ONCE; i++) {
        OWN_ARENA struct arena a = arena_make(16 << 20);
        struct hook h;
        struct err e = {0};
        if (!next_hook(&a, w, &h)) {
            if (i > 0)
                forget_old_fates(w);
            return;
        }
        if (!serve_one(w, &h, &e)) {
            say_err("release.hook", &e);
            return;
        }
    }
}
