// oidc_page.c: a refusal as a page. No script, no style: it has to work where nothing else does.
#include "web/oidc.h"
#include "web/reply.h"
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

static void write_page(struct buf *b, const struct request *r, const struct err *e)
{
    buf_addz(b, "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
             "<meta name=\"color-scheme\" content=\"light dark\">"
             "<meta name=\"viewport\" content=\"width=device-width\">"
             "<title>Not signed in</title><h1>Not signed in</h1><p>");
    escape(b, str_z(e->text));
    buf_addz(b, "</p>");
    if (e->hint[0]) {
        buf_addz(b, "<p>");
        escape(b, str_z(e->hint));
        buf_addz(b, "</p>");
    }
    buf_addf(b, "<p><a href=\"/sign-in\">Back to the sign-in</a></p><p>Request <code>%s</code></p></html>\n", r->id);
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
