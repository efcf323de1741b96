// scenery.c: see scenery.h.
#include "log/scenery.h"
#include <string.h>

// %u: the number of a work, a user, a message.
static const struct scene marketplace[] = {
    {"/", 60, 90, 42000, 0},
    {"/public/jobs/search", 90, 210, 61000, QUERY},
    {"/public/jobs/category/%u", 70, 180, 58000, QUERY},
    {"/public/jobs/%u", 160, 120, 38000, 0},
    {"/public/employees/%u", 60, 110, 31000, 0},
    {"/public/employees/search", 25, 240, 64000, QUERY},
    {"/login", 18, 70, 12000, 0},
    {"/login_action", 9, 160, 520, POST},
    {"/mypage", 45, 260, 48000, 0},
    {"/mypage/menu", 22, 90, 21000, 0},
    {"/mypage/profile", 12, 130, 27000, 0},
    {"/proposals/%u", 50, 150, 33000, 0},
    {"/proposals/%u/messages", 40, 170, 29000, QUERY},
    {"/messages/post", 14, 210, 640, POST},
    {"/works/create/start", 6, 190, 36000, 0},
    {"/works/%u/edit", 7, 200, 41000, 0},
    {"/api/v1/notifications", 120, 25, 380, 0},
    {"/api/v1/works/%u/favorites", 20, 35, 210, POST},
    {"/api/v1/suggest", 45, 30, 900, QUERY},
    {"/timecards/%u", 10, 140, 18000, 0},
    {"/payments", 5, 280, 26000, 0},
    {"/payments/%u/receipt", 3, 420, 88000, 0},
    {"/help/article/%u", 8, 60, 23000, 0},
    {"/contact", 2, 80, 15000, 0},
    {"/feed.rss", 4, 45, 52000, 0},
    {"/robots.txt", 3, 1, 230, 0},
};

// The screens of demo/kotori. Its pages as the demo serves them take a few milliseconds: there is no database behind
// them. A past of some tens leaves room for a busy machine, so that the watch cries only when somebody made a page
// slow.
static const struct scene kotori[] = {
    {"/", 60, 18, 7200, 0},
    {"/work_search", 120, 30, 8600, QUERY},
    {"/message_board", 40, 24, 4100, 0},
    {"/user_login", 16, 12, 3900, 0},
    {"/user_login", 8, 20, 20, POST},
    {"/mypage_menu", 30, 14, 3600, LOGIN},
    {"/mypage_profile", 18, 18, 4000, LOGIN},
    {"/work_create_start", 10, 16, 4400, 0},
};

// Percent of an hour's usual traffic, from midnight on; on average 100.
static const unsigned hours[24] = {70, 45, 28, 18, 14, 18, 32, 58, 84, 106, 118, 122, 138, 120, 116, 118, 120, 124, 134,
                                   150, 176, 190, 175, 126};

const char *const scenery_words[SCENERY_WORDS] = {
    "logo", "design", "banner", "web", "php", "ruby", "wordpress", "writing", "article", "translation", "english",
    "chinese", "data", "entry", "excel", "movie", "edit", "photo", "retouch", "illustration", "manga", "character",
    "app", "ios", "android", "server", "infra", "aws", "coding", "html", "lp", "seo", "blog", "naming", "catchcopy",
    "sns", "instagram", "youtube", "narration", "transcription", "research", "survey", "sales", "secretary",
    "accounting", "law", "patent", "3d", "cad", "print", "flyer", "card", "package", "tshirt", "music", "bgm", "unity",
    "game", "python", "scraping", "vba", "shopify", "amazon", "rakuten",
};

static const struct scenery sceneries[] = {
    {"marketplace", marketplace, ARRAY_LEN(marketplace), NULL, 100000},
    {"kotori", kotori, ARRAY_LEN(kotori), hours, 2000},      // above the three people of src/people.php
};

const struct scenery *scenery_named(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(sceneries); i++)
        if (!name || strcmp(sceneries[i].name, name) == 0)
            return &sceneries[i];
    return NULL;
}
