// quote.c: POSIX shell quoting (Shell Command Language 2.2.2); proved by sending bytes 1 to 255 through sh.
#include "release/quote.h"
#include <assert.h>

void quote_add(struct buf *b, struct str word)
{
    buf_addc(b, '\'');
    while (word.n) {
        bool more = str_has(word, '\'');
        buf_add(b, str_cut(&word, '\''));
        if (more)
            buf_addz(b, "'\\''");
    }
    buf_addc(b, '\'');
}

struct str quote_words(struct arena *a, const struct strs *words)
{
    OWN_BUF struct buf b = buf_make(256 << 10);
    for (size_t i = 0; i < words->n; i++) {
        if (i)
            buf_addc(&b, ' ');
        quote_add(&b, words->at[i]);
    }
    assert(!b.failed && "words for a host are bounded by the site file");
    return str_dup(a, buf_str(&b));
}
