// trust.c: `rusuban host trust HOST`: asks the host for its key, shows the fingerprint to a person, and pins it in
// DIR/known_hosts. After that ssh refuses whoever answers at that address with another key.
#include "base/child.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "house/commands.h"
#include "house/hostkey.h"
#include "site/site.h"
#include <stdio.h>
#include <unistd.h>

enum { KNOWN_MAX = 1 << 20, PATIENCE_MS = 5000 };

struct trust {
    struct call *c;
    const struct host *host;
    struct str name;            // in known_hosts
    const char *file;
    struct hostkeys shown, pinned;
};

static bool scan(struct trust *t, struct err *e)
{
    struct arena *a = t->c->arena;
    const struct host *h = t->host;
    const char *argv[] = {
        "ssh-keyscan",           "-T", "10", "-p", str_zf(a, "%d", h->ssh.port), "-t", "ed25519,ecdsa,rsa", "--",
        str_zdup(a, h->address), NULL};
    struct child_spec spec = {.argv = argv, .deadline_ms = 30000, .max_output = 64 << 10};
    struct child_result r;
    if (!child_run(a, &spec, &r, e))
        return err_in(e, "ask " STR_F " for its key", STR_A(h->name));
    hostkey_collect(a, r.out, S(""), &t->shown);
    if (t->shown.n)
        return true;
    err_set(e, ERR_PEER, STR_F " does not answer with a key at " STR_F " port %d", STR_A(h->name), STR_A(h->address),
            h->ssh.port);
    return err_hint(e, "does sshd run there, and may we reach it?");
}

static bool read_known(struct trust *t, struct str *text, struct err *e)
{
    *text = S("");
    return file_read(t->c->arena, t->file, KNOWN_MAX, text, e) || e->kind == ERR_NOT_FOUND;
}

static bool is_pinned(const struct trust *t, const struct hostkey *key)
{
    for (size_t i = 0; i < t->pinned.n; i++)
        if (str_eq(t->pinned.at[i].type, key->type) && str_eq(t->pinned.at[i].base64, key->base64))
            return true;
    return false;
}

// All that was known but this host, then its new line.
static bool pin(struct trust *t, const struct hostkey *key, struct err *e)
{
    struct arena *a = t->c->arena;
    struct str rest;
    OWN_FD lock = -1;
    OWN_BUF struct buf b = buf_make(KNOWN_MAX);
    const char *path = str_zf(a, "%s/run/known_hosts.lock", t->c->data);
    if (!dir_make(str_zf(a, "%s/run", t->c->data), 0700, e))
        return false;
    for (int64_t until = tick_ms() + PATIENCE_MS; !file_lock(path, &lock, e); usleep(20000))
        if (e->kind != ERR_STATE || tick_ms() > until)
            return false;
    if (!read_known(t, &rest, e))
        return false;
    while (rest.n) {
        struct str line = str_cut(&rest, '\n'), words = line;
        if (line.n && !str_eq(str_word(&words), t->name))
            buf_addf(&b, STR_F "\n", STR_A(line));
    }
    buf_addf(&b, STR_F " " STR_F " " STR_F "\n", STR_A(t->name), STR_A(key->type), STR_A(key->base64));
    return buf_ok(&b, e) && file_write(t->file, buf_str(&b), 0600, e);
}

static bool has_fingerprint(const struct trust *t, struct str wanted, const struct hostkey **key, struct err *e)
{
    for (size_t i = 0; i < t->shown.n; i++)
        if (str_eq(t->shown.at[i].fingerprint, wanted)) {
            *key = &t->shown.at[i];
            return true;
        }
    return err_set(e, ERR_CHECK, STR_F " shows " STR_F ", not " STR_F, STR_A(t->host->name), STR_A((*key)->fingerprint),
                   STR_A(wanted));
}

static bool ask_person(const struct trust *t, const struct hostkey *key, struct err *e)
{
    struct call *c = t->c;
    char line[16] = "";
    fprintf(stderr, STR_F " (" STR_F " port %d) shows this key:\n  " STR_F "  " STR_F "\n", STR_A(t->host->name),
            STR_A(t->host->address), t->host->ssh.port, STR_A(key->type), STR_A(key->fingerprint));
    if (call_flag(c, "yes"))
        return true;
    if (c->no_input || !isatty(STDIN_FILENO)) {
        err_set(e, ERR_INPUT, "nobody is there to compare the fingerprint");
        return err_hint(e, "--fingerprint SHA256:... or --yes");
    }
    fputs("The host itself shows it with: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\nThe same? [y/N] ", stderr);
    if (fgets(line, sizeof line, stdin) && (line[0] == 'y' || line[0] == 'Y'))
        return true;
    return err_set(e, ERR_CHECK, STR_F " is not trusted: nothing was changed", STR_A(t->host->name));
}

static bool refuse_other_key(const struct trust *t, const struct hostkey *key, struct err *e)
{
    err_set(e, ERR_CONFLICT, STR_F " shows " STR_F ", but " STR_F " is pinned: a new key, or another machine",
            STR_A(t->host->name), STR_A(key->fingerprint), STR_A(t->pinned.at[0].fingerprint));
    return err_hint(e, "when you know why: rusuban host trust " STR_F " --replace", STR_A(t->host->name));
}

static void told(const struct trust *t, const struct hostkey *key, bool new)
{
    OWN_BUF struct buf b = buf_make(8192);
    if (t->c->json) {
        json_object(&b, KV("host", t->host->name), KV("name", t->name), KV("type", key->type),
                    KV("fingerprint", key->fingerprint), KV("new", new));
        puts(buf_z(&b));
    } else if (!t->c->quiet)
        fprintf(stderr, STR_F " %s: " STR_F "\n", STR_A(t->host->name), new ? "is trusted" : "was trusted already",
                STR_A(key->fingerprint));
}

static bool trust(struct trust *t, struct err *e)
{
    const char *wanted = call_option(t->c, "fingerprint");
    struct str known;
    if (!scan(t, e) || !read_known(t, &known, e))
        return false;
    hostkey_collect(t->c->arena, known, t->name, &t->pinned);
    const struct hostkey *key = hostkey_best(&t->shown);
    if (wanted && !has_fingerprint(t, str_z(wanted), &key, e))
        return false;
    if (is_pinned(t, key)) {
        told(t, key, false);
        return true;
    }
    if (t->pinned.n && !call_flag(t->c, "replace"))
        return refuse_other_key(t, key, e);
    if ((!wanted && !ask_person(t, key, e)) || !pin(t, key, e))
        return false;
    told(t, key, true);
    return true;
}

static struct str host_name(const void *site, size_t i)
{
    return ((const struct site *)site)->hosts.at[i].name;
}

// Where repositories live: NAME or NAME:PORT, as in an ssh address of a repository.
static bool forge_host(struct str arg, struct host *h, struct err *e)
{
    uint64_t port = 22;
    struct str rest = arg, name = str_cut(&rest, ':');
    if (!str_plain(name, ".-") || name.p[0] == '-' || (rest.n && (!str_u64(rest, &port) || port == 0 || port > 65535)))
        return err_set(e, ERR_INPUT, "\"" STR_F "\" is not NAME or NAME:PORT", STR_A(arg));
    *h = (struct host){.name = name, .address = name, .ssh.port = (int)port};
    return true;
}

bool cmd_host_trust(struct call *c, struct err *e)
{
    struct site *site;
    struct host forge;
    struct str name = call_arg(c, 0);
    struct trust f = {.c = c, .host = &forge, .file = str_zf(c->arena, "%s/known_hosts", c->data)};
    if (call_flag(c, "forge")) {
        if (!forge_host(name, &forge, e))
            return false;
        f.name = hostkey_name(c->arena, forge.address, forge.ssh.port);
        return trust(&f, e);
    }
    if (!site_load(c->arena, c->site, &site, e))
        return false;
    struct trust t = {.c = c, .host = site_host(site, name), .file = str_zf(c->arena, "%s/known_hosts", c->data)};
    if (!t.host) {
        struct str near = str_nearest(name, site->hosts.n, host_name, site);
        err_set(e, ERR_NOT_FOUND, "the site has no host \"" STR_F "\"", STR_A(name));
        return near.n ? err_hint(e, "rusuban host trust " STR_F, STR_A(near)) : false;
    }
    t.name = hostkey_name(c->arena, t.host->address, t.host->ssh.port);
    return trust(&t, e);
}
