// cmd_agent.c: `rusuban log agent` and `rusuban log enroll`.
#include "base/say.h"
#include "log/agent.h"
#include "log/cli.h"
#include "log/token.h"
#include "site/site.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

// Every file that was rotated away and is not finished stays open.
static void allow_files(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < r.rlim_max) {
        r.rlim_cur = r.rlim_max;
        setrlimit(RLIMIT_NOFILE, &r);
    }
}

static void on_term(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    loop_stop(arg);
}

static bool where(struct call *c, struct agent_spec *s, struct err *e)
{
    s->server = call_option(c, "server");
    s->socket = call_option(c, "socket");
    s->root = call_option(c, "root");
    s->root = s->root ? s->root : "";
    if (s->server && s->socket)
        return err_set(e, ERR_INPUT, "--server and --socket are two ways to one server; say one of them");
    if (call_option(c, "token") && !s->server)
        return err_set(e, ERR_INPUT, "--token is for --server; over the Unix socket there is none");
    if (call_option(c, "token") && call_option(c, "host"))
        return err_set(e, ERR_INPUT, "--host: the token says already who this host is");
    if (s->root[0] && s->root[0] != '/')
        return err_set(e, ERR_INPUT, "--root: expected an absolute path, got \"%s\"", s->root);
    if (!s->server && !s->socket)
        s->socket = str_zf(c->arena, "%s/run/log.sock", c->data);
    return true;
}

static bool who(struct call *c, struct agent_spec *s, struct token *token, struct err *e)
{
    const char *file = call_option(c, "token"), *host = call_option(c, "host");
    char name[256] = "";
    if (file) {
        s->token = token;
        return token_file(file, token, e);
    }
    if (!host && gethostname(name, sizeof name - 1) < 0)
        return err_set(e, ERR_IO, "this machine has no name: %m");
    s->host = str_dup(c->arena, host ? str_z(host) : str_z(name));
    return str_plain(s->host, ".-_")
           || err_set(e, ERR_INPUT, "--host: \"" STR_F "\" is no name of a host", STR_A(s->host));
}

#ifdef RUSUBAN_FAULTS
// Plays wait for less.
static void times(struct agent_spec *s)
{
    const char *text = getenv("RUSUBAN_AGENT_MS");
    if (!text)
        return;
    s->quiet_ms = strtol(text, NULL, 10);
    s->settle_ms = s->quiet_ms;
    s->retry_ms = 50;
    s->sweep_ms = 200;
}
#else
static void times(struct agent_spec *s)
{
    (void)s;
}
#endif

bool cmd_log_agent(struct call *c, struct err *e)
{
    struct agent_spec spec = {0};
    struct token token;
    if (!where(c, &spec, e) || !who(c, &spec, &token, e))
        return false;
    times(&spec);
    say_role("agent");
    allow_files();
    struct loop *l = loop_new(e);
    struct agent *a = l ? agent_new(l, &spec, e) : NULL;
    if (!a) {
        if (l)
            loop_free(l);
        return false;
    }
    loop_signal(l, SIGTERM, on_term, l);
    loop_signal(l, SIGINT, on_term, l);
    loop_run(l);
    agent_free(a);
    loop_free(l);
    token_forget(&token);
    return true;
}

// ---- enroll ----

static bool known_host(struct call *c, struct str host, struct err *e)
{
    struct site *site;
    if (!site_load(c->arena, c->site, &site, e))
        return false;
    if (site_host(site, host))
        return true;
    err_set(e, ERR_NOT_FOUND, "%s has no host \"" STR_F "\"", c->site, STR_A(host));
    return err_hint(e, "the site file names all hosts: rusuban site show");
}

static bool end_token(struct db *db, struct str host, struct call *c, struct err *e)
{
    if (!token_revoke(db, host, e))
        return false;
    if (!c->quiet)
        fprintf(stderr, "The token of " STR_F " is no longer valid; a connection that is open ends within seconds.\n",
                STR_A(host));
    return true;
}

bool cmd_log_enroll(struct call *c, struct err *e)
{
    OWN_DB struct db *db = NULL;
    OWN_BUF struct buf text = buf_make(TOKEN_TEXT_MAX);
    unsigned char pin[TLS_PIN];
    struct str host = call_arg(c, 0);
    bool end = call_flag(c, "revoke");
    if (!(end ? store_find : store_open)(c->data, &db, e))
        return false;
    if (end)
        return end_token(db, host, c, e);
    if (!known_host(c, host, e) || !tls_pin(c->data, pin, e) || !token_make(db, host, pin, &text, e))
        return false;
    if (!c->quiet)
        fprintf(stderr, "Put this line into a file on " STR_F " that only the agent can read:\n", STR_A(host));
    return printf("%s\n", buf_z(&text)) > 0 || err_set(e, ERR_IO, "write: %m");
}
