// site_cli.c: `rusuban site check | show | init | reference`.
#include "base/file.h"
#include "base/json.h"
#include "site/example.h"
#include "site/reference.h"
#include "site/site.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { OUTPUT_MAX = 16 << 20 };

// Messages name the file as the person did.
static const char *path_given(const struct call *c)
{
    const char *given = call_option(c, "site");
    return given ? given : c->site;
}

static bool print(const struct buf *b, struct err *e)
{
    if (!buf_ok(b, e))
        return err_in(e, "print");
    fputs(buf_z(b), stdout);
    return true;
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

// What is allowed and seldom meant: no mistakes, so the check goes well.
static struct mistakes notes_of(struct arena *a, const struct site *s)
{
    struct mistakes notes = {0};
    for (size_t i = 0; s && i < s->services.n; i++) {
        const struct service *x = &s->services.at[i];
        if (!x->health.path.n)
            vec_push(a, &notes, ((struct mistake){
                x->line, x->col,
                str_f(a, STR_F " has no health: a release that answers with errors goes on to every host",
                      STR_A(x->name)),
                S("for example health: {path: /up}")}));
        if (x->restart.unit_unsaid)
            vec_push(a, &notes, ((struct mistake){
                x->line, x->col, str_f(a, STR_F " reloads the unit php-fpm: Debian and Ubuntu have none of that name",
                                       STR_A(x->name)), S("there it is, for example, unit: php8.2-fpm")}));
    }
    return notes;
}

static void put_list(struct buf *b, const char *key, const struct mistakes *m, const char *path)
{
    json_key(b, key);
    json_open(b, '[');
    for (size_t i = 0; i < m->n; i++) {
        const struct mistake *x = &m->at[i];
        json_object(b, KV("file", path), KV("line", x->line), KV("col", x->col), KV("message", x->text),
                    {"hint", V_OPT(x->hint)});
    }
    json_close(b, ']');
}

static void check_json(struct buf *b, const struct mistakes *m, const struct mistakes *notes, const char *path)
{
    json_open(b, '{');
    json_kv(b, "ok", (bool)(m->n == 0));
    put_list(b, "mistakes", m, path);
    put_list(b, "notes", notes, path);
    json_close(b, '}');
    buf_addc(b, '\n');
}

static void say_fine(const struct site *s, const char *path)
{
    if (!s->services.n) {
        printf("%s has no mistakes, but no service either, so there is nothing to release; an example: "
               "rusuban site init --print\n", path);
        return;
    }
    printf("%s is fine: %zu host%s in %zu zone%s, %zu service%s\n", path, s->hosts.n, plural(s->hosts.n), s->zones.n,
           plural(s->zones.n), s->services.n, plural(s->services.n));
}

static bool cmd_check(struct call *c, struct err *e)
{
    OWN_BUF struct buf b = buf_make(OUTPUT_MAX);
    const char *path = path_given(c);
    struct mistakes m;
    struct site *s;
    if (!site_read(c->arena, c->site, &s, &m, e))
        return false;
    struct mistakes notes = notes_of(c->arena, s);
    if (c->json)
        check_json(&b, &m, &notes, path);
    if (!print(&b, e))
        return false;
    if (!m.n) {
        if (c->json || c->quiet)
            return true;
        say_fine(s, path);
        mistakes_print(&notes, str_zf(c->arena, "note: %s", path), stderr);
        return true;
    }
    if (!c->json)
        mistakes_print(&m, path, stderr);
    return err_set(e, ERR_CHECK, "%s has %zu mistake%s", path, m.n, plural(m.n));
}

static bool cmd_show(struct call *c, struct err *e)
{
    OWN_BUF struct buf b = buf_make(OUTPUT_MAX);
    struct site *s;
    if (!site_load(c->arena, c->site, &s, e))
        return false;
    if (c->json) {
        site_json(c->arena, s, &b);
        buf_addc(&b, '\n');
    } else {
        site_yaml(c->arena, s, &b);
    }
    return print(&b, e);
}

static bool make_parent(struct arena *a, const char *path, struct err *e)
{
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return true;
    return dir_make(str_zdup(a, (struct str){path, (size_t)(slash - path)}), 0755, e);
}

static bool there_already(const char *path, struct err *e)
{
    err_set(e, ERR_STATE, "%s is there already, and nothing was changed", path);
    return err_hint(e, "look at an example with: rusuban site init --print");
}

// Complete and durable under another name first. link(2) then refuses what rename(2) would replace: a file that
// appeared a moment ago is somebody's site too.
static bool write_new(struct arena *a, const char *path, struct str text, struct err *e)
{
    const char *beside = str_zf(a, "%s.new-%d", path, (int)getpid());
    if (path_exists(path))
        return there_already(path, e);
    if (!file_write(beside, text, 0644, e))
        return false;
    int failed = link(beside, path) < 0 ? errno : 0;
    unlink(beside);
    if (failed == EEXIST)
        return there_already(path, e);
    errno = failed;
    return failed ? err_set(e, ERR_IO, "create %s: %m", path) : true;
}

static bool cmd_init(struct call *c, struct err *e)
{
    struct str text = example_site();
    if (call_flag(c, "print")) {
        fwrite(text.p, 1, text.n, stdout);
        return true;
    }
    if (!make_parent(c->arena, c->site, e) || !write_new(c->arena, c->site, text, e))
        return false;
    if (!c->quiet)
        fprintf(stderr, "wrote %s: make it yours, then run: rusuban site check\n", path_given(c));
    return true;
}

static bool cmd_reference(struct call *c, struct err *e)
{
    OWN_BUF struct buf b = buf_make(OUTPUT_MAX);
    reference_write(c->arena, &b);
    return print(&b, e);
}

static const struct option init_options[] = {{"print", NULL, "print the example, write nothing"}, {0}};

const struct command site_commands[] = {
    {"site check", "", NULL, "tell every mistake in the site file at once",
     "rusuban site check --site site.yaml", cmd_check},
    {"site show", "", NULL, "print what was understood, with all defaults",
     "rusuban site show --json", cmd_show},
    {"site init", "", init_options, "write an example site file where there is none",
     "rusuban site init --site site.yaml", cmd_init},
    {"site reference", "", NULL, "print the page about all keys of the site file",
     "rusuban site reference > docs/site.md", cmd_reference},
    {0}};
