// help.c: the command table as a reader sees it: all rows as a list, one row in full, or the row that a mistyped
// word was probably meant to be. The same rows as JSON feed completion and documentation.
#include "base/command.h"
#include "base/json.h"

struct rows_found { const struct command **at; size_t n, cap; };

// The row's words begin with all that was asked for.
static bool begins(const struct command *row, const struct strs *asked)
{
    struct str rest = str_z(row->words);
    for (size_t i = 0; i < asked->n; i++)
        if (!str_eq(str_word(&rest), asked->at[i]))
            return false;
    return true;
}

static void collect(struct arena *a, const struct command *const *tables, const struct strs *asked,
                    struct rows_found *out)
{
    for (; *tables; tables++)
        for (const struct command *row = *tables; row->words; row++)
            if (begins(row, asked))
                vec_push(a, out, row);
}

static size_t count_words(const char *text)
{
    struct str rest = str_z(text);
    size_t n = 0;
    while (str_word(&rest).n)
        n++;
    return n;
}

// The first n words typed, as one text.
static struct str join(struct arena *a, const struct strs *words, size_t n)
{
    struct str all = words->at[0];
    for (size_t i = 1; i < n; i++)
        all = str_f(a, STR_F " " STR_F, STR_A(all), STR_A(words->at[i]));
    return all;
}

static struct str name_of(const void *rows, size_t i)
{
    return str_z(((const struct command *const *)rows)[i]->words);
}

// What other programs call it.
static const struct { struct str word, row; } others_say[] = {
    {S("deploy"), S("release")}, {S("undo"), S("release rollback")}, {S("revert"), S("release rollback")},
    {S("cancel"), S("release abort")}, {S("log"), S("release show")}, {S("logs"), S("release show")},
};

static struct str last_word(const void *rows, size_t i)
{
    struct str rest = name_of(rows, i), word, last = {0};
    while ((word = str_word(&rest)).n)
        last = word;
    return last;
}

// Rows of n words; what only the program itself calls is nobody's mistyping.
static struct rows_found of_length(struct arena *a, const struct rows_found *all, size_t n)
{
    struct rows_found same = {0};
    for (size_t i = 0; i < all->n; i++)
        if (count_words(all->at[i]->words) == n && !str_starts(str_z(all->at[i]->help), S("(inside)")))
            vec_push(a, &same, all->at[i]);
    return same;
}

// Somebody left out the group: "rollback web", or, less exactly, "rolback web".
static struct str without_group(struct arena *a, const struct rows_found *all, struct str typed, bool exactly)
{
    struct rows_found two = of_length(a, all, 2);
    struct str near = exactly ? typed : str_nearest(typed, two.n, last_word, (const void *)two.at);
    for (size_t i = 0; i < two.n; i++)
        if (near.n && str_eq(last_word((const void *)two.at, i), near))
            return str_z(two.at[i]->words);
    return S("");
}

// "relase" is compared with rows of one word, "lock sett web" with rows of two.
struct str command_near(struct arena *a, const struct command *const *tables, const struct strs *words)
{
    struct rows_found all = {0};
    struct str near = {0};
    collect(a, tables, &(struct strs){0}, &all);
    for (size_t i = 0; i < ARRAY_LEN(others_say) && words->n; i++)
        for (size_t k = 0; k < all.n; k++)
            if (str_eq(words->at[0], others_say[i].word) && str_eq(str_z(all.at[k]->words), others_say[i].row))
                return others_say[i].row;
    if (words->n)
        near = without_group(a, &all, words->at[0], true);
    for (size_t n = words->n < 3 ? words->n : 3; n && !near.n; n--) {
        struct rows_found same = of_length(a, &all, n);
        near = str_nearest(join(a, words, n), same.n, name_of, (const void *)same.at);
    }
    return near.n || !words->n ? near : without_group(a, &all, words->at[0], false);
}

// How many words from the left begin some row: the next one is the mistake, and what follows it is not at fault.
static size_t known_words(struct arena *a, const struct command *const *tables, const struct strs *typed)
{
    size_t n = 0;
    for (bool some = true; some && n < typed->n;) {
        struct rows_found rows = {0};
        collect(a, tables, &(struct strs){typed->at, n + 1, n + 1}, &rows);
        some = rows.n > 0;
        n += some;
    }
    return n < typed->n ? n : typed->n - 1;
}

static bool unknown(struct arena *a, const struct command *const *tables, const struct strs *typed, struct err *e)
{
    size_t known = known_words(a, tables, typed);
    struct str near = command_near(a, tables, typed), group = join(a, typed, known);
    struct str wrong = join(a, typed, known + 1);
    err_set(e, ERR_INPUT, "unknown command \"" STR_F "\"", STR_A(wrong));
    if (known && !str_starts(near, group))      // "log nope" means nothing of another group
        return err_hint(e, "rusuban help " STR_F, STR_A(group));
    return near.n ? err_hint(e, "did you mean \"rusuban " STR_F "\"?", STR_A(near))
                  : err_hint(e, "rusuban help");
}

static void pad(struct buf *b, size_t from, size_t width)
{
    size_t n = b->n - from;
    buf_addn(b, ' ', n < width ? width - n : 2);
}

static void add_options(struct buf *b, const struct option *o)
{
    for (; o && o->name; o++) {
        size_t from = b->n;
        buf_addf(b, "  --%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
        pad(b, from, 24);
        buf_addf(b, "%s\n", o->help);
    }
}

static void one_row(struct buf *b, const struct command *row)
{
    bool own = row->options && row->options->name;
    buf_addf(b, "rusuban %s%s%s%s\n\n%s\n\n", row->words, *row->args ? " " : "", row->args, own ? " [OPTIONS]" : "",
             row->help);
    add_options(b, row->options);
    buf_addz(b, own ? "\nEverywhere:\n" : "Everywhere:\n");
    add_options(b, command_options);
    buf_addf(b, "\nExample:\n  %s\n", row->example);
}

// One line a row; tables stand apart. What only the program itself calls is left out.
static void list(struct buf *b, const struct rows_found *rows, const struct command *less)
{
    for (size_t i = 0; i < rows->n; i++) {
        if (rows->at[i] == less || str_starts(str_z(rows->at[i]->help), S("(inside)")))
            continue;
        if (!less && i && rows->at[i] != rows->at[i - 1] + 1)
            buf_addc(b, '\n');
        size_t from = b->n;
        buf_addf(b, "  %s %s", rows->at[i]->words, rows->at[i]->args);
        pad(b, from, 38);
        buf_addf(b, "%s\n", rows->at[i]->help);
    }
}

static void list_json(struct buf *b, const struct rows_found *rows)
{
    json_open(b, '{');
    json_key(b, "commands");
    json_open(b, '[');
    for (size_t i = 0; i < rows->n; i++) {
        const struct command *row = rows->at[i];
        json_open(b, '{');
        json_kvs(b, KVS(KV("words", row->words), KV("args", row->args), KV("help", row->help),
                        KV("example", row->example)));
        json_key(b, "options");
        json_open(b, '[');
        for (const struct option *o = row->options; o && o->name; o++)
            json_object(b, KV("name", o->name), KV("value", o->value), KV("help", o->help));
        json_close(b, ']');
        json_close(b, '}');
    }
    json_close(b, ']');
    json_close(b, '}');
    buf_addc(b, '\n');
}

// The row that was named in full, or the only one that was meant.
static const struct command *exact(const struct rows_found *rows, const struct strs *asked)
{
    for (size_t i = 0; i < rows->n; i++)
        if (count_words(rows->at[i]->words) == asked->n)
            return rows->at[i];
    return rows->n == 1 ? rows->at[0] : NULL;
}

static void text(struct buf *out, const struct rows_found *rows, const struct strs *asked)
{
    const struct command *row = exact(rows, asked);
    if (!asked->n)
        buf_addz(out, "Rusuban minds the house: people bring out releases by themselves, safely.\n\n");
    if (row)
        one_row(out, row);
    if (row && rows->n > 1)
        buf_addz(out, "\nSee also:\n");
    list(out, rows, row);
    if (!row)
        buf_addf(out, "\nOne of them in full: rusuban help COMMAND%s\n",
                 asked->n ? "" : "; the version: rusuban --version");
}

bool command_help(struct arena *a, const struct command *const *tables, const struct strs *words, bool json,
                  struct buf *out, struct err *e)
{
    struct rows_found rows = {0};
    collect(a, tables, words, &rows);
    if (!rows.n)
        return unknown(a, tables, words, e);
    if (json)
        list_json(out, &rows);
    else
        text(out, &rows, words);
    return true;
}
