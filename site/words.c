// words.c: splits a command at blanks. No shell ever sees it, so a character that a shell would act on is a
// mistake here rather than a surprise there.
#include "site/words.h"
#include "site/reading.h"
#include <string.h>

static const char for_a_shell[] = "|&;<>()$\\\"'*?[]#~!`";

static bool shell_err(struct err *e, char c)
{
    err_set(e, ERR_INPUT, "%c means something to a shell, and no shell reads this", c);
    return err_hint(e, "put it into a script in the repository, or say openly [sh, -c, \"...\"]");
}

bool words_split(struct arena *a, struct str s, struct words *out, struct err *e)
{
    *out = (struct words){0};
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 0x20 || c == 0x7F)
            return err_set(e, ERR_INPUT, "a command stands on one line, got %s", shown(s).z);
        if (strchr(for_a_shell, c))
            return shell_err(e, (char)c);
    }
    for (struct str rest = s, word; (word = str_word(&rest)).n;) {
        if (out->n == COMMAND_WORDS_MAX)
            return err_set(e, ERR_INPUT, "a command of more than %d words", COMMAND_WORDS_MAX);
        vec_push(a, out, word);
    }
    return words_check(out, e);
}

// Line ends and tabs may stand in a word (sh -c), other controls are slips of a keyboard.
static bool has_control(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F)
            return true;
    }
    return false;
}

bool words_check(const struct words *w, struct err *e)
{
    if (w->n == 0 || w->at[0].n == 0)
        return err_set(e, ERR_INPUT, "an empty command");
    if (w->n > COMMAND_WORDS_MAX)
        return err_set(e, ERR_INPUT, "a command of more than %d words", COMMAND_WORDS_MAX);
    for (size_t i = 0; i < w->n; i++)
        if (has_control(w->at[i]))
            return err_set(e, ERR_INPUT, "a control character in %s", shown(w->at[i]).z);
    struct str program = w->at[0];
    if (program.p[0] == '-') {
        err_set(e, ERR_INPUT, "%s is no program", shown(program).z);
        return err_hint(e, "a command begins with its program; one command as a list inside a list: "
                           "[[sh, -c, \"...\"]]");
    }
    if (str_has(program, ' ') || str_has(program, '\t') || str_has(program, '\n')) {
        err_set(e, ERR_INPUT, "%s is no program: it holds a blank", shown(program).z);
        return err_hint(e, "each word is an entry of its own, or the whole command is one string");
    }
    if (str_has(program, '=')) {
        err_set(e, ERR_INPUT, "%s is no program", shown(program).z);
        return err_hint(e, "variables are set by env: env %s ...", shown_bare(program).z);
    }
    return true;
}

struct str words_text(struct arena *a, const struct words *w)
{
    OWN_BUF struct buf b = buf_make(64 << 10);
    for (size_t i = 0; i < w->n; i++)
        buf_addf(&b, "%s" STR_F, i ? " " : "", STR_A(w->at[i]));
    return str_dup(a, buf_str(&b));
}
