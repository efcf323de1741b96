// main.c: the map of the program: which commands, roles, pages and checks there are, and where each lives.
//
// A capability is a folder. It exports tables; this file lists them, and nothing else knows them all.
#include "base/command.h"
#include "house/house.h"
#include "notify/notify.h"

static const struct command *const commands[] = {
    house_commands,     // serve, status, doctor, host, secret, version, help
    NULL};

static const struct route *const routes[] = {
    house_routes,
    NULL};

static bool web(const char *site, const char *data, struct err *e)
{
    return web_run(&(struct web_call){.site = site, .data = data, .tables = routes}, e);
}

static const struct role roles[] = {
    {"web", "answers the API and the webhooks", web},
    {"watcher", "sends notices", watcher_run},
    {0}};

static check_fn *const checks[] = {
    house_check,        // this machine
    NULL};

int main(int argc, char **argv)
{
    house_open(&(struct house){.roles = roles, .checks = checks});
    return command_main(argc, argv, commands);
}
