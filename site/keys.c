// keys.c: the rows. Order here is the order of `site show` and of docs/site.md.
#include "site/keys.h"
#include "site/rules.h"
#include "site/settle.h"
#include <string.h>

#define LATER(key)  {.name = key, .type = KEY_LATER}
#define SECOND  INT64_C(1000)
#define MINUTE  (60 * SECOND)
#define HOUR    (60 * MINUTE)
#define DAY     (24 * HOUR)
#define MIB     (INT64_C(1) << 20)
#define TIB     (INT64_C(1) << 40)

static const char *const on_push_words[] = {"release", "ask", "off", NULL};
static const char *const on_error_words[] = {"stop", "rollback", NULL};
static const char *const via_words[] = {"direct", "ssh", NULL};
static const char *const canary_words[] = {"rollback", "ask", NULL};
static const char *const when_words[] = {"unclear", "always", "never", NULL};
static const char *const php_fpm_words[] = {"reload", NULL};
static const char *const unicorn_words[] = {"USR2", NULL};
static const char *const puma_words[] = {"USR1", "USR2", NULL};
static const char *const node_words[] = {"HUP", "USR1", "USR2", NULL};
static const char *const format_words[] = {"ltsv", "combined", "json", NULL};
static const char *const sso_role_words[] = {"none", "viewer", "analyst", "developer", NULL};
static const char *const privacy_words[] = {"keep", "drop", "mask", "hash", NULL};

#define AT(member)  .at = offsetof(struct zone, member)
static const struct key zone_keys[] = {
    {"net", KEY_TEXT, AT(net), .rule = rule_net, .example = "10.0.1.0/24",
     .help = "addresses of its hosts lie in it; nets of two zones do not overlap"},
    {0}};
static const struct table zone_table = {
    "zone", zone_keys, .size = sizeof(struct zone), .place_at = offsetof(struct zone, line), .name_rule = rule_name};

#undef AT
#define AT(member)  .at = offsetof(struct host, member)
static const struct key ssh_keys[] = {
    {"port", KEY_INT, AT(ssh.port), .low = 1, .high = 65535, .usual = "22", .help = "port of its sshd"},
    {"user", KEY_TEXT, AT(ssh.user), .rule = rule_user, .usual = "deploy", .help = "who we are there"},
    {0}};
static const struct table ssh_table = {.noun = "ssh", .keys = ssh_keys};

static const struct key host_keys[] = {
    {"zone", KEY_TEXT, AT(zone), .must = true, .example = "a", .help = "one of the zones"},
    {"address", KEY_TEXT, AT(address), .must = true, .rule = rule_address, .example = "10.0.1.11",
     .help = "IPv4, IPv6 or DNS name; one host per address and ssh port"},
    {"ssh", KEY_MAP, .table = &ssh_table, .help = "how it is reached"},
    {"root", KEY_TEXT, AT(root), .rule = rule_absolute, .usual = "", .example = "/srv/app1",
     .help = "put before every path on this host, for several hosts on one machine"},
    {"cores", KEY_INT, AT(cores), .low = 1, .high = 4096, .example = "2", .help = "processor cores"},
    {"memory", KEY_SIZE, AT(memory), .low = 16 * MIB, .high = 64 * TIB, .example = "3.75G", .help = "memory"},
    {0}};
static const struct table host_table = {
    "host", host_keys, .size = sizeof(struct host), .place_at = offsetof(struct host, line), .name_rule = rule_name};

#undef AT
#define AT(member)  .at = offsetof(struct group, member)
static const struct key group_keys[] = {
    {"hosts", KEY_LIST, AT(hosts), .must = true, .low = 1, .high = 2000, .example = "[app2, app3]",
     .help = "hosts of this group; a host is in one group of a service"},
    {"limit", KEY_LIMIT, AT(limit_percent), .high = 2000, .usual = "100%", .example = "50%",
     .help = "how many go at once, as a share (rounded down, at least one) or a number"},
    {"wait", KEY_TIME, AT(wait_ms), .low = 0, .high = HOUR, .usual = "0s", .help = "pause between batches"},
    {"on_error", KEY_WORD, AT(on_error), .words = on_error_words, .usual = "stop",
     .help = "a host failed: stop and ask a person, or roll all back"},
    {0}};
static const struct table group_table = {
    "group", group_keys, .size = sizeof(struct group), .name_rule = rule_name};

#undef AT
#define AT(member)  .at = offsetof(struct service, member)
static const struct key webhook_keys[] = {
    {"secret", KEY_TEXT, AT(webhook_secret), .must = true, .rule = rule_label, .example = "web_hook",
     .help = "name of the secret in the store that signs its requests"},
    {0}};
static const struct table webhook_table = {.noun = "webhook", .keys = webhook_keys};

static const struct key build_keys[] = {
    {"image", KEY_TEXT, AT(build.image), .rule = rule_image, .usual = "", .example = "kotori/build",
     .help = "container image to build in; empty: on the release host itself"},
    {"run", KEY_COMMANDS, AT(build.run), .high = 100, .example = "[composer install --no-dev, npm ci]",
     .help = "commands, one after the other; none: the tree is released as it is"},
    {"cache", KEY_LIST, AT(build.cache), .rule = rule_relative, .high = 100, .usual = "", .example = "[vendor]",
     .help = "paths that survive from build to build"},
    {"secrets", KEY_LIST, AT(build.secrets), .rule = rule_label, .high = 50, .usual = "",
     .help = "names of secrets that the build gets as files"},
    {"timeout", KEY_TIME, AT(build.timeout_ms), .low = SECOND, .high = DAY, .usual = "15m",
     .help = "the whole build ends within it"},
    {"quiet", KEY_TIME, AT(build.quiet_ms), .low = SECOND, .high = DAY, .usual = "5m",
     .help = "a build that prints nothing for so long is ended"},
    {"memory", KEY_SIZE, AT(build.memory), .low = 64 * MIB, .high = TIB, .usual = "2G",
     .help = "ceiling in the container"},
    {"network", KEY_BOOL, AT(build.network), .usual = "true", .help = "may the container reach the network?"},
    LATER("user"),
    {0}};
static const struct table build_table = {.noun = "build", .keys = build_keys};

static const struct key shared_keys[] = {
    {"dirs", KEY_LIST, AT(shared.dirs), .rule = rule_relative, .high = 100, .usual = "", .example = "[storage]",
     .help = "directories that all releases on a host have in common"},
    {"files", KEY_LIST, AT(shared.files), .rule = rule_relative, .high = 100, .usual = "", .example = "[.env]",
     .help = "files that all releases on a host have in common"},
    {0}};
static const struct table shared_table = {.noun = "shared", .keys = shared_keys};

#define KIND(kind)  .choice = RESTART_##kind
#define BY_SIGNAL   (1u << RESTART_PHP_FPM | 1u << RESTART_UNICORN | 1u << RESTART_PUMA | 1u << RESTART_NODE)
static const struct key restart_keys[] = {
    {"php_fpm", KEY_TEXT, AT(restart.signal), KIND(PHP_FPM), .words = php_fpm_words, .example = "reload",
     .help = "PHP-FPM: reload the unit, or USR2 to pid"},
    {"unicorn", KEY_TEXT, AT(restart.signal), KIND(UNICORN), .words = unicorn_words, .example = "USR2",
     .help = "unicorn: start a new master, check it, end the old one"},
    {"puma", KEY_TEXT, AT(restart.signal), KIND(PUMA), .words = puma_words, .example = "USR1",
     .help = "puma: USR1 worker by worker, USR2 the whole process"},
    {"node", KEY_TEXT, AT(restart.signal), KIND(NODE), .words = node_words, .example = "USR2",
     .help = "node: what the master of the app's cluster listens to"},
    {"systemd", KEY_TEXT, AT(restart.unit), KIND(SYSTEMD), .rule = rule_unit, .example = "kotori-web",
     .help = "systemctl reload-or-restart of this unit"},
    {"command", KEY_COMMAND, AT(restart.command), KIND(COMMAND), .example = "bin/restart all",
     .help = "run on the host"},
    {"pid", KEY_TEXT, AT(restart.pid), .with = BY_SIGNAL, .rule = rule_absolute, .example = "/run/unicorn.pid",
     .help = "file on the host that holds the process to signal"},
    {"unit", KEY_TEXT, AT(restart.unit), .with = BY_SIGNAL, .rule = rule_unit, .example = "php8.2-fpm",
     .help = "its systemd unit, when there is no pid (php_fpm: php-fpm, which Debian and Ubuntu do not have)"},
    LATER("docroot"),
    {0}};
static const struct table restart_table = {
    "restart", restart_keys, .choices = true, .choice_at = offsetof(struct service, restart.kind),
    .settle = settle_restart};

static const struct key health_keys[] = {
    {"path", KEY_TEXT, AT(health.path), .must = true, .rule = rule_url_path, .example = "/up",
     .help = "asked for on each host after its restart"},
    {"port", KEY_INT, AT(health.port), .low = 1, .high = 65535, .usual = "80", .help = "port of the web server"},
    {"host", KEY_TEXT, AT(health.host), .rule = rule_host_name, .usual = "", .example = "www.example",
     .help = "Host header; empty: the host's address"},
    {"expect", KEY_INT, AT(health.expect), .low = 100, .high = 599, .usual = "200", .help = "status of a good answer"},
    {"in_a_row", KEY_INT, AT(health.in_a_row), .low = 1, .high = 20, .usual = "2", .help = "good answers needed"},
    {"every", KEY_TIME, AT(health.every_ms), .low = SECOND / 10, .high = 5 * MINUTE, .usual = "1s",
     .help = "pause between two questions"},
    {"timeout", KEY_TIME, AT(health.timeout_ms), .low = SECOND, .high = HOUR, .usual = "30s",
     .help = "healthy within it, or the step failed"},
    {"via", KEY_WORD, AT(health.via), .words = via_words, .usual = "direct",
     .help = "ask from here, or on the host through ssh"},
    {0}};
static const struct table health_table = {.noun = "health", .keys = health_keys};

static const struct key migrate_keys[] = {
    {"run", KEY_COMMAND, AT(migrate.run), .must = true, .example = "bin/console migrate",
     .help = "run once in the new release before any host shows it"},
    {"on", KEY_TEXT, AT(migrate.on), .must = true, .example = "app1", .help = "the host that runs it"},
    {"timeout", KEY_TIME, AT(migrate.timeout_ms), .low = SECOND, .high = DAY, .usual = "10m",
     .help = "it ends within it"},
    {"repeatable", KEY_BOOL, AT(migrate.repeatable), .usual = "false",
     .help = "may be run again when a crash leaves open whether it ran"},
    {0}};
static const struct table migrate_table = {.noun = "migrate", .keys = migrate_keys};

static const struct key canary_keys[] = {
    {"log", KEY_TEXT, AT(canary.log), .must = true, .example = "access",
     .help = "the dataset with the lines of all its hosts; by these the canary is judged"},
    {"warmup", KEY_TIME, AT(canary.warmup_ms), .low = 0, .high = HOUR, .usual = "30s",
     .help = "so long after its last step nothing counts; then from the next whole minute on"},
    {"min", KEY_TIME, AT(canary.min_ms), .low = 0, .high = DAY / 4, .usual = "2m",
     .help = "not called well before so long"},
    {"max", KEY_TIME, AT(canary.max_ms), .low = MINUTE, .high = DAY / 4, .usual = "20m",
     .help = "not clear by then: on_unclear"},
    {"alpha", KEY_PERCENT, AT(canary.alpha), .low = 1, .high = 1000, .usual = "1%",
     .help = "how often at most a canary that is as good as the others is called worse"},
    {"odds", KEY_TIMES, AT(canary.odds), .low = 120, .high = 1000, .usual = "2",
     .help = "well: 5xx are provably less than so many times as likely (or rarer than floor)"},
    {"latency", KEY_TIMES, AT(canary.latency), .low = 109, .high = 1000, .usual = "1.3",
     .help = "well: answers take provably less than so many times as long; worse: provably more than "
             "about its square root (1.3: 1.09)"},
    {"floor", KEY_PERCENT, AT(canary.floor), .low = 1, .high = 1000, .usual = "0.2%",
     .help = "5xx that are provably rarer than this are no reason to wait"},
    {"on_fail", KEY_WORD, AT(canary.on_fail), .words = canary_words, .usual = "rollback",
     .help = "it is worse: roll back, or ask a person"},
    {"on_unclear", KEY_WORD, AT(canary.on_unclear), .words = canary_words, .usual = "ask",
     .help = "not clear at max, or no lines to judge by: ask a person, or roll back"},
    LATER("sticky"), LATER("control"),
    {0}};
static const struct table canary_table = {.noun = "canary", .keys = canary_keys};

static const struct key approve_keys[] = {
    {"when", KEY_WORD, AT(approve.when), .words = when_words, .usual = "unclear",
     .help = "a person is asked before production: when the check is unclear, always, never"},
    {"by", KEY_LIST, AT(approve.by), .rule = rule_user, .high = 100, .usual = "", .example = "[kato, lead]",
     .help = "who may say yes; empty: whoever may approve at all"},
    {"not_author", KEY_BOOL, AT(approve.not_author), .usual = "false",
     .help = "who started a release may not approve it; by a push that is whom the forge names, so let names here be "
             "those there"},
    {"within", KEY_TIME, AT(approve.within_ms), .low = MINUTE, .high = 30 * DAY, .usual = "4h",
     .help = "no answer within it, closed windows not counted: rolled back"},
    {0}};
static const struct table approve_table = {.noun = "approve", .keys = approve_keys};

static const struct key windows_keys[] = {
    {"allow", KEY_LIST, AT(windows.allow), .rule = rule_window, .high = 50, .usual = "",
     .example = "[\"Mon-Thu 10:00-18:00\"]", .help = "when a release may start and enter production; empty: always"},
    {"freeze", KEY_LIST, AT(windows.freeze), .rule = rule_freeze, .high = 100, .usual = "",
     .example = "[2026-12-28/2027-01-04]", .help = "days without releases, first and last included"},
    {0}};
static const struct table windows_table = {.noun = "windows", .keys = windows_keys};

static const struct key service_keys[] = {
    {"repository", KEY_TEXT, AT(repository), .must = true, .rule = rule_repository,
     .example = "git@forge.example:kotori/web.git", .help = "ssh://, https://, user@host:path or an absolute path"},
    {"branch", KEY_TEXT, AT(branch), .rule = rule_branch, .usual = "main", .help = "what is released from"},
    {"on_push", KEY_WORD, AT(on_push), .words = on_push_words, .usual = "release",
     .help = "a push to the branch: release it, queue it and ask, or nothing"},
    {"webhook", KEY_MAP, .table = &webhook_table, .help = "lets the forge tell us about pushes"},
    {"build", KEY_MAP, .table = &build_table, .help = "how a commit becomes a tree"},
    {"deploy_to", KEY_TEXT, AT(deploy_to), .must = true, .rule = rule_absolute, .example = "/var/www/web",
     .help = "directory on the hosts; unique on each, none inside another"},
    {"keep", KEY_INT, AT(keep), .low = 2, .high = 50, .usual = "5", .help = "finished releases kept on each host"},
    {"exclude", KEY_LIST, AT(exclude), .rule = rule_relative, .high = 100, .usual = ".git",
     .help = "paths of the tree that are never packed"},
    {"shared", KEY_MAP, .table = &shared_table, .help = "links from each release to what outlives it"},
    {"scratch", KEY_LIST, AT(scratch), .rule = rule_relative, .high = 100, .usual = "", .example = "[var/cache]",
     .help = "what the app may write into a release and nobody misses"},
    {"servers", KEY_NAMED, AT(servers), .must = true, .low = 1, .high = 50, .table = &group_table,
     .example = "{web: {hosts: [app1]}}",
     .help = "groups of hosts in the order they are released; canary is the first"},
    {"restart", KEY_MAP, .table = &restart_table,
     .help = "how new code comes to life; absent: the switch alone does it"},
    {"health", KEY_MAP, .table = &health_table, .help = "when a host counts as well; absent: it is not asked"},
    {"migrate", KEY_MAP, .table = &migrate_table, .help = "a change of the database that comes with a release"},
    {"canary", KEY_MAP, .table = &canary_table,
     .help = "judge the canary by what its visitors get; absent: nobody does"},
    {"approve", KEY_MAP, .table = &approve_table, .help = "when a person is asked"},
    {"windows", KEY_MAP, .table = &windows_table, .help = "when releases may start"},
    {"notify", KEY_LIST, AT(notify), .high = 50, .usual = "", .example = "[team_chat]",
     .help = "notifiers that hear about its releases"},
    LATER("transport"), LATER("drain"), LATER("assets"), LATER("purge"),
    {0}};
static const struct table service_table = {
    "service", service_keys, .size = sizeof(struct service), .place_at = offsetof(struct service, line),
    .name_rule = rule_service, .settle = settle_service};

#undef AT
#define AT(member)  .at = offsetof(struct notifier, member)
static const struct key notifier_keys[] = {
    {"command", KEY_COMMAND, AT(command), .choice = NOTIFIER_COMMAND, .example = "bin/tell-chat releases",
     .help = "run here, with the notice as JSON on its standard input"},
    {"webhook", KEY_TEXT, AT(webhook), .choice = NOTIFIER_WEBHOOK, .rule = rule_https,
     .example = "https://chat.example/hooks/releases", .help = "the notice is posted there as JSON"},
    {"secret", KEY_TEXT, AT(secret), .with = 1u << NOTIFIER_WEBHOOK, .rule = rule_label, .example = "chat_hook",
     .help = "name of the secret in the store that signs it"},
    {0}};
static const struct table notifier_table = {
    "notifier", notifier_keys, .choices = true, .choice_at = offsetof(struct notifier, kind),
    .size = sizeof(struct notifier), .place_at = offsetof(struct notifier, line), .name_rule = rule_label};

#undef AT
#define AT(member)  .at = offsetof(struct log_source, member)
static const struct key source_keys[] = {
    {"on", KEY_LIST, AT(on), .must = true, .low = 1, .high = 2000, .example = "[app1, app2]",
     .help = "hosts that write it"},
    {"path", KEY_TEXT, AT(path), .must = true, .rule = rule_absolute, .example = "/var/log/nginx/access.log",
     .help = "the file there; what it was rotated to is found beside it"},
    {0}};
static const struct table source_table = {
    "source", source_keys, .size = sizeof(struct log_source), .place_at = offsetof(struct log_source, line),
    .name_rule = rule_label};

#undef AT
#define AT(member)  .at = offsetof(struct privacy, member)
static const struct key privacy_keys[] = {
    {"do", KEY_WORD, AT(kind), .words = privacy_words, .usual = "keep",
     .help = "keep; drop; mask the end of addresses (IPv4 /24, IPv6 /48); hash with a key that changes every month"},
    {"allow", KEY_LIST, AT(allow), .rule = rule_field, .high = 200, .usual = "", .example = "[page, q]",
     .help = "of a query: parameters that keep their value, the others keep their name; empty: all keep it"},
    {"own", KEY_BOOL, AT(own), .usual = "false",
     .help = "a label of your own, though it looks like a slip of a known one"},
    {0}};
static const struct table privacy_table = {
    "privacy", privacy_keys, .size = sizeof(struct privacy), .place_at = offsetof(struct privacy, line),
    .name_rule = rule_field, .brief = "do"};

#undef AT
#define AT(member)  .at = offsetof(struct dataset, member)
static const struct key watch_keys[] = {
    {"tolerance", KEY_INT, AT(watch.tolerance), .low = 101, .high = 1000, .usual = "115",
     .help = "percent of its own past that a page may take before it counts as worse"},
    {"slow", KEY_TIME, AT(watch.slow_ms), .low = 1, .high = HOUR, .usual = "1s",
     .help = "a page whose 95th percentile is above it, and three times its past, is far too slow"},
    {"quiet", KEY_TIME, AT(watch.quiet_ms), .low = MINUTE, .high = DAY, .usual = "30m",
     .help = "an alarm ends after so long without a sign, and is told no second time before"},
    {"notify", KEY_LIST, AT(watch.notify), .high = 50, .usual = "", .example = "[team_chat]",
     .help = "notifiers that hear of alarms"},
    {0}};
static const struct table watch_table = {.noun = "watch", .keys = watch_keys};

static const struct key dataset_keys[] = {
    {"format", KEY_WORD, AT(format), .words = format_words, .usual = "ltsv", .help = "how its lines are written"},
    {"from", KEY_NAMED, AT(from), .high = 100, .table = &source_table,
     .example = "{web: {on: [app1], path: /var/log/nginx/access.log}}", .help = "the files it comes from"},
    {"privacy", KEY_NAMED, AT(privacy), .high = 100, .table = &privacy_table, .example = "{forwardedfor: mask}",
     .help = "labels whose values are changed before they leave their host"},
    {"keep", KEY_TIME, AT(keep_ms), .low = DAY, .high = 36500 * DAY, .usual = "400d",
     .help = "older hours are removed"},
    {"watch", KEY_MAP, .table = &watch_table, .help = "how its pages are compared with their own past"},
    {0}};
static const struct table dataset_table = {
    "dataset", dataset_keys, .size = sizeof(struct dataset), .place_at = offsetof(struct dataset, line),
    .name_rule = rule_dataset};

#undef AT
#define AT(member)  .at = offsetof(struct site, member)
static const struct key log_sql_keys[] = {
    {"children", KEY_INT, AT(log.sql.children), .low = 1, .high = 64, .usual = "4", .help = "queries that run at once"},
    {"warm", KEY_INT, AT(log.sql.warm), .low = 0, .high = 16, .usual = "1",
     .help = "processes that wait ready for the next"},
    {"memory", KEY_SIZE, AT(log.sql.memory), .low = 64 * MIB, .high = TIB, .usual = "200M", .help = "of one query"},
    {"deadline", KEY_TIME, AT(log.sql.deadline_ms), .low = SECOND, .high = HOUR, .usual = "60s",
     .help = "of one query"},
    {0}};
static const struct table log_sql_table = {.noun = "sql", .keys = log_sql_keys};

static const struct key log_keys[] = {
    {"listen", KEY_TEXT, AT(log.listen), .rule = rule_listen, .usual = "", .example = "10.0.1.5:7073",
     .help = "where agents of other machines connect (TLS); empty: only the Unix socket run/log.sock"},
    {"lake", KEY_TEXT, AT(log.lake), .rule = rule_place, .usual = "lake",
     .help = "directory of the files; a relative one lies in the data directory"},
    {"stop_at", KEY_INT, AT(log.stop_at), .low = 10, .high = 99, .usual = "95",
     .help = "percent of the lake's disk from which on agents wait"},
    {"sql", KEY_MAP, .table = &log_sql_table, .help = "limits of queries"},
    {"datasets", KEY_NAMED, AT(log.datasets), .high = 32, .table = &dataset_table,
     .help = "kinds of lines; `access` is asked for as access_log"},
    {0}};
static const struct table log_table = {.noun = "log", .keys = log_keys};

static const struct key sso_keys[] = {
    {"from", KEY_LIST, AT(web.sso.from), .rule = rule_literal, .high = 50, .usual = "", .example = "[127.0.0.1]",
     .help = "addresses of the proxies that sign people in; from all others the header counts for nothing"},
    {"header", KEY_TEXT, AT(web.sso.header), .rule = rule_header, .usual = "X-Remote-User",
     .help = "the header in which they say who it is; they set it anew and let nobody else's through"},
    {"secret", KEY_TEXT, AT(web.sso.secret), .rule = rule_label, .usual = "web_proxy", .example = "web_proxy",
     .help = "name of the secret that they send as Rusuban-Proxy-Secret (rusuban secret set web_proxy --role web)"},
    {"role", KEY_WORD, AT(web.sso.role), .words = sso_role_words, .usual = "none",
     .help = "of people without an account here; none: they stay outside"},
    {0}};
static const struct table sso_table = {.noun = "sso", .keys = sso_keys};

static const struct key oidc_roles_keys[] = {
    {"admin", KEY_LIST, AT(web.oidc.admin), .high = 50, .usual = "", .example = "[ops]", .help = "groups of admins"},
    {"developer", KEY_LIST, AT(web.oidc.developer), .high = 50, .usual = "", .example = "[dev]",
     .help = "groups of developers"},
    {"analyst", KEY_LIST, AT(web.oidc.analyst), .high = 50, .usual = "", .example = "[marketing]",
     .help = "groups of analysts"},
    {"viewer", KEY_LIST, AT(web.oidc.viewer), .high = 50, .usual = "", .example = "[staff]",
     .help = "groups of viewers"},
    {0}};
static const struct table oidc_roles_table = {.noun = "roles", .keys = oidc_roles_keys};

static const struct key oidc_keys[] = {
    {"issuer", KEY_TEXT, AT(web.oidc.issuer), .must = true, .rule = rule_issuer, .example = "https://id.example",
     .help = "the provider, as it calls itself in ISSUER/.well-known/openid-configuration"},
    {"client_id", KEY_TEXT, AT(web.oidc.client_id), .must = true, .low = 1, .high = 255, .example = "rusuban",
     .help = "what the provider calls us; its redirect address is https://NAME/oidc/back"},
    {"secret", KEY_TEXT, AT(web.oidc.secret), .rule = rule_label, .usual = "web_oidc",
     .help = "name of the client secret (rusuban secret set web_oidc --role web)"},
    {"name", KEY_TEXT, AT(web.oidc.name), .high = 60, .usual = "", .example = "Example ID",
     .help = "what people call the provider; its host unless said"},
    {"scopes", KEY_LIST, AT(web.oidc.scopes), .rule = rule_field, .high = 20, .usual = "profile email",
     .example = "[profile, email, groups]", .help = "what we ask for besides openid"},
    {"domains", KEY_LIST, AT(web.oidc.domains), .rule = rule_host_name, .high = 50, .usual = "",
     .example = "[example.com]", .help = "only people whose e-mail address, verified by the provider, is of these"},
    {"claim", KEY_TEXT, AT(web.oidc.claim), .rule = rule_claim, .usual = "groups", .example = "realm_access.roles",
     .help = "where the provider says in which groups somebody is: a text, or a list of them"},
    {"roles", KEY_MAP, .table = &oidc_roles_table, .help = "which groups have which role; the highest counts"},
    {"role", KEY_WORD, AT(web.oidc.role), .words = sso_role_words, .usual = "none",
     .help = "of people who are in none of these groups; none: they stay outside"},
    {0}};
static const struct table oidc_table = {.noun = "oidc", .keys = oidc_keys};

static const struct key web_keys[] = {
    {"listen", KEY_TEXT, AT(web.listen), .rule = rule_listen, .usual = "127.0.0.1:7070", .help = "the API"},
    {"hooks", KEY_TEXT, AT(web.hooks), .rule = rule_listen, .usual = "127.0.0.1:7071",
     .help = "webhooks of the forge, nothing else; this one may be shown to the world"},
    {"names", KEY_LIST, AT(web.names), .rule = rule_host_name, .high = 50, .usual = "", .example = "[rusuban.example]",
     .help = "names under which people reach it, besides localhost"},
    {"proxies", KEY_LIST, AT(web.proxies), .rule = rule_literal, .high = 50, .usual = "", .example = "[10.0.1.5]",
     .help = "addresses of other machines whose X-Forwarded-For is believed; what runs on this one always is"},
    {"sso", KEY_MAP, .table = &sso_table, .help = "people whom a proxy has signed in already"},
    {"oidc", KEY_MAP, .table = &oidc_table, .help = "an OpenID Connect provider where people sign in"},
    {"plain_ok", KEY_BOOL, AT(web.plain_ok), .usual = "false",
     .help = "listen beyond this machine without TLS; better: a web server with TLS in front"},
    {0}};
static const struct table web_table = {.noun = "web", .keys = web_keys};

static const struct key site_keys[] = {
    {"site", KEY_TEXT, AT(name), .must = true, .rule = rule_name, .example = "kotori", .help = "name of the site"},
    {"timezone", KEY_TEXT, AT(timezone), .rule = rule_timezone, .usual = "UTC", .example = "Asia/Tokyo",
     .help = "of windows and printed times"},
    {"zones", KEY_NAMED, AT(zones), .high = 64, .table = &zone_table,
     .help = "places that may fail on their own: rooms, data centres"},
    {"hosts", KEY_NAMED, AT(hosts), .high = 2000, .table = &host_table, .help = "machines, reached by ssh"},
    {"services", KEY_NAMED, AT(services), .high = 500, .table = &service_table, .help = "what is released"},
    {"notifiers", KEY_NAMED, AT(notifiers), .high = 100, .table = &notifier_table,
     .help = "who hears about it, and how"},
    {"log", KEY_MAP, .table = &log_table, .help = "access logs: where they come from and where they go"},
    {"web", KEY_MAP, .table = &web_table, .help = "where we listen"},
    LATER("databases"), LATER("gateway"),
    {0}};
const struct table site_table = {"site", site_keys, .settle = settle_site};

// The decoder writes both through one pointer (KEY_LIMIT), and a place as two ints.
_Static_assert(offsetof(struct group, limit_count) == offsetof(struct group, limit_percent) + sizeof(int), "adjacent");
_Static_assert(offsetof(struct dataset, col) == offsetof(struct dataset, line) + sizeof(int)
               && offsetof(struct log_source, col) == offsetof(struct log_source, line) + sizeof(int), "adjacent");
_Static_assert(offsetof(struct privacy, col) == offsetof(struct privacy, line) + sizeof(int), "the column follows");
_Static_assert(offsetof(struct dataset, name) == 0 && offsetof(struct log_source, name) == 0
               && offsetof(struct privacy, label) == 0, "the name comes first");
_Static_assert(offsetof(struct service, col) == offsetof(struct service, line) + sizeof(int), "adjacent");
_Static_assert(offsetof(struct zone, name) == 0 && offsetof(struct host, name) == 0 && offsetof(struct group, name) == 0
               && offsetof(struct service, name) == 0 && offsetof(struct notifier, name) == 0, "the name comes first");

const struct key *key_find(const struct table *t, struct str name)
{
    for (const struct key *k = t->keys; k->name; k++)
        if (str_eq(str_z(k->name), name))
            return k;
    return NULL;
}

static bool empty_at(const struct key *k, const char *at)
{
    return k->type == KEY_COMMAND ? ((const struct words *)(const void *)at)->n == 0
                                  : ((const struct str *)(const void *)at)->n == 0;
}

bool table_absent(const struct table *t, const void *at)
{
    const char *base = at;
    int choice;
    memcpy(&choice, base + t->choice_at, sizeof choice);
    if (t->choices && choice == 0)
        return true;
    for (const struct key *k = t->keys; k->name; k++)
        if (k->must && (k->type == KEY_TEXT || k->type == KEY_COMMAND) && empty_at(k, base + k->at))
            return true;
    return false;
}
