// site_test.c: a whole file becomes a struct, shows as YAML, and reads back to the same.
#include "site/site.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/test.h"
#include "site/example.h"
#include <string.h>

static const char full[] =
    "site: kotori\n"
    "timezone: Asia/Tokyo\n"
    "zones: {a: {net: 127.0.1.0/24}, c: {net: 127.0.2.0/24}, off: {}}\n"
    "hosts:\n"
    "  app1: {zone: a, address: 127.0.1.11, ssh: {port: 2211, user: kato}, root: /srv/app1, cores: 2, memory: 3.75G}\n"
    "  app2: {zone: a, address: 127.0.1.12}\n"
    "  app3: {zone: c, address: 127.0.2.11}\n"
    "services:\n"
    "  web:\n"
    "    repository: git@forge.example:kotori/web.git\n"
    "    branch: release\n"
    "    on_push: ask\n"
    "    webhook: {secret: web_hook}\n"
    "    build: {image: kotori/build, run: [composer install --no-dev, [sh, -c, \"a | b\\n\"]], cache: [vendor],\n"
    "            secrets: [npm], timeout: 20m, quiet: 90s, memory: 1.5G, network: false}\n"
    "    deploy_to: /var/www/web\n"
    "    keep: 7\n"
    "    exclude: [.git, tests]\n"
    "    shared: {dirs: [storage], files: [.env]}\n"
    "    scratch: [var/cache]\n"
    "    servers: {web: {hosts: [app2], limit: 2, wait: 5s, on_error: rollback}, canary: {hosts: [app1]},\n"
    "              rest: {hosts: [app3], limit: 50%}}\n"
    "    restart: {php_fpm: reload}\n"
    "    health: {path: /up, port: 8080, host: www.example, expect: 204, in_a_row: 3, every: 500ms,\n"
    "             timeout: 1m, via: ssh}\n"
    "    migrate: {run: [bin/console migrate], on: app1, timeout: 1h, repeatable: true}\n"
    "    canary: {log: access, warmup: 0s, min: 3m, max: 1h, alpha: 0.5%, odds: 1.5, latency: 2, floor: 0.25%,\n"
    "             on_fail: ask, on_unclear: rollback}\n"
    "    approve: {when: always, by: [kato], not_author: false, within: 1d}\n"
    "    windows: {allow: [\"Mon-Thu 10:00-18:00\"], freeze: [2026-12-28/2027-01-04]}\n"
    "    notify: [chat]\n"
    "  worker:\n"
    "    repository: /srv/worker.git\n"
    "    deploy_to: /var/www/worker\n"
    "    servers: {all: {hosts: [app3]}}\n"
    "    restart: {unicorn: USR2, pid: /run/u.pid}\n"
    "notifiers: {chat: {webhook: https://chat.example/x, secret: chat}, log: {command: logger -t rusuban}}\n"
    "log: {datasets: {access: {from: {web: {on: [app1, app2, app3], path: /var/log/a.log}}}}}\n"
    "web: {listen: \"0.0.0.0:80\", hooks: \"[::1]:81\", names: [r.example], plain_ok: true}\n";

static struct site *must_parse(struct arena *a, struct str text)
{
    struct mistakes m;
    struct site *s = NULL;
    struct err e;
    if (!site_parse(a, text, &s, &m, &e))
        test_failed(__FILE__, __LINE__, "%s", e.text);
    for (size_t i = 0; i < m.n; i++)
        test_failed(__FILE__, __LINE__, "%d:%d: " STR_F, m.at[i].line, m.at[i].col, STR_A(m.at[i].text));
    return s;
}

TEST(every_key_arrives)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    const struct site *s = must_parse(&a, str_z(full));
    if (!s)
        return;
    CHECK_STR(s->name, S("kotori"));
    CHECK_STR(s->timezone, S("Asia/Tokyo"));
    CHECK_INT(s->zones.n, 3);
    CHECK_STR(s->zones.at[1].net, S("127.0.2.0/24"));
    const struct host *h = site_host(s, S("app1"));
    CHECK(h && h->ssh.port == 2211 && h->cores == 2 && h->memory == (int64_t)3840 << 20 && h->line == 5 && h->col == 3);
    CHECK_STR(h->ssh.user, S("kato"));
    CHECK_STR(h->root, S("/srv/app1"));
    const struct service *w = site_service(s, S("web"));
    CHECK(w->on_push == PUSH_ASK && w->keep == 7 && w->line == 9);
    CHECK_STR(w->branch, S("release"));
    CHECK_STR(w->webhook_secret, S("web_hook"));
    CHECK_INT(w->build.run.n, 2);
    CHECK_INT(w->build.run.at[0].n, 3);
    CHECK_STR(w->build.run.at[1].at[2], S("a | b\n"));
    CHECK(w->build.timeout_ms == 1200000 && w->build.quiet_ms == 90000 && !w->build.network);
    CHECK_INT(w->build.memory, (int64_t)1536 << 20);
    CHECK_STR(w->build.secrets.at[0], S("npm"));
    CHECK_INT(w->exclude.n, 2);
    CHECK_STR(w->shared.files.at[0], S(".env"));
    CHECK(w->restart.kind == RESTART_PHP_FPM);
    CHECK_STR(w->restart.signal, S("reload"));
    CHECK_STR(w->restart.unit, S("php-fpm"));
    CHECK(w->health.port == 8080 && w->health.expect == 204 && w->health.in_a_row == 3 && w->health.every_ms == 500);
    CHECK(w->health.via == VIA_SSH && w->health.timeout_ms == 60000);
    CHECK_INT(w->migrate.run.n, 2);
    CHECK(w->migrate.repeatable && w->migrate.timeout_ms == 3600000);
    CHECK_STR(w->canary.log, S("access"));
    CHECK(w->canary.warmup_ms == 0 && w->canary.min_ms == 180000 && w->canary.max_ms == 3600000);
    CHECK(w->canary.alpha == 50 && w->canary.odds == 150 && w->canary.latency == 200 && w->canary.floor == 25);
    CHECK(w->canary.on_fail == CANARY_ASK && w->canary.on_unclear == CANARY_ROLLBACK);
    CHECK(w->approve.when == APPROVE_ALWAYS && !w->approve.not_author && w->approve.within_ms == 86400000);
    CHECK_STR(w->notify.at[0], S("chat"));
    CHECK(s->notifiers.at[0].kind == NOTIFIER_WEBHOOK && s->notifiers.at[1].kind == NOTIFIER_COMMAND);
    CHECK_INT(s->notifiers.at[1].command.n, 3);
    CHECK(s->web.plain_ok && s->web.names.n == 1);
    CHECK_STR(s->text, str_z(full));
}

TEST(datasets_are_read_with_their_short_forms)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    const struct site *s = must_parse(&a, S(
        "site: k\nzones: {z: {}}\nhosts: {h: {zone: z, address: h.example}}\n"
        "log: {listen: 10.0.0.1:7073, datasets: {access: {from: {web: {on: [h], path: /var/log/a.log}}, keep: 40d,\n"
        "  privacy: {forwardedfor: mask, query: {allow: [page]}}}}}\n"));
    const struct dataset *d = s ? site_dataset(s, S("access")) : NULL;
    if (!d)
        return;
    CHECK(d->format == FORMAT_LTSV && d->keep_ms == 40 * INT64_C(86400000) && d->watch.tolerance == 115);
    CHECK_STR(d->from.at[0].path, S("/var/log/a.log"));
    CHECK(d->privacy.n == 2 && d->privacy.at[0].kind == PRIVACY_MASK && d->privacy.at[1].kind == PRIVACY_KEEP);
    CHECK_STR(d->privacy.at[1].allow.at[0], S("page"));
    CHECK(s->log.stop_at == 95 && s->log.sql.children == 4);
    CHECK_STR(s->log.lake, S("lake"));
}

TEST(canary_comes_first_and_the_others_stay_in_order)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    const struct site *s = must_parse(&a, str_z(full));
    const struct service *w = s ? site_service(s, S("web")) : NULL;
    if (!w)
        return;
    CHECK_STR(w->servers.at[0].name, S("canary"));
    CHECK_STR(w->servers.at[1].name, S("web"));
    CHECK_STR(w->servers.at[2].name, S("rest"));
    CHECK(w->servers.at[0].limit_percent == 100 && w->servers.at[0].limit_count == 0);
    CHECK(w->servers.at[1].limit_count == 2 && w->servers.at[1].limit_percent == 0 && w->servers.at[1].wait_ms == 5000);
    CHECK(w->servers.at[1].on_error == ERROR_ROLLBACK && w->servers.at[2].limit_percent == 50);
}

TEST(what_is_not_said_has_its_default)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    const struct site *s = must_parse(&a, S("site: k\nzones: {z: {}}\nhosts: {h: {zone: z, address: h.example}}\n"
                                            "services: {w: {repository: /srv/w.git, deploy_to: /srv/w, "
                                            "servers: {all: {hosts: [h]}}}}\n"));
    const struct service *w = s ? site_service(s, S("w")) : NULL;
    if (!w)
        return;
    CHECK_STR(s->timezone, S("UTC"));
    CHECK_STR(s->web.listen, S("127.0.0.1:7070"));
    CHECK_STR(s->web.hooks, S("127.0.0.1:7071"));
    CHECK(s->hosts.at[0].ssh.port == 22 && s->hosts.at[0].cores == 0 && s->hosts.at[0].memory == 0);
    CHECK_STR(s->hosts.at[0].ssh.user, S("deploy"));
    CHECK_STR(w->branch, S("main"));
    CHECK(w->on_push == PUSH_RELEASE && w->keep == 5 && w->exclude.n == 1 && w->webhook_secret.n == 0);
    CHECK(w->build.run.n == 0 && w->build.timeout_ms == 900000 && w->build.quiet_ms == 300000 && w->build.network);
    CHECK(w->build.memory == (int64_t)2 << 30 && w->build.image.n == 0);
    CHECK(w->restart.kind == RESTART_NONE && w->health.path.n == 0 && w->health.port == 80 && w->health.in_a_row == 2);
    CHECK(w->migrate.run.n == 0 && w->approve.when == APPROVE_UNCLEAR && !w->approve.not_author);
    CHECK(w->approve.within_ms == 14400000 && w->windows.allow.n == 0 && w->notify.n == 0);
}

static struct str shown_yaml(struct arena *a, const struct site *s)
{
    OWN_BUF struct buf b = buf_make(16 << 20);
    site_yaml(a, s, &b);
    CHECK(!b.failed);
    return str_dup(a, buf_str(&b));
}

TEST(what_is_shown_reads_back_to_the_same)
{
    const struct str files[] = {str_z(full), example_site(), S("site: k\n")};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        OWN_ARENA struct arena a = arena_make(32 << 20);
        const struct site *s = must_parse(&a, files[i]);
        struct str once = s ? shown_yaml(&a, s) : S("");
        const struct site *again = must_parse(&a, once);
        if (again)
            CHECK_STR(shown_yaml(&a, again), once);
    }
}

TEST(the_first_mistake_becomes_the_error)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *s;
    struct err e;
    const char *path = str_zf(&a, "%s/site.yaml", test_dir());
    CHECK(file_write(path, S("site: K\nkepe: 5\n"), 0600, &e));
    CHECK(!site_load(&a, path, &s, &e));
    CHECK_INT(e.kind, ERR_INPUT);
    CHECK_STR(str_z(e.text), str_f(&a, "%s:1:7: site: \"K\" is not a name; a small letter, then small letters,"
                                   " digits and -, 32 at most", path));
    CHECK_STR(str_z(e.hint), str_f(&a, "1 more mistake: rusuban site check --site %s", path));
}

TEST(a_file_that_cannot_be_read_is_no_mistake_in_it)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    struct site *s;
    struct mistakes m;
    struct err e;
    CHECK(!site_read(&a, str_zf(&a, "%s/none.yaml", test_dir()), &s, &m, &e));
    CHECK_INT(e.kind, ERR_IO);
    CHECK(strncmp(e.text, "read the site file: ", 20) == 0);
    fault_set(FAULT_FILE, 1);
    CHECK(!site_read(&a, "/dev/null", &s, &m, &e));
    fault_set(FAULT_FILE, 0);
    CHECK_INT(e.kind, ERR_IO);
    char *large = str_zdup(&a, (struct str){NEW_N(&a, char, (1 << 20) + 1), (1 << 20) + 1});
    CHECK(!site_parse(&a, (struct str){large, (1 << 20) + 1}, &s, &m, &e));
    CHECK_INT(e.kind, ERR_LIMIT);
}

TEST(an_unknown_service_gets_the_nearest_name)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    const struct site *s = must_parse(&a, str_z(full));
    const struct service *svc;
    struct err e;
    if (!s)
        return;
    CHECK(site_need_service(s, S("worker"), &svc, &e));
    CHECK(!site_need_service(s, S("wokrer"), &svc, &e));
    CHECK_INT(e.kind, ERR_NOT_FOUND);
    CHECK_STR(str_z(e.hint), S("did you mean \"worker\"?"));
}

static bool run_init(struct arena *a, const char *path, struct err *e)
{
    struct call c = {.arena = a, .site = path, .quiet = true};
    for (const struct command *row = site_commands; row->words; row++)
        if (strcmp(row->words, "site init") == 0)
            return row->run(&c, e);
    return err_set(e, ERR_BUG, "no such command");
}

TEST(init_leaves_all_or_nothing_and_replaces_nothing)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    const char *path = str_zf(&a, "%s/etc/site.yaml", test_dir());
    struct err e;
    unsigned nth = 1;
    for (; nth < 20; nth++) {
        fault_set(FAULT_FILE, nth);
        bool ok = run_init(&a, path, &e);
        fault_set(FAULT_FILE, 0);
        struct str got = S("");
        CHECK(!path_exists(path) || (file_read(&a, path, 1 << 20, &got, &e) && str_eq(got, example_site())));
        if (ok)
            break;
    }
    CHECK(nth > 3 && nth < 20);
    CHECK(!run_init(&a, path, &e));
    CHECK_INT(e.kind, ERR_STATE);
}

// 2,000 hosts and 500 services, as site.h promises: within 8 MiB of the caller's arena.
TEST(the_largest_site_fits)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    OWN_BUF struct buf b = buf_make(1 << 20);
    buf_addz(&b, "site: k\nzones: {z: {}}\nhosts:\n");
    for (int i = 0; i < 2000; i++)
        buf_addf(&b, "  h%d: {zone: z, address: h%d.example}\n", i, i);
    buf_addz(&b, "services:\n");
    for (int i = 0; i < 500; i++)
        buf_addf(&b, "  s%d:\n    repository: /srv/s%d.git\n    deploy_to: /var/s%d\n    restart: {systemd: s%d}\n"
                     "    servers: {all: {hosts: [h%d, h%d]}}\n", i, i, i, i, i, i + 500);
    const struct site *s = must_parse(&a, buf_str(&b));
    CHECK(s && s->hosts.n == 2000 && s->services.n == 500);
}
