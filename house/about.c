// about.c: `rusuban version`, `help`, `api spec`, `api types`: what this program is, to a person and to a script.
#include "base/json.h"
#include "house/commands.h"
#include <event2/event.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>

bool cmd_version(struct call *c, struct err *e)
{
    (void)e;
    if (!c->json) {
        printf("rusuban %s\n", RUSUBAN_VERSION);
        return true;
    }
    OWN_BUF struct buf b = buf_make(4096);
    json_object(&b, KV("rusuban", RUSUBAN_VERSION), KV("sqlite", sqlite3_libversion()),
                KV("libevent", event_get_version()), KV("libsodium", sodium_version_string()));
    puts(buf_z(&b));
    return true;
}

bool cmd_help(struct call *c, struct err *e)
{
    OWN_BUF struct buf b = buf_make(1 << 20);
    if (!command_help(c->arena, c->tables, &c->args, c->json, &b, e) || !buf_ok(&b, e))
        return false;
    fputs(buf_z(&b), stdout);
    return true;
}

typedef void write_fn(struct buf *out, const struct route *const *tables, const struct shape *const *shapes);

static bool print(write_fn *write, struct err *e)
{
    OWN_BUF struct buf b = buf_make(16 << 20);
    write(&b, the_house->routes, the_house->shapes);
    if (!buf_ok(&b, e))
        return false;
    puts(buf_z(&b));
    return true;
}

bool cmd_api_spec(struct call *c, struct err *e)
{
    (void)c;
    return print(spec_write, e);
}

bool cmd_api_types(struct call *c, struct err *e)
{
    (void)c;
    return print(types_write, e);
}
