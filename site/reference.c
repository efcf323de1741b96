// reference.c: writes docs/site.md: one section a table, one line a key, all of it from the rows. A test compares
// the committed file with this, so the page cannot fall behind.
#include "site/reference.h"
#include "site/example.h"
#include "site/keys.h"
#include "site/scalar.h"

static const char intro[] =
    "# The site file\n"
    "\n"
    "One YAML file, `/etc/rusuban/site.yaml`, describes the site; every command reads it. `rusuban site init`\n"
    "writes an example, `rusuban site check` tells all mistakes at once, `rusuban site show` prints what was\n"
    "understood with all defaults. This page is printed by `rusuban site reference`.\n"
    "\n"
    "- Plain YAML only: one document of maps, lists and texts. Anchors, aliases, tags and merge keys are mistakes.\n"
    "- Limits: 1 MiB, 64 levels, 2,000 hosts, 500 services, 10,000 values.\n"
    "- Names are a small letter, then small letters, digits and `-`, 32 at most. Names of secrets and notifiers may\n"
    "  also hold `_`. A service cannot have the name of a `rusuban release` verb (`plan`, `status`, `show`, ...).\n"
    "- Durations have a unit: `500ms`, `5s`, `15m`, `4h`, `30d`. Sizes too: `512M`, `3.75G`.\n"
    "- A command is a list of words, or one string that is split at blanks. No shell reads it: a string with a\n"
    "  character that a shell would act on is a mistake. Put such a line into a script of the repository, or say\n"
    "  openly `[sh, -c, \"...\"]`.\n"
    "- The file never holds a secret, only names of secrets. Their values are put into the store.\n"
    "- Windows are days and hours of the site's time zone: `\"Mon-Thu 10:00-18:00\"`,\n"
    "  `\"Mon,Wed 09:00-12:00,13:00-17:00\"`, `\"Fri 22:00-02:00\"` (into Saturday), `Sat` (all day). The end of a\n"
    "  span no longer counts.\n"
    "\n"
    "## Example\n"
    "\n"
    "```yaml\n";

static struct str kind_of(struct arena *a, const struct key *k)
{
    const struct scalar *type = scalar_of(k->type);
    if (k->words)
        return words_joined(a, k->words);
    switch (k->type) {
    case KEY_LIST:      return S("list");
    case KEY_COMMAND:   return S("command");
    case KEY_COMMANDS:  return S("list of commands");
    case KEY_MAP:       return S("map, below");
    case KEY_NAMED:     return S("names, below");
    default:            return str_z(type->name);
    }
}

static bool is_int(const struct key *k)
{
    return k->type == KEY_INT || k->type == KEY_PERCENT || k->type == KEY_TIMES;
}

static bool has_bounds(const struct key *k)
{
    return k->type == KEY_TIME || k->type == KEY_SIZE || is_int(k);
}

static void add_bounds(struct buf *b, const struct key *k)
{
    int whole[2] = {(int)k->low, (int)k->high};
    const struct scalar *type = scalar_of(k->type);
    if (!has_bounds(k))
        return;
    buf_addz(b, ", ");
    type->print(k, is_int(k) ? (const void *)&whole[0] : &k->low, b);
    buf_addz(b, " to ");
    type->print(k, is_int(k) ? (const void *)&whole[1] : &k->high, b);
}

static void add_usual(struct arena *a, struct buf *b, const struct key *k)
{
    if (k->must)
        buf_addz(b, "needed");
    else if (k->choice)
        buf_addz(b, "one of these");
    else if (!k->usual)
        buf_addz(b, k->type == KEY_MAP || k->type == KEY_NAMED ? "" : "none");
    else if (k->type == KEY_LIST)
        buf_addf(b, "`[%s]`", k->usual);
    else
        buf_addf(b, "`" STR_F "`", STR_A(*k->usual ? str_z(k->usual) : str_f(a, "\"\"")));
}

static void add_row(struct arena *a, struct buf *b, const struct key *k)
{
    buf_addf(b, "| `%s` | " STR_F, k->name, STR_A(kind_of(a, k)));
    add_bounds(b, k);
    buf_addz(b, " | ");
    add_usual(a, b, k);
    buf_addf(b, " | %s%s%s%s |\n", k->help, k->example ? "; e.g. `" : "", k->example ? k->example : "",
             k->example ? "`" : "");
}

static void add_later(struct buf *b, const struct table *t)
{
    const char *before = "\nNot part of this version: ";
    for (const struct key *k = t->keys; k->name; k++)
        if (k->type == KEY_LATER) {
            buf_addf(b, "%s`%s`", before, k->name);
            before = ", ";
        }
    if (before[0] == ',')
        buf_addz(b, ".\n");
}

static void add_table(struct arena *a, struct buf *b, const struct table *t, struct str path)
{
    const char *quote = path.n ? "`" : "";
    buf_addf(b, "\n## %s%s" STR_F "%s\n\n", path.n ? "" : "Top level", quote, STR_A(path), quote);
    buf_addz(b, "| key | value | default | what it says |\n|---|---|---|---|\n");
    for (const struct key *k = t->keys; k->name; k++)
        if (k->type != KEY_LATER)
            add_row(a, b, k);
    add_later(b, t);
    for (const struct key *k = t->keys; k->name; k++)
        if (k->table)
            add_table(a, b, k->table, str_f(a, STR_F "%s%s%s", STR_A(path), path.n ? "." : "", k->name,
                                            k->type == KEY_NAMED ? ".NAME" : ""));
}

void reference_write(struct arena *a, struct buf *out)
{
    buf_addz(out, intro);
    buf_add(out, example_site());
    buf_addz(out, "```\n");
    add_table(a, out, &site_table, S(""));
}
