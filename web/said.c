// said.c: recognises our sentences by their English, and says them in Japanese. See said.h.
//
// Matching the finished sentence rather than keeping format and arguments apart: nothing changes where sentences are
// made, and those that were written into the store last week, or come from another role, are recognised too. The row with the
// most letters of its own wins. What a stranger puts into a name can at worst move the border between two parameters.
#include "web/said.h"
#include "base/embed.h"
#include <strings.h>

EMBED(said_table, "web/said.ltsv")

enum { PARAMETERS_MAX = 8, DEEP = 2 };

struct matched { struct pair at[PARAMETERS_MAX]; size_t n; };

const char *language_name(enum language l)
{
    return l == JAPANESE ? "ja" : "en";
}

// ---- one row ----

// Cuts the letters in front of the next parameter, and its name; false: there is none, and *letters is all the rest.
static bool next_parameter(struct str *rest, struct str *letters, struct str *name)
{
    ptrdiff_t open = str_find(*rest, S("{"));
    *letters = open < 0 ? *rest : str_head(*rest, (size_t)open);
    *rest = str_from(*rest, open < 0 ? rest->n : (size_t)open + 1);
    *name = open < 0 ? S("") : str_cut(rest, '}');
    return open >= 0;
}

// A parameter is as short as it can be, the last one all that is left. *own: letters that are the row's; those at its
// beginning count twice, since a row that begins with a parameter may swallow the beginning of another sentence.
static bool matches(struct str row, struct str text, struct matched *m, size_t *own)
{
    struct str letters, name, after;
    bool more = next_parameter(&row, &letters, &name);
    if (!str_starts(text, letters))
        return false;
    text = str_from(text, letters.n);
    *own = 2 * letters.n;
    for (m->n = 0; more && m->n < PARAMETERS_MAX; name = after) {
        more = next_parameter(&row, &letters, &after);
        if (!more && !str_ends(text, letters))
            return false;
        ptrdiff_t end = more ? str_find(text, letters) : (ptrdiff_t)(text.n - letters.n);
        if (end < 0)
            return false;
        m->at[m->n++] = (struct pair){name, str_head(text, (size_t)end)};
        text = str_from(text, (size_t)end + letters.n);
        *own += letters.n;
    }
    return !more && !text.n;
}

static bool say_it(struct arena *a, struct str text, int deep, struct str *out);

static struct str bare(struct str sentence)
{
    return str_ends(sentence, S("。")) ? str_head(sentence, sentence.n - S("。").n) : sentence;
}

// "/etc/rusuban/site.yaml:10:1: unknown key "x"; did you mean "y"?": the place stays, what is wrong is said, and the way
// out too where we can.
static struct str mistake(struct arena *a, struct str whole, int deep)
{
    ptrdiff_t end = str_find(whole, S(": "));
    struct str where = str_head(whole, end < 0 ? 0 : (size_t)end + 2), text = str_from(whole, where.n), said, out;
    if (say_it(a, text, deep, &said))
        return str_f(a, STR_F STR_F, STR_A(where), STR_A(bare(said)));
    for (size_t at = 0; at + 2 < text.n; at++) {
        struct str hint = str_from(text, at + 2);
        if (!str_starts(str_from(text, at), S("; ")) || !say_it(a, str_head(text, at), deep, &said))
            continue;
        out = say_it(a, hint, deep, &out) ? bare(out) : hint;
        return str_f(a, STR_F STR_F "（" STR_F "）", STR_A(where), STR_A(bare(said)), STR_A(out));
    }
    return whole;
}

// Parts that are sentences or words of ours themselves.
static struct str part(struct arena *a, struct pair p, int deep)
{
    static const char *const ours[] = {"why", "verb", "state", "role", "got"};
    struct str said;
    if (str_eq(p.name, S("mistake")))
        return mistake(a, p.value, deep + 1);
    for (size_t i = 0; i < ARRAY_LEN(ours); i++)
        if (str_eq(p.name, str_z(ours[i])) && deep < DEEP && say_it(a, p.value, deep + 1, &said))
            return bare(said);
    return p.value;
}

static struct str filled(struct arena *a, struct str row, const struct matched *m, int deep)
{
    OWN_BUF struct buf b = buf_make(4096);
    struct str letters, name;
    while (next_parameter(&row, &letters, &name)) {
        buf_add(&b, letters);
        for (size_t i = 0; i < m->n; i++)
            if (str_eq(m->at[i].name, name))
                buf_add(&b, part(a, m->at[i], deep));
    }
    buf_add(&b, letters);
    return str_dup(a, buf_str(&b));
}

// ---- the table ----

static bool say_it(struct arena *a, struct str text, int deep, struct str *out)
{
    struct str rest = said_table(), japanese = S("");
    struct matched best = {0}, m;
    size_t most = 0, own = 0;
    while (rest.n) {
        struct str line = str_cut(&rest, '\n');
        struct str en = str_cut(&line, '\t'), whose = str_cut(&en, ':');
        if (!str_eq(whose, S("en")) && !str_eq(whose, S("duckdb")))
            continue;
        if (!matches(en, text, &m, &own) || (japanese.n && own <= most))
            continue;
        best = m;
        most = own;
        japanese = str_from(line, S("ja:").n);
    }
    if (japanese.n)
        *out = filled(a, japanese, &best, deep);
    return japanese.n;
}

bool said_in_japanese(struct arena *a, struct str text, struct str *out)
{
    return say_it(a, text, 0, out);
}

// ---- who reads ----

static int weight(struct str parameters)
{
    struct str q = str_trim(parameters);
    if (!str_starts(q, S("q=")))
        return 1000;
    int n = 0;
    for (size_t i = 2, place = 1000; i < q.n && i < 7; i++)
        if (q.p[i] >= '0' && q.p[i] <= '9') {
            n += (q.p[i] - '0') * (int)place;
            place /= 10;
        }
    return n;
}

static bool is_of(struct str tag, const char *language)
{
    return tag.n >= 2 && strncasecmp(tag.p, language, 2) == 0 && (tag.n == 2 || tag.p[2] == '-');
}

enum language language_accepted(struct str accept)
{
    enum language best = ENGLISH;
    int most = 0;
    while (accept.n) {
        struct str one = str_cut(&accept, ','), tag = str_trim(str_cut(&one, ';'));
        int w = weight(one);
        if (w > most && (is_of(tag, "ja") || is_of(tag, "en"))) {
            most = w;
            best = is_of(tag, "ja") ? JAPANESE : ENGLISH;
        }
    }
    return best;
}

// What somebody chose; "" = nothing.
static struct str chosen(struct request *r)
{
    const struct who *who = &r->ask.who;
    struct err e = {0};
    if (!who->account || (who->way != WAY_SESSION && who->way != WAY_PROXY))
        return S("");
    OWN_ROWS struct rows *rows = sql_ask(r->web->db, &e, "select language from account where id = ?",
                                         VALS(V(who->account)));
    return rows && rows_next(rows, &e) ? row_str(&r->arena, rows, 0) : S("");
}

static enum language find_language(struct request *r)
{
    struct str shown = ask_header(&r->ask, "rusuban-language");
    if (!shown.n)
        shown = chosen(r);
    return language_accepted(shown.n ? shown : ask_header(&r->ask, "accept-language"));
}

enum language language_of(struct request *r)
{
    if (!r->spoken)
        r->spoken = (unsigned char)(1 + find_language(r));
    return (enum language)(r->spoken - 1);
}

static bool is_command(struct str hint)
{
    return !hint.n || str_starts(hint, S("rusuban "));
}

struct told told_of(struct request *r, struct str text, struct str hint)
{
    struct told ja = {.language = language_name(JAPANESE), .hint = hint};
    if (language_of(r) == JAPANESE && said_in_japanese(&r->arena, text, &ja.text)
        && (said_in_japanese(&r->arena, hint, &ja.hint) || is_command(hint)))
        return ja;
    return (struct told){language_name(ENGLISH), text, hint};
}

struct str ask_told(struct ask *q, struct str text)
{
    struct str out;
    return text.n && language_of(request_of(q)) == JAPANESE && said_in_japanese(q->arena, text, &out) ? out : text;
}
