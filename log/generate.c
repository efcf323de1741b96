// generate.c: access logs that look like those of a marketplace, the same for the same seed.
//
// Visitors come in sessions: a few thousand are about at a time, each with his address, browser and perhaps login,
// and walks from page to page. Pages are chosen by Zipf's law, times are log-normal around each page's own level.
#include "log/generate.h"
#include "log/scenery.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ABOUT = 6000, AGENTS = 2400, ZIPF = 1 << 16 };

// What somebody comes with. A published log of a web server (10,000 requests) had 559 different user agents, 90 bytes
// long on average, half of the requests from 20 of them, and 41 % without a referer; these come near that.
enum kind { CHROME, EXPLORER, FIREFOX, MAC, IPHONE, ANDROID, APP, BOT };

struct visitor {
    uint32_t address, agent, left;
    int64_t user;               // 0: not logged in
    uint64_t alternative;
    uint32_t page, before;      // where he is and where he came from
    uint32_t item, item_before;
    enum kind kind;
};

struct dice { uint64_t s[2]; };

// xorshift128+ (Vigna 2014): the same numbers everywhere.
static uint64_t roll(struct dice *d)
{
    uint64_t a = d->s[0], b = d->s[1];
    d->s[0] = b;
    a ^= a << 23;
    d->s[1] = a ^ b ^ (a >> 18) ^ (b >> 5);
    return d->s[1] + b;
}

static uint32_t below(struct dice *d, uint32_t n)
{
    return (uint32_t)(((roll(d) >> 32) * n) >> 32);
}

static double unit(struct dice *d)
{
    return (double)(roll(d) >> 11) / 9007199254740992.0;
}

// Normal by the sum of 4 uniforms: good to two deviations, and cheap.
static double normal(struct dice *d)
{
    return (unit(d) + unit(d) + unit(d) + unit(d) - 2) * 1.7320508;
}

struct generator {
    struct generate_options o;
    const struct scenery *of;
    const struct scene *pages;
    struct dice dice;
    struct visitor visitors[ABOUT];
    char agents[AGENTS][180];
    uint32_t zipf[ZIPF];        // an item by its rank, from a uniform number
    unsigned weights, page_of[2048];
    int64_t us;
    double gap_us;
};

static enum kind kind_of_agent(uint32_t agent)
{
    static const enum kind in_turn[] = {CHROME, APP, IPHONE, APP, EXPLORER, APP, CHROME, BOT, ANDROID, MAC, APP, IPHONE,
                                        FIREFOX, APP, BOT, EXPLORER};
    return in_turn[agent % ARRAY_LEN(in_turn)];
}

static void make_agent(char *to, size_t cap, enum kind kind, struct dice *d)
{
    static const char *const bots[] = {"Googlebot", "bingbot", "AhrefsBot", "YandexBot", "MJ12bot", "DotBot"};
    unsigned major = 50 + below(d, 20), build = below(d, 4000), patch = below(d, 200);
    switch (kind) {
    case CHROME:
        snprintf(to, cap, "Mozilla/5.0 (Windows NT %s; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                 "Chrome/%u.0.%u.%u Safari/537.36", build % 3 ? "10.0" : "6.1", major, build, patch);
        break;
    case EXPLORER:
        snprintf(to, cap, "Mozilla/5.0 (Windows NT %s; %sTrident/7.0; rv:11.0) like Gecko", build % 3 ? "10.0" : "6.1",
                 patch % 2 ? "WOW64; " : "");
        break;
    case FIREFOX:
        snprintf(to, cap, "Mozilla/5.0 (Windows NT 6.1; WOW64; rv:%u.0) Gecko/20100101 Firefox/%u.%u", major, major,
                 patch % 10);
        break;
    case MAC:
        snprintf(to, cap, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13_%u) AppleWebKit/604.%u.%u (KHTML, like Gecko) "
                 "Version/11.0.3 Safari/604.5.6", major % 6, build % 9, patch % 20);
        break;
    case IPHONE:
        snprintf(to, cap,
                 "Mozilla/5.0 (iPhone; CPU iPhone OS 11_%u like Mac OS X) AppleWebKit/604.%u.%u (KHTML, like Gecko) "
                 "Version/11.0 Mobile/15D100 Safari/604.1", major % 4, build % 9, patch % 20);
        break;
    case ANDROID:
        snprintf(to, cap,
                 "Mozilla/5.0 (Linux; Android 7.0; SO-0%uJ Build/41.2.A.%u.%u) AppleWebKit/537.36 (KHTML, like Gecko) "
                 "Chrome/64.0.3282.137 Mobile Safari/537.36", major % 5 + 1, build % 90, patch);
        break;
    case APP:
        snprintf(to, cap, "Kotori/2.%u.%u (%s)", build % 30, patch % 8,
                 patch % 3 ? "iPhone; iOS 11.2.5" : "Android 7.0; SO-02J");
        break;
    default:
        snprintf(to, cap, "Mozilla/5.0 (compatible; %s/%u.%u; +http://bot.example/info)", bots[build % ARRAY_LEN(bots)],
                 patch % 7 + 1, build % 4);
        break;
    }
}

static void make_agents(struct generator *g)
{
    for (uint32_t i = 0; i < AGENTS; i++)
        make_agent(g->agents[i], sizeof g->agents[i], kind_of_agent(i), &g->dice);
}

static void make_zipf(struct generator *g)
{
    double sum = 0, at = 0;
    uint32_t items = g->o.items;
    for (uint32_t i = 0; i < items; i++)
        sum += 1 / pow(i + 1, 0.9);
    uint32_t k = 0;
    for (uint32_t i = 0; i < items; i++) {
        at += 1 / pow(i + 1, 0.9);
        while (k < ZIPF && (double)k < at / sum * ZIPF)
            g->zipf[k++] = i;
    }
    while (k < ZIPF)
        g->zipf[k++] = items - 1;
}

static uint32_t item(struct generator *g)
{
    uint32_t rank = g->zipf[below(&g->dice, ZIPF)];
    return 1500000 + (rank * 2654435761u) % (g->o.items * 4);
}

static void new_visitor(struct generator *g, struct visitor *v)
{
    // The same people come back: their traits follow from their number.
    uint32_t who = below(&g->dice, g->o.visitors);
    struct dice own = {{g->o.seed * 0x9e3779b97f4a7c15 + who, who * 0xbf58476d1ce4e5b9 + 1}};
    for (int i = 0; i < 4; i++)
        roll(&own);
    *v = (struct visitor){.address = (uint32_t)roll(&own), .alternative = roll(&own), .left = 1 + below(&g->dice, 24),
                          .page = g->page_of[below(&g->dice, ARRAY_LEN(g->page_of))], .item = item(g)};
    v->before = UINT32_MAX;
    v->agent = (uint32_t)exp(unit(&own) * log(AGENTS));         // the k-th in popularity has a share of about 1 / k
    v->kind = kind_of_agent(v->agent);
    if (below(&own, 100) < 45 && v->kind != BOT)
        v->user = g->of->first_user + (int64_t)who * 7;
}

struct generator *generate_new(const struct generate_options *o)
{
    struct generator *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    g->o = *o;
    g->of = scenery_named(o->pages);
    g->pages = g->of->at;
    g->dice = (struct dice){{o->seed + 0x243f6a8885a308d3, o->seed * 0x9e3779b97f4a7c15 + 1}};
    for (int i = 0; i < 20; i++)
        roll(&g->dice);
    make_agents(g);
    make_zipf(g);
    for (size_t i = 0; i < g->of->n; i++)
        g->weights += g->pages[i].weight;
    size_t k = 0;
    unsigned at = 0;
    for (size_t i = 0; i < g->of->n; i++) {
        at += g->pages[i].weight;
        while (k < ARRAY_LEN(g->page_of) && k * g->weights < at * ARRAY_LEN(g->page_of))
            g->page_of[k++] = (unsigned)i;
    }
    for (size_t i = 0; i < ABOUT; i++)
        new_visitor(g, &g->visitors[i]);
    g->us = o->from_us;
    g->gap_us = 1e6 / o->rate;
    return g;
}

void generate_free(struct generator *g)
{
    free(g);
}

static size_t put_path(const struct generator *g, char *to, size_t cap, uint32_t page, uint32_t number)
{
    char copy[64];
    const char *pattern = g->pages[page].pattern, *u = strstr(pattern, "%u");
    if (!u)
        return (size_t)snprintf(to, cap, "%s", pattern);
    memcpy(copy, pattern, (size_t)(u - pattern));
    copy[u - pattern] = 0;
    uint32_t shown = strstr(pattern, "category") ? number % 240 + 1
                   : strstr(pattern, "article") ? number % 400 + 1 : number;
    return (size_t)snprintf(to, cap, "%s%u%s", copy, shown, u + 2);
}

static const char *word(uint32_t n)
{
    return scenery_words[n];
}

static void put_query(struct generator *g, char *to, size_t cap)
{
    struct dice *d = &g->dice;
    uint32_t a = below(d, SCENERY_WORDS) * below(d, SCENERY_WORDS) / SCENERY_WORDS;
    switch (below(d, 4)) {
    case 0: snprintf(to, cap, "page=%u", 1 + below(d, 12)); break;
    case 1: snprintf(to, cap, "q=%s", word(a)); break;
    case 2: snprintf(to, cap, "q=%s+%s&page=%u", word(a), word(below(d, SCENERY_WORDS)), 1 + below(d, 5)); break;
    default: snprintf(to, cap, "order=%s&hide_expired=true&q=%s", below(d, 2) ? "new" : "score", word(a)); break;
    }
}

static unsigned status_of(struct generator *g, const struct scene *p, const struct visitor *v)
{
    uint32_t x = below(&g->dice, 10000);
    if (x < 6)
        return 500;
    if (x < 10)
        return 502;
    if (x < 110)
        return 404;
    if (x < 140)
        return 403;
    if (x < 155)
        return 499;
    if (((p->ways & POST) && !strstr(p->pattern, "/api/")) || ((p->ways & LOGIN) && !v->user))
        return 302;
    return x < 700 ? 304 : 200;
}

static void put_time(char *to, size_t cap, int64_t us, int east_s)
{
    time_t s = (time_t)(us / 1000000 + east_s);
    struct tm tm;
    gmtime_r(&s, &tm);
    size_t n = strftime(to, cap, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(to + n, cap - n, "%c%02d:%02d", east_s < 0 ? '-' : '+', abs(east_s) / 3600, abs(east_s) / 60 % 60);
}

// Few people are about at four in the morning, and many after dinner.
static double gap_us(const struct generator *g)
{
    if (!g->of->hours)
        return g->gap_us;
    int64_t hour = (g->us / 1000000 + g->o.east_s) / 3600 % 24;
    return g->gap_us * 100 / g->of->hours[hour];
}

size_t generate_line(struct generator *g, char *to, size_t cap)
{
    struct dice *d = &g->dice;
    struct visitor *v = &g->visitors[below(d, ABOUT)];
    const struct scene *p = &g->pages[v->page];
    char when[40], uri[96], query[96] = "-", referer[220] = "-", user[24] = "-", alternative[40] = "-", app[24] = "-";
    g->us += (int64_t)(gap_us(g) * -log(1 - unit(d)));
    put_time(when, sizeof when, g->us, g->o.east_s);
    put_path(g, uri, sizeof uri, v->page, v->item);
    if ((p->ways & QUERY) && below(d, 10) < 7)
        put_query(g, query, sizeof query);
    if (v->kind == APP || v->kind == BOT) {
        // They follow no link.
    } else if (v->before != UINT32_MAX) {
        size_t n = (size_t)snprintf(referer, sizeof referer, "https://kotori.example");
        put_path(g, referer + n, sizeof referer - n, v->before, v->item_before);
    } else if (below(d, 3) == 0) {
        snprintf(referer, sizeof referer, "https://www.google.co.jp/");
    }
    unsigned status = status_of(g, p, v);
    double slow = 1;
    if (g->o.slow_page && strcmp(g->o.slow_page, p->pattern) == 0 && g->us >= g->o.slow_from_us)
        slow = g->o.slow_by;
    unsigned ms = (unsigned)(p->ms * slow * exp(0.6 * normal(d)));
    if (status == 304 || status == 499)
        ms = ms / 2;
    if (p->ms > 1)
        snprintf(app, sizeof app, "%u.%03u", ms / 1000, ms % 1000);
    unsigned size = status == 304 ? 0 : status >= 400 ? 1500 + below(d, 60) : status == 302 ? 480
        : (unsigned)(p->bytes * (0.8 + 0.4 * unit(d)));
    if (v->user)
        snprintf(user, sizeof user, "%lld", (long long)v->user);
    if (v->kind != APP && v->kind != BOT)                       // a cookie
        snprintf(alternative, sizeof alternative, "%010llx", (unsigned long long)v->alternative >> 24);
    uint32_t total = ms + below(d, 4);
    int n = snprintf(to, cap,
                     "time:%s\tserver_addr:10.0.%u.%u\thost:kotori.example\tmethod:%s\treqsize:%u\turi:%s\tquery:%s\t"
                     "status:%u\tsize:%u\treferer:%s\tua:%s\tforwardedfor:%u.%u.%u.%u\treqtime:%u.%03u\tapptime:%s\t"
                     "user_id:%s\talternative_id:%s\ttimecard_env:%s\n",
                     when, g->o.server / 256, g->o.server % 256, (p->ways & POST) ? "POST" : "GET", 420 + below(d, 900),
                     uri, query, status, size, referer, g->agents[v->agent], v->address >> 24 | 1,
                     v->address >> 16 & 255, v->address >> 8 & 255, v->address & 255, total / 1000, total % 1000, app,
                     user, alternative, below(d, 40) ? "-" : "browser");
    v->before = v->page, v->item_before = v->item;
    if (v->left-- == 0) {
        new_visitor(g, v);
    } else {
        v->page = g->page_of[below(d, ARRAY_LEN(g->page_of))];
        if (below(d, 3) == 0)
            v->item = item(g);
    }
    return n > 0 && (size_t)n < cap ? (size_t)n : 0;
}

int64_t generate_time(const struct generator *g)
{
    return g->us;
}

bool generate_has_page(const char *pages, const char *pattern)
{
    const struct scenery *s = scenery_named(pages);
    for (size_t i = 0; s && i < s->n; i++)
        if (strcmp(s->at[i].pattern, pattern) == 0)
            return true;
    return false;
}
