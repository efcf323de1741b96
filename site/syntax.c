// syntax.c: why a file is no YAML at all, and where, in words that help somebody who does not know YAML well.
#include "site/syntax.h"
#include <string.h>

struct place place_of_mark(yaml_mark_t m)
{
    return (struct place){(int)m.line + 1, (int)m.column + 1};
}

// libyaml speaks to people who know YAML; these are its commonest complaints and what usually helps.
static const struct { const char *problem, *hint; } hints[] = {
    {"mapping values are not allowed in this context",
     "a value that holds \": \" needs quotes; is the indent right?"},
    {"could not find expected ':'", "a key ends with a colon and a blank"},
    {"did not find expected key", "look at the indent and at the line above"},
    {"did not find expected ',' or ']'", "a [ is not closed; or text in it needs quotes"},
    {"did not find expected ',' or '}'", "a { is not closed; or text in it needs quotes"},
    {"found a tab character that violates indentation", "indent with blanks, never tabs"},
    {"found character that cannot start any token",
     "indent with blanks, never tabs; text that starts with @, % or ` needs quotes"},
    {"found unexpected end of stream", "a quote is not closed"},
    {"found unknown escape character", "use 'single quotes' for text with backslashes"},
    {"control characters are not allowed", "only tabs and line ends may stand beside visible characters"},
};

static struct str hint_for(const char *problem)
{
    for (size_t i = 0; i < ARRAY_LEN(hints); i++)
        if (strcmp(problem, hints[i].problem) == 0)
            return str_z(hints[i].hint);
    return S("");
}

// The place of a byte; columns count characters.
static struct place place_of_byte(struct str text, size_t at)
{
    struct place p = {1, 1};
    for (size_t i = 0; i < at && i < text.n; i++) {
        if (text.p[i] == '\n')
            p = (struct place){p.line + 1, 1};
        else if (((unsigned char)text.p[i] & 0xC0) != 0x80)
            p.col++;
    }
    return p;
}

// libyaml's reader knows only the offset, its scanner and parser know the mark.
void syntax_tell(struct reading *r, const yaml_parser_t *y, struct str text)
{
    bool reader = y->error == YAML_READER_ERROR;
    struct place p = reader ? place_of_byte(text, y->problem_offset) : place_of_mark(y->problem_mark);
    const char *problem = y->problem ? y->problem : "it ends in the middle";
    struct str where = S("");
    if (y->context && y->context_mark.line != y->problem_mark.line)
        where = str_f(r->arena, " %s that starts on line %zu", y->context, y->context_mark.line + 1);
    mistake_at(r, p, "this is not YAML: %s" STR_F, problem, STR_A(where))->hint = hint_for(problem);
}

// How many bytes at the head are well-formed UTF-8.
static size_t good_bytes(struct str text)
{
    size_t at = 0, n;
    if (str_utf8(text))
        return text.n;
    do {
        for (n = 1; n <= 4 && at + n <= text.n && !str_utf8(str_head(str_from(text, at), n)); n++)
            ;
        at += n;
    } while (n <= 4 && at < text.n);
    return at - n;
}

bool syntax_utf8(struct reading *r, struct str text)
{
    size_t good = good_bytes(text);
    if (good == text.n)
        return true;
    mistake_at(r, place_of_byte(text, good), "this is not UTF-8 text")->hint = S("save the file as UTF-8");
    return false;
}
