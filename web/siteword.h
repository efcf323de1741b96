// siteword.h: tells once when the site file changed, or when it has a mistake: an event of the topic `site`.
//
//     siteword_look(&word, web);      // once a second
#pragma once
#include "web/request.h"

struct siteword { unsigned told; };     // reading of the file (struct fresh) that everybody knows of
void siteword_look(struct siteword *s, struct web *w);
