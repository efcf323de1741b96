// main.c: the map of the program: which commands, roles, pages and checks there are, and where each lives.
//
// A capability is a folder. It exports tables; this file lists them, and nothing else knows them all.
#include "base/command.h"
#include "base/keeper.h"
#include "house/house.h"
#include "log/log.h"
#include "notify/notify.h"
#include "release/doctor.h"
#include "release/release.h"
#include "site/site.h"
#include "web/web.h"
#include <string.h>

// What a person can type. Each row: words, arguments, options, help, example, function.
static const struct command *const commands[] = {
    release_commands,       // release ..., lock ...
    log_commands,           // log ...
    site_commands,          // site check, show, init, reference
    notify_commands,        // notify test, list
    web_commands,           // admin invite, people, token, session, audit
    house_commands,         // serve, status, doctor, host, secret, version, help
    NULL};

// What the API answers. Each row: method, path, right, fields, function.
static const struct route *const routes[] = {
    release_routes,         // /releases, /locks, /requests, the push webhook
    house_routes,           // /status
    account_routes,         // /session, /me, /tokens, /people, /invites, /audit
    log_routes,             // /log/...
    NULL};

// What the answers look like, by name (web/shape.h).
static const struct shape *const shapes[] = {
    release_shapes, account_shapes, log_shapes,
    house_shapes,           // last: the home page is made of the others'
    NULL};

// What a page may ask to be sent besides what everybody hears.
static const struct bulk *const bulks[] = {
    release_bulks,          // output:SERVICE/NUMBER
    log_bulks,              // tail:NAME
    NULL};

static bool web(const char *site, const char *data, struct err *e)
{
    return web_run(&(struct web_call){.site = site, .data = data, .tables = routes,
                                      .shapes = shapes, .bulks = bulks}, e);
}

// What `rusuban serve` keeps running: one process each.
static const struct role roles[] = {
    {"web", "answers the API and takes webhooks", web},
    {"releaser", "builds releases and brings them to the hosts", releaser_run},
    {"watcher", "sends notices", watcher_run},
    {"logserver", "takes log lines from agents and writes the lake", logserver_run},
    {"logwatch", "compares each page with its own past", logwatch_run},
    {"sql", "answers SQL about the lake", sqlserver_run},
    {0}};

// What `rusuban doctor` looks at, in this order.
static check_fn *const checks[] = {
    house_check,            // this machine, the site file, the data directory
    web_check,              // the provider where people sign in
    release_check,          // every host
    log_check,              // log server, agents, SQL, the lake
    NULL};

// What the home page shows, in this order.
static home_fn *const home[] = {
    house_home,             // the house itself
    release_home,           // what runs, what waits for a person, services in their zones
    log_home,               // pages that got worse, figures of a day
    NULL};

int main(int argc, char **argv)
{
    // Before any of our options: every word behind it belongs to the command it keeps.
    if (argc > 2 && strcmp(argv[1], "keeper") == 0)
        return keeper_main(argv + 2);
    house_open(&(struct house){.roles = roles, .checks = checks, .routes = routes, .shapes = shapes,
                               .home = home, .commands = commands});
    return command_main(argc, argv, commands);
}
