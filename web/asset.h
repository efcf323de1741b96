// asset.h: the pages: files of ui/ that live inside the program, and the shell that answers every address of a page.
//
// They say nothing about the site, so they are for everybody, signed in or not; what a page shows comes from the API.
// The files are made by scripts/ui; a program that was built without them (make UI=no) has the API alone.
#pragma once
#include "web/request.h"

enum asset_coding { ASSET_PLAIN, ASSET_GZIP, ASSET_BROTLI, ASSET_CODINGS };

struct asset {
    const char *path;               // "/assets/main-3f9c.js"; "" is the shell
    const char *type, *hash;
    struct str bytes[ASSET_CODINGS];
};
extern const struct asset assets[] __attribute__((weak));      // {0}-ended, the shell first; NULL: built without

// Answers when the request is for a page or a file of one; false: it is for somebody else.
bool asset_answer(struct request *r);
// The best of what Accept-Encoding takes (RFC 9110, 12.5.3).
enum asset_coding asset_coding(struct str accept);
// The words that the program will ask for first: in the language that this browser read last (a cookie that the pages
// write), else in the first of Accept-Language that there is.
struct str asset_language(struct str cookie, struct str accept);
// Does an address belong to a page? Those of rows with R_PAGE, and the few that have no data.
bool asset_is_page(const struct router *r, const struct strs *path);
