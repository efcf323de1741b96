// deploykey.c: `rusuban host key`: the one key with which this house comes to its hosts, DIR/keys/deploy, and, with
// --forge, the other one with which it reads repositories, DIR/keys/forge. Two keys, so that neither opens both doors.
#include "base/child.h"
#include "base/file.h"
#include "base/json.h"
#include "house/commands.h"
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

// Made under a name of its own and linked to its place, so that a key is there whole or not at all and never replaced.
static bool make_key(struct call *c, const char *path, struct err *e)
{
    struct arena *a = c->arena;
    char host[256] = "house";
    const char *mine = str_zf(a, "%s/keys/.new.%d", c->data, (int)getpid()), *public = str_zf(a, "%s.pub", mine);
    gethostname(host, sizeof host - 1);
    const char *argv[] = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", str_zf(a, "rusuban@%s", host),
                          "-f",         mine, NULL};
    struct child_spec spec = {.argv = argv, .deadline_ms = 30000, .max_output = 4096};
    struct child_result r;
    if (!dir_make(str_zf(a, "%s/keys", c->data), 0700, e) || !child_run(a, &spec, &r, e))
        return false;
    bool ok = rename(public, str_zf(a, "%s.pub", path)) == 0 && (link(mine, path) == 0 || errno == EEXIST);
    if (!ok)
        err_set(e, ERR_IO, "make %s: %m", path);
    unlink(mine);
    return ok && dir_sync(str_zf(a, "%s/keys", c->data), e);
}

// From the private key, which is the truth: the .pub file beside it may be missing or another's.
static bool public_key(struct call *c, const char *path, struct str *out, struct err *e)
{
    const char *argv[] = {"ssh-keygen", "-y", "-P", "", "-f", path, NULL};
    struct child_spec spec = {.argv = argv, .deadline_ms = 10000, .max_output = 4096};
    struct child_result r;
    if (!child_run(c->arena, &spec, &r, e))
        return err_in(e, "%s", path);
    *out = str_trim(r.out);
    return true;
}

// restrict: no terminal, no forwarding; what we need of a host is its commands.
bool cmd_host_key(struct call *c, struct err *e)
{
    bool forge = call_flag(c, "forge");
    const char *path = str_zf(c->arena, "%s/keys/%s", c->data, forge ? "forge" : "deploy");
    struct str key = {0};
    bool new = !path_exists(path);
    if ((new && !make_key(c, path, e)) || !public_key(c, path, &key, e))
        return err_in(e, "our key for the %s", forge ? "forge" : "hosts");
    if (c->json) {
        OWN_BUF struct buf b = buf_make(8192);
        json_object(&b, KV("public", key), KV("authorized_keys", str_f(c->arena, "restrict " STR_F, STR_A(key))),
                    KV("path", path), KV("new", new));
        puts(buf_z(&b));
        return true;
    }
    if (!c->quiet)
        fprintf(stderr, "%s %s. %s:\n", new ? "Made" : "Our key is", path,
                forge ? "At the forge, as a read-only deploy key of each repository"
                      : "On every host, as one line of the deploy user's ~/.ssh/authorized_keys");
    printf("%s" STR_F "\n", forge ? "" : "restrict ", STR_A(key));
    return true;
}
