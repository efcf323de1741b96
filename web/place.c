// place.c: one walk over JSON text that knows strings and brackets and nothing else.
#include "web/place.h"

struct walk {
    struct str text;
    size_t at, depth;
    int line, col;
};

static char step(struct walk *w)
{
    char c = w->text.p[w->at++];
    w->col++;
    if (c == '\n') {
        w->line++;
        w->col = 0;
    }
    return c;
}

// Behind the opening quote: to behind the closing one. The text between them, escapes as they are.
static struct str string(struct walk *w)
{
    size_t from = w->at;
    while (w->at < w->text.n) {
        char c = step(w);
        if (c == '"')
            return (struct str){w->text.p + from, w->at - 1 - from};
        if (c == '\\' && w->at < w->text.n)
            step(w);
    }
    return (struct str){w->text.p + from, w->at - from};
}

static void bracket(struct walk *w, char c)
{
    if (c == '{' || c == '[')
        w->depth++;
    else if ((c == '}' || c == ']') && w->depth)
        w->depth--;
}

size_t place_depth(struct str json)
{
    struct walk w = {.text = json};
    size_t deepest = 0;
    while (w.at < json.n) {
        char c = step(&w);
        if (c == '"')
            string(&w);
        bracket(&w, c);
        deepest = w.depth > deepest ? w.depth : deepest;
    }
    return deepest;
}

static bool colon_next(const struct walk *w)
{
    return str_starts(str_trim(str_from(w->text, w->at)), S(":"));
}

void place_of_key(struct str json, struct str key, int *line, int *col)
{
    struct walk w = {.text = json, .line = 1};
    *line = *col = 0;
    while (w.at < json.n) {
        char c = step(&w);
        int at_line = w.line, at_col = w.col;
        if (c == '"' && str_eq(string(&w), key) && w.depth == 1 && colon_next(&w)) {
            *line = at_line;
            *col = at_col;
            return;
        }
        bracket(&w, c);
    }
}
