// notify_cli.c: `rusuban notify`: try a notifier out, see what became of notices.
#include "base/clock.h"
#include "base/json.h"
#include "notify/notify.h"
#include "site/site.h"
#include "store/notice.h"
#include <stdio.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000, LOOK_MS = 50, LISTED = 20 };

static struct str notifier_name(const void *site, size_t i)
{
    return ((const struct site *)site)->notifiers.at[i].name;
}

static bool need_notifier(const struct site *s, struct str name, struct err *e)
{
    for (size_t i = 0; i < s->notifiers.n; i++)
        if (str_eq(s->notifiers.at[i].name, name))
            return true;
    struct str near = str_nearest(name, s->notifiers.n, notifier_name, s);
    err_set(e, ERR_NOT_FOUND, "the site has no notifier \"" STR_F "\"", STR_A(name));
    return near.n ? err_hint(e, "rusuban notify test " STR_F, STR_A(near)) : false;
}

static bool write_test(struct call *c, struct db *db, const struct site *s, struct str name, int64_t *id, struct err *e)
{
    OWN_BUF struct buf body = buf_make(NOTICE_BODY_MAX);
    struct strs to = {0};
    vec_push(c->arena, &to, name);
    json_object(&body, KV("event", "test"), KV("site", s->name),
                KV("text", str_f(c->arena, "A test: notices to " STR_F " arrive.", STR_A(name))));
    if (!sql_begin(db, e))
        return false;
    if (!notice_add(db, S(""), 0, "test", buf_str(&body), &to, e))
        return sql_undo(db);
    *id = sql_last_id(db);
    return sql_commit(db, e) || sql_undo(db);
}

// Until it was sent or the first try failed.
static bool follow(struct call *c, struct db *db, int64_t id, struct str *error, struct err *e)
{
    for (int64_t until = tick_ms() + PATIENCE_MS; tick_ms() < until; usleep(LOOK_MS * 1000)) {
        int64_t tries;
        if (!sql_int(db, e, &tries, "select tries from notice where id = ?", VALS(V(id))))
            return false;
        if (tries)
            return sql_str(c->arena, db, e, error, "select coalesce(error, '') from notice where id = ?", VALS(V(id)));
    }
    err_set(e, ERR_PEER, "the watcher has not sent it within %d s; it stays due", PATIENCE_MS / 1000);
    return err_hint(e, "rusuban status");
}

static bool cmd_test(struct call *c, struct err *e)
{
    OWN_DB struct db *db = NULL;
    struct site *s;
    struct str name = call_arg(c, 0), error = {0};
    int64_t id = 0;
    if (!site_load(c->arena, c->site, &s, e) || !need_notifier(s, name, e) || !store_find(c->data, &db, e)
        || !write_test(c, db, s, name, &id, e))
        return false;
    wake_role(c->data, "watcher");
    if (!follow(c, db, id, &error, e))
        return false;
    if (error.n)
        return err_set(e, ERR_PEER, STR_F ": " STR_F, STR_A(name), STR_A(error));
    OWN_BUF struct buf b = buf_make(4096);
    json_object(&b, KV("notice", id), KV("notifier", name));
    if (c->json)
        puts(buf_z(&b));
    else if (!c->quiet)
        fprintf(stderr, "Notice %lld reached " STR_F "\n", (long long)id, STR_A(name));
    return true;
}

static const char list_sql[] = "select id, at, service, release, kind, notifier, tries, next_at, sent_at, error"
                               " from notice order by id desc limit ?";

static const char *state_of(const struct rows *r)
{
    return !row_null(r, 8) ? "sent" : row_null(r, 7) ? "given up" : row_int(r, 6) ? "failed" : "waiting";
}

static void print(struct call *c, const struct rows *r)
{
    char took[TIME_TEXT_MAX];
    struct str kind = row_str(c->arena, r, 4), to = row_str(c->arena, r, 5), error = row_str(c->arena, r, 9);
    printf("%-6lld %-10s %-18.*s to %-14.*s %s ago%s", (long long)row_int(r, 0), state_of(r), STR_A(kind), STR_A(to),
           took_text(now_ms() - row_int(r, 1), took), error.n ? ": " : "");
    put_foreign(stdout, error);
    putchar('\n');
}

static void add(struct call *c, struct buf *b, const struct rows *r)
{
    char at[TIME_TEXT_MAX];
    json_object(b, KV("notice", row_int(r, 0)), KV("at", time_text(row_int(r, 1), at)),
                KV("service", row_val(c->arena, r, 2)), KV("number", row_val(c->arena, r, 3)),
                KV("event", row_val(c->arena, r, 4)), KV("notifier", row_val(c->arena, r, 5)), KV("state", state_of(r)),
                KV("tries", row_int(r, 6)), KV("error", row_val(c->arena, r, 9)));
}

static bool cmd_list(struct call *c, struct err *e)
{
    OWN_DB struct db *db = NULL;
    OWN_BUF struct buf b = buf_make(1 << 20);
    if (!store_find(c->data, &db, e))
        return false;
    OWN_ROWS struct rows *r = sql_ask(db, e, list_sql, VALS(V(LISTED)));
    if (!r)
        return false;
    json_open(&b, '{');
    json_key(&b, "items");
    json_open(&b, '[');
    bool any = false;
    for (; rows_next(r, e); any = true) {
        add(c, &b, r);
        if (!c->json)
            print(c, r);
    }
    json_close(&b, ']');
    json_close(&b, '}');
    if (!rows_failed(r) && c->json)
        puts(buf_z(&b));
    else if (!rows_failed(r) && !any)
        puts("No notice yet.");
    return !rows_failed(r);
}

const struct command notify_commands[] = {
    {"notify test", "NOTIFIER", here_options, "send a notice to one notifier of the site file, and see it arrive",
     "rusuban notify test team_chat", cmd_test},
    {"notify list", "", here_options, "the latest notices and what became of them", "rusuban notify list", cmd_list},
    {0}};
