// secret.c: `rusuban secret`: keeps secrets for the roles. A value comes on stdin, from a file, a pipe or a person's
// fingers (without echo); it is never an argument and never printed.
#include "store/secret.h"
#include "base/clock.h"
#include "base/json.h"
#include "house/commands.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

struct typed { char at[(64 << 10) + 2]; size_t n; };

static void forget(struct typed *t)
{
    explicit_bzero(t, sizeof *t);
}

// The terminal's echo, off until the end of the scope, and on again for whoever presses Ctrl C meanwhile.
static struct termios echoing;

static void on_interrupt(int sig)
{
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &echoing);
    _exit(128 + sig);
}

static void echo_again(const bool *off)
{
    if (*off)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &echoing);
    signal(SIGINT, SIG_DFL);
}

static bool echo_off(void)
{
    if (tcgetattr(STDIN_FILENO, &echoing) < 0)
        return false;
    struct termios quiet = echoing;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    signal(SIGINT, on_interrupt);
    return tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
}

static bool read_all(struct typed *t, bool one_line, struct err *e)
{
    ssize_t n = 1;
    while (n > 0 && t->n < sizeof t->at && !(one_line && memchr(t->at, '\n', t->n))) {
        n = read(STDIN_FILENO, t->at + t->n, sizeof t->at - t->n);
        if (n < 0)
            return err_set(e, ERR_IO, "read the value from stdin: %m");
        t->n += (size_t)n;
    }
    // An editor's or a person's newline at the end is not part of the value.
    if (t->n && t->at[t->n - 1] == '\n')
        t->n--;
    return true;
}

static bool read_value(struct call *c, struct str name, struct typed *t, struct err *e)
{
    if (!isatty(STDIN_FILENO))
        return read_all(t, false, e);
    if (c->no_input) {
        err_set(e, ERR_INPUT, "the value is read from stdin");
        return err_hint(e, "rusuban secret set " STR_F " < FILE", STR_A(name));
    }
    fprintf(stderr, "Value of " STR_F " (not shown): ", STR_A(name));
    OWN(echo_again) const bool off = echo_off();
    (void)off;
    bool ok = read_all(t, true, e);
    fputc('\n', stderr);
    return ok;
}

static bool role_of(struct call *c, const char **role, struct err *e)
{
    const char *given = call_option(c, "role");
    *role = given ? given : "releaser";
    if (role_find(str_z(*role)))
        return true;
    err_set(e, ERR_INPUT, "there is no role \"%s\"", *role);
    return err_hint(e, "--role releaser");
}

static void told(const struct call *c, const char *did, struct str name, const char *role)
{
    OWN_BUF struct buf b = buf_make(4096);
    if (c->json) {
        json_object(&b, KV("name", name), KV("role", role));
        puts(buf_z(&b));
    } else if (!c->quiet)
        fprintf(stderr, "%s " STR_F " for %s\n", did, STR_A(name), role);
}

bool cmd_secret_set(struct call *c, struct err *e)
{
    OWN(forget) struct typed value = {.n = 0};
    OWN_DB struct db *db = NULL;
    struct str name = call_arg(c, 0);
    const char *role;
    if (!role_of(c, &role, e) || !read_value(c, name, &value, e) || !store_open(c->data, &db, e)
        || !secret_set(db, c->data, role, name, (struct str){value.at, value.n}, e))
        return false;
    told(c, "Kept", name, role);
    return true;
}

bool cmd_secret_drop(struct call *c, struct err *e)
{
    OWN_DB struct db *db = NULL;
    struct str name = call_arg(c, 0);
    const char *role;
    if (!role_of(c, &role, e) || !store_find(c->data, &db, e) || !secret_drop(db, role, name, e))
        return false;
    told(c, "Forgot", name, role);
    return true;
}

static void print_json(const struct secret_names *names)
{
    OWN_BUF struct buf b = buf_make(16 << 20);
    json_open(&b, '{');
    json_key(&b, "items");
    json_open(&b, '[');
    for (size_t i = 0; i < names->n; i++) {
        char at[TIME_TEXT_MAX];
        json_object(&b, KV("name", names->at[i].name), KV("role", names->at[i].role),
                    KV("at", time_text(names->at[i].at, at)));
    }
    json_close(&b, ']');
    json_close(&b, '}');
    puts(buf_z(&b));
}

bool cmd_secret_list(struct call *c, struct err *e)
{
    OWN_DB struct db *db = NULL;
    struct secret_names names = {0};
    if (!store_find(c->data, &db, e) || !secret_list(c->arena, db, &names, e))
        return false;
    if (c->json) {
        print_json(&names);
        return true;
    }
    for (size_t i = 0; i < names.n; i++) {
        char took[TIME_TEXT_MAX];
        printf("%-24.*s for %-10.*s set %s ago\n", STR_A(names.at[i].name), STR_A(names.at[i].role),
               took_text(now_ms() - names.at[i].at, took));
    }
    if (!names.n && !c->quiet)
        fputs("No secrets yet: rusuban secret set NAME < FILE\n", stderr);
    return true;
}
