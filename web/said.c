// said.c: recognises our sentences by their English, and says them in Japanese. See said.h.
//
// Matching the finished sentence rather than keeping format and arguments apart: nothing changes where sentences are
// made, and those that were written into the store last week, or come from another role, are recognised too. The row
// with the most letters of its own wins. What a stranger puts into a name can at worst move the border between two
// parameters.
//
// A mistake of the site file is cut into what is wrong and the way out before either is looked for: a row whose last
// parameter takes all that is left would take the way out with it, and say the opposite.
#include "web/said.h"
#include "base/embed.h"
#include <string.h>
#include <strings.h>

EMBED(said_table, "web/said.ltsv")

enum { PARAMETERS_MAX = 8, DEEP = 3 };

struct matched { struct pair at[PARAMETERS_MAX]; size_t n; };

// deep: parts of parts so far; mistake: of the site file, so rows that begin with site: are looked at too.
struct saying { struct arena *arena; int deep; bool mistake; };

const char *language_name(enum language l)
{
    return l == JAPANESE ? "ja" : "en";
}

// ---- one row ----

// {name}: small letters in braces; any other brace is a letter like others. How long it is; 0: none begins here.
static size_t parameter_length(struct str s)
{
    size_t n = s.n && s.p[0] == '{';
    while (n && n < s.n && s.p[n] >= 'a' && s.p[n] <= 'z')
        n++;
    return n > 1 && n < s.n && s.p[n] == '}' ? n + 1 : 0;
}

// Cuts the letters in front of the next parameter, and its name; false: there is none, and *letters is all the rest.
static bool next_parameter(struct str *rest, struct str *letters, struct str *name)
{
    size_t at = 0, n = 0;
    while (at < rest->n && !(n = parameter_length(str_from(*rest, at))))
        at++;
    *letters = str_head(*rest, at);
    *name = n ? str_head(str_from(*rest, at + 1), n - 2) : S("");
    *rest = str_from(*rest, at + n);
    return n > 0;
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

static bool say_it(struct saying s, struct str text, struct str *out);

static struct str bare(struct str sentence)
{
    return str_ends(sentence, S("。")) ? str_head(sentence, sentence.n - S("。").n) : sentence;
}

// ---- parts of a sentence that are sentences or words of ours themselves ----

// Where the next "; " stands that is not within quotes, from `from` on; where the quotes are no pairs, any one.
static ptrdiff_t next_cut(struct str text, size_t from)
{
    bool inside = false, odd = false;
    for (size_t i = 0; i < text.n; i++)
        odd ^= text.p[i] == '"';
    for (size_t i = 0; i < text.n; i++) {
        inside ^= text.p[i] == '"';
        if (i >= from && (odd || !inside) && str_starts(str_from(text, i), S("; ")))
            return (ptrdiff_t)i;
    }
    return -1;
}

// "leave the tag out; each key knows the type of its value": each of them or none. False: one is not known.
static bool way_out(struct saying s, struct str text, struct str *out)
{
    struct str first, rest;
    ptrdiff_t cut = next_cut(text, 0);
    if (cut < 0)
        return say_it(s, text, out);
    if (!say_it(s, str_head(text, (size_t)cut), &first) || !way_out(s, str_from(text, (size_t)cut + 2), &rest))
        return false;
    *out = str_f(s.arena, STR_F "。" STR_F, STR_A(bare(first)), STR_A(rest));
    return true;
}

// In brackets behind what is wrong; where that ends in brackets already, within them.
static struct str with_way_out(struct saying s, struct str said, struct str out)
{
    bool ends = str_ends(said, S("）"));
    return str_f(s.arena, STR_F "%s" STR_F "）", STR_A(str_head(said, said.n - (ends ? S("）").n : 0))),
                 ends ? "。" : "（", STR_A(out));
}

// "/etc/rusuban/site.yaml:10:1: unknown key "x"; did you mean "y"?": the place stays, what is wrong is said, and the
// way out too where we can; else it stays as it is, all of it.
static struct str mistake(struct saying s, struct str whole)
{
    ptrdiff_t end = str_find(whole, S(": "));
    struct str where = str_head(whole, end < 0 ? 0 : (size_t)end + 2), text = str_from(whole, where.n), said, out;
    ptrdiff_t cut = next_cut(text, 0);
    if (cut < 0 && say_it(s, text, &said))
        return str_f(s.arena, STR_F STR_F, STR_A(where), STR_A(bare(said)));
    for (; cut >= 0; cut = next_cut(text, (size_t)cut + 2)) {
        struct str hint = str_from(text, (size_t)cut + 2);
        if (!say_it(s, str_head(text, (size_t)cut), &said))
            continue;
        return str_f(s.arena, STR_F STR_F, STR_A(where),
                     STR_A(with_way_out(s, bare(said), way_out(s, hint, &out) ? bare(out) : hint)));
    }
    return whole;
}

// "unclear, always or never": words to choose from. False: it is something else. *n: how many.
static bool words(struct arena *a, struct str text, struct str *out, size_t *n)
{
    OWN_BUF struct buf b = buf_make(1024);
    for (*n = 0; text.n; ++*n) {
        ptrdiff_t comma = str_find(text, S(", ")), last = str_find(text, S(" or "));
        ptrdiff_t end = comma >= 0 ? comma : last >= 0 ? last : (ptrdiff_t)text.n;
        struct str word = str_head(text, (size_t)end);
        if (!word.n || memchr(word.p, ' ', word.n))
            return false;
        buf_addz(&b, *n ? "、" : "");
        buf_add(&b, word);
        text = str_from(text, (size_t)end + (comma >= 0 ? 2 : last >= 0 ? 4 : 0));
    }
    *out = str_dup(a, buf_str(&b));
    return *n > 0;
}

static struct str part(struct saying s, struct pair p)
{
    static const char *const ours[] = {"why", "verb", "state", "role", "got"};
    struct saying deeper = {s.arena, s.deep + 1, s.mistake || str_eq(p.name, S("mistake"))};
    struct str said;
    size_t n;
    if (str_eq(p.name, S("mistake")))
        return mistake(deeper, p.value);
    if (str_eq(p.name, S("choice")))
        return words(s.arena, p.value, &said, &n) ? said : p.value;
    for (size_t i = 0; i < ARRAY_LEN(ours); i++)
        if (str_eq(p.name, str_z(ours[i])) && s.deep < DEEP && say_it(deeper, p.value, &said))
            return bare(said);
    if (s.mistake && str_eq(p.name, S("why")) && words(s.arena, p.value, &said, &n))
        return str_f(s.arena, " " STR_F " %s", STR_A(said), n > 1 ? "のいずれか" : "");
    return p.value;
}

static struct str filled(struct saying s, struct str row, const struct matched *m)
{
    OWN_BUF struct buf b = buf_make(4096);
    struct str letters, name;
    while (next_parameter(&row, &letters, &name)) {
        buf_add(&b, letters);
        for (size_t i = 0; i < m->n; i++)
            if (str_eq(m->at[i].name, name))
                buf_add(&b, part(s, m->at[i]));
    }
    buf_add(&b, letters);
    return str_dup(s.arena, buf_str(&b));
}

// ---- the table ----

// Whose words a row has: en: this program's, site: only of mistakes of the site file, the others' of a library.
static bool row_counts(struct str whose, bool of_mistake)
{
    if (str_eq(whose, S("site")) || str_eq(whose, S("yaml")))
        return of_mistake;
    return str_eq(whose, S("en")) || str_eq(whose, S("duckdb")) || str_eq(whose, S("jansson"));
}

static bool say_it(struct saying s, struct str text, struct str *out)
{
    struct str rest = said_table(), japanese = S("");
    struct matched best = {0}, m;
    size_t most = 0, own = 0;
    while (rest.n) {
        struct str line = str_cut(&rest, '\n');
        struct str en = str_cut(&line, '\t'), whose = str_cut(&en, ':');
        if (!row_counts(whose, s.mistake))
            continue;
        if (!matches(en, text, &m, &own) || (japanese.n && own <= most))
            continue;
        best = m;
        most = own;
        japanese = str_from(line, S("ja:").n);
    }
    if (japanese.n)
        *out = filled(s, japanese, &best);
    return japanese.n;
}

// "/etc/rusuban/site.yaml:10:1: ": a mistake of the site file that stands alone.
static bool has_place(struct str text)
{
    ptrdiff_t end = str_find(text, S(": "));
    int numbers = 0;
    for (struct str place = str_head(text, end < 0 ? 0 : (size_t)end); place.n && numbers < 2; numbers++) {
        size_t n = place.n;
        while (n && place.p[n - 1] >= '0' && place.p[n - 1] <= '9')
            n--;
        if (n == place.n || n < 2 || place.p[n - 1] != ':')
            return false;
        place = str_head(place, n - 1);
    }
    return numbers == 2;
}

// "...; and 2 more mistakes" is cut off first, for the same reason as a way out.
bool said_in_japanese(struct arena *a, struct str text, struct str *out)
{
    struct saying s = {.arena = a, .mistake = has_place(text)};
    struct str said, others;
    if (s.mistake) {
        said = mistake(s, text);
        if (!str_eq(said, text))
            *out = said;
        return !str_eq(said, text);
    }
    for (ptrdiff_t cut = next_cut(text, 0); cut >= 0; cut = next_cut(text, (size_t)cut + 2)) {
        struct str tail = str_from(text, (size_t)cut + 2);
        if (!str_starts(tail, S("and ")) || str_find(tail, S("; ")) >= 0 || !say_it(s, tail, &others))
            continue;
        if (!say_it(s, str_head(text, (size_t)cut), &said))
            return false;
        *out = with_way_out(s, bare(said), bare(others));
        return true;
    }
    return say_it(s, text, out);
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
