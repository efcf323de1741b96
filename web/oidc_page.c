// oidc_page.c: a refusal as a page. No script, no style: it has to work where nothing else does.
#include "web/oidc.h"
#include "web/reply.h"
#include "web/said.h"
#include <string.h>

static void escape(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        switch (s.p[i]) {
        case '<': buf_addz(b, "&lt;"); break;
        case '>': buf_addz(b, "&gt;"); break;
        case '&': buf_addz(b, "&amp;"); break;
        case '"': buf_addz(b, "&quot;"); break;
        default: buf_addc(b, s.p[i]);
        }
}

static bool wants_page(const struct request *r)
{
    return str_find(ask_header(&r->ask, "accept"), S("text/html")) >= 0;
}

struct page_words { const char *title, *back, *request; };
static const struct page_words words[] = {
    [ENGLISH] = {"Not signed in", "Back to the sign-in", "Request"},
    [JAPANESE] = {"サインインできませんでした", "サインインに戻る", "リクエスト"},
};

// Of what is told in English only, the reader hears that it is (lang).
static void paragraph(struct buf *b, const char *language, struct str text)
{
    buf_addf(b, "<p lang=\"%s\">", language);
    escape(b, text);
    buf_addz(b, "</p>");
}

static void write_page(struct buf *b, struct request *r, const struct err *e)
{
    enum language l = language_of(r);
    const struct page_words *w = &words[l];
    struct told t = told_of(r, str_z(e->text), str_z(e->hint));
    buf_addf(b, "<!doctype html><html lang=\"%s\"><meta charset=\"utf-8\">"
             "<meta name=\"color-scheme\" content=\"light dark\">"
             "<meta name=\"viewport\" content=\"width=device-width\">"
             "<title>%s</title><h1>%s</h1>", language_name(l), w->title, w->title);
    paragraph(b, t.language, t.text);
    if (t.hint.n)
        paragraph(b, t.language, t.hint);
    buf_addf(b, "<p><a href=\"/sign-in\">%s</a></p><p>%s <code>%s</code></p></html>\n", w->back, w->request, r->id);
}

void oidc_refuse(struct request *r, const struct err *e)
{
    OWN_BUF struct buf page = buf_make(32 << 10), object = buf_make(32 << 10);
    if (!wants_page(r)) {
        reply_error(r, e);
        return;
    }
    int status = error_object(&object, r, e);
    write_page(&page, r, e);
    reply_log(r, status, e);
    reply_page(r, buf_str(&page), status);
}
