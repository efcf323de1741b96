// settle_site.c: what hosts, zones, services and notifiers say about each other.
#include "site/rules.h"
#include "site/settle.h"
#include "site/site.h"

static struct str zone_name(const void *s, size_t i)        { return ((const struct site *)s)->zones.at[i].name; }
static struct str host_name(const void *s, size_t i)        { return ((const struct site *)s)->hosts.at[i].name; }
static struct str notifier_name(const void *s, size_t i)    { return ((const struct site *)s)->notifiers.at[i].name; }

static const struct zone *zone_of(const struct site *s, struct str name)
{
    for (size_t i = 0; i < s->zones.n; i++)
        if (str_eq(s->zones.at[i].name, name))
            return &s->zones.at[i];
    return NULL;
}

static void see_overlap(struct reading *r, const struct zone *a, const struct zone *b)
{
    if (!a->net.n || !b->net.n || !nets_overlap(a->net, b->net))
        return;
    struct place p = place_of(r, b->net, (struct place){b->line, b->col});
    mistake_at(r, p, "net: %s overlaps %s of zone %s", shown(b->net).z, shown(a->net).z, shown_bare(a->name).z)
        ->hint = S("an address lies in one zone");
}

static void see_zones(struct reading *r, const struct site *s)
{
    for (size_t i = 0; i < s->zones.n; i++)
        for (size_t k = i + 1; k < s->zones.n; k++)
            see_overlap(r, &s->zones.at[i], &s->zones.at[k]);
}

static void see_zone_of_host(struct reading *r, const struct site *s, const struct host *h)
{
    struct place here = {h->line, h->col};
    const struct zone *z = zone_of(s, h->zone);
    if (!z) {
        if (h->zone.n)
            mistake_at(r, place_of(r, h->zone, here), "zone: %s is no zone of this site", shown(h->zone).z)->hint =
                did_you_mean(r, h->zone, s->zones.n, zone_name, s);
        return;
    }
    if (z->net.n && address_is_literal(h->address) && !net_holds(z->net, h->address))
        mistake_at(r, place_of(r, h->address, here), "address: %s is outside %s, the net of zone %s",
                   shown(h->address).z, shown(z->net).z, shown_bare(z->name).z);
}

static void see_hosts(struct reading *r, const struct site *s)
{
    struct map seen = {0};
    for (size_t i = 0; i < s->hosts.n; i++) {
        struct host *h = &s->hosts.at[i];
        see_zone_of_host(r, s, h);
        if (!h->address.n)
            continue;
        struct str plain = address_plain(r->scratch, h->address);
        struct str where = str_f(r->scratch, STR_F " %d", STR_A(plain), h->ssh.port);
        const struct host *first = map_get(&seen, where);
        if (first)
            mistake_at(r, place_of(r, h->address, (struct place){h->line, h->col}),
                       "address: %s with ssh port %d is host %s already", shown(h->address).z, h->ssh.port,
                       shown_bare(first->name).z);
        else
            map_put(r->scratch, &seen, where, h);
    }
}

static bool notifier_known(const struct site *s, struct str name)
{
    for (size_t i = 0; i < s->notifiers.n; i++)
        if (str_eq(s->notifiers.at[i].name, name))
            return true;
    return false;
}

static void see_known_hosts(struct reading *r, const struct site *s, const char *key, const struct strs *names,
                            struct place here)
{
    for (size_t i = 0; i < names->n; i++)
        if (!site_host(s, names->at[i]))
            mistake_at(r, place_of(r, names->at[i], here), "%s: %s is no host of this site", key, shown(names->at[i]).z)
                ->hint = did_you_mean(r, names->at[i], s->hosts.n, host_name, s);
}

static void see_known_notifiers(struct reading *r, const struct site *s, const struct strs *names, struct place here)
{
    for (size_t i = 0; i < names->n; i++)
        if (!notifier_known(s, names->at[i]))
            mistake_at(r, place_of(r, names->at[i], here), "notify: %s is no notifier of this site",
                       shown(names->at[i]).z)
                ->hint = did_you_mean(r, names->at[i], s->notifiers.n, notifier_name, s);
}

static void see_references(struct reading *r, const struct site *s, const struct service *svc)
{
    struct place here = {svc->line, svc->col};
    for (size_t g = 0; g < svc->servers.n; g++)
        see_known_hosts(r, s, "hosts", &svc->servers.at[g].hosts, here);
    see_known_notifiers(r, s, &svc->notify, here);
}

// What log/convert.c makes of combined and common lines; lines of other formats have what labels they like.
static const char *const combined_labels[] = {
    "time", "vhost", "remote_addr", "ident", "remote_user", "request", "method", "uri", "query", "protocol", "status",
    "size", "referer", "ua", "forwardedfor", "rest"};

// What LTSV and JSON lines have beside them when nginx wrote them (log/label.c, log/names.c).
static const char *const usual_labels[] = {
    "time", "vhost", "remote_addr", "ident", "remote_user", "request", "method", "uri", "query", "protocol", "status",
    "size", "referer", "ua", "forwardedfor", "rest", "server", "server_addr", "host", "user_id", "alternative_id",
    "timecard_env", "reqsize", "reqtime", "apptime", "cookie", "time_iso8601", "_timestamp", "timestamp", "time_local",
    "msec", "request_method", "args", "query_string", "server_protocol", "body_bytes_sent", "bytes_sent",
    "request_length", "http_referer", "http_user_agent", "user_agent", "http_x_forwarded_for", "request_time",
    "upstream_response_time", "http_host", "server_name", "request_uri"};

struct labels { const char *const *at; size_t n; };

static struct str label_at(const void *list, size_t i)
{
    const struct labels *l = list;
    return str_z(l->at[i]);
}

static bool is_one(const struct labels *l, struct str label)
{
    for (size_t i = 0; i < l->n; i++)
        if (str_eq(label, str_z(l->at[i])))
            return true;
    return false;
}

// A rule that can never hold hides nothing, and its writer thinks that it does.
static void see_combined(struct reading *r, const struct privacy *p)
{
    struct str label = p->label;
    const struct labels l = {combined_labels, ARRAY_LEN(combined_labels)};
    if (is_one(&l, label))
        return;
    struct str near = did_you_mean(r, label, l.n, label_at, &l);
    mistake_at(r, (struct place){p->line, p->col}, "privacy: combined lines have no label %s",
               shown(label).z)->hint =
        near.n ? near : S("addresses are in remote_addr and forwardedfor, names in remote_user");
}

// Two slips at most: request_id is no request_uri. A label of one's own may look like another, and then has to say so.
static void see_slip(struct reading *r, const struct privacy *p)
{
    enum { SLIPS = 2 };
    const struct labels l = {usual_labels, ARRAY_LEN(usual_labels)};
    struct str near = p->own || is_one(&l, p->label) ? S("") : str_nearest(p->label, l.n, label_at, &l);
    if (!near.n || str_distance(p->label, near) > SLIPS)
        return;
    mistake_at(r, (struct place){p->line, p->col},
               "privacy: no web server writes a label %s, so this rule would hide nothing", shown(p->label).z)->hint =
        str_f(r->scratch, "did you mean \"" STR_F "\"? A label of your own says {do: ..., own: true}", STR_A(near));
}

static void see_privacy(struct reading *r, const struct dataset *d)
{
    for (size_t i = 0; i < d->privacy.n; i++)
        if (d->format == FORMAT_COMBINED)
            see_combined(r, &d->privacy.at[i]);
        else
            see_slip(r, &d->privacy.at[i]);
}

static void see_dataset(struct reading *r, const struct site *s, const struct dataset *d)
{
    see_privacy(r, d);
    for (size_t i = 0; i < d->from.n; i++)
        see_known_hosts(r, s, "on", &d->from.at[i].on, (struct place){d->from.at[i].line, d->from.at[i].col});
    see_known_notifiers(r, s, &d->watch.notify, (struct place){d->line, d->col});
}

static struct str dataset_name(const void *s, size_t i)
{
    return ((const struct site *)s)->log.datasets.at[i].name;
}

// Every host that may be the canary or stand beside it has to be in the log, or they would be judged by the half.
static void see_judging(struct reading *r, const struct site *s, const struct service *svc)
{
    struct place here = place_of(r, svc->canary.log, (struct place){svc->line, svc->col});
    const struct dataset *d = site_dataset(s, svc->canary.log);
    struct strs writers = {0};
    if (!svc->canary.log.n)
        return;
    if (!d) {
        struct str near = did_you_mean(r, svc->canary.log, s->log.datasets.n, dataset_name, s);
        mistake_at(r, here, "log: there is no dataset %s", shown(svc->canary.log).z)->hint =
            near.n ? near : S("log: {datasets: {access: ...}} at the top of this file says which lines are read");
        return;
    }
    dataset_hosts(r->scratch, d, &writers);
    for (size_t g = 0; g < svc->servers.n; g++)
        for (size_t i = 0; i < svc->servers.at[g].hosts.n; i++)
            if (!strs_have(&writers, svc->servers.at[g].hosts.at[i])) {
                mistake_at(r, here, "log: dataset %s has no lines of %s, which is a host of this service",
                           shown_bare(d->name).z, shown_bare(svc->servers.at[g].hosts.at[i]).z)->hint =
                    S("name the host under log.datasets, or leave the key canary out");
                return;
            }
}

static bool runs_on(const struct service *svc, struct str host)
{
    for (size_t g = 0; g < svc->servers.n; g++)
        if (strs_have(&svc->servers.at[g].hosts, host))
            return true;
    return false;
}

static struct str common_host(const struct service *a, const struct service *b)
{
    for (size_t g = 0; g < a->servers.n; g++)
        for (size_t i = 0; i < a->servers.at[g].hosts.n; i++)
            if (runs_on(b, a->servers.at[g].hosts.at[i]))
                return a->servers.at[g].hosts.at[i];
    return S("");
}

static void see_same_place(struct reading *r, const struct service *a, const struct service *b)
{
    if (!a->deploy_to.n || !b->deploy_to.n)
        return;
    if (!path_within(a->deploy_to, b->deploy_to) && !path_within(b->deploy_to, a->deploy_to))
        return;
    struct str host = common_host(a, b);
    if (!host.n)
        return;
    bool same = str_eq(a->deploy_to, b->deploy_to);
    mistake_at(r, place_of(r, b->deploy_to, (struct place){b->line, b->col}), "deploy_to: %s %s %s on %s",
               shown(b->deploy_to).z, same ? "is also the place of service" : "and the place of service",
               shown_bare(a->name).z, shown(host).z)->hint =
        same ? S("each service needs a directory of its own") : S("one lies inside the other");
}

static void see_web(struct reading *r, const struct site *s, const struct node *map)
{
    struct str listen = s->web.listen;
    struct place p = place_of(r, listen, map->at);
    if (!s->web.plain_ok && listen.n && !listen_is_loopback(listen))
        mistake_at(r, p, "listen: %s is open beyond this machine, and passwords would travel in the clear",
                   shown(listen).z)->hint =
            S("put a web server with TLS in front of 127.0.0.1:7070, or say plain_ok: true");
    if (str_eq(listen, s->web.hooks))
        mistake_at(r, place_of(r, s->web.hooks, p), "hooks: %s is where listen is already", shown(listen).z);
}

void settle_site(struct reading *r, const struct node *map, void *site)
{
    struct site *s = site;
    see_zones(r, s);
    see_hosts(r, s);
    for (size_t i = 0; i < s->services.n; i++) {
        see_references(r, s, &s->services.at[i]);
        see_judging(r, s, &s->services.at[i]);
        for (size_t k = i + 1; k < s->services.n; k++)
            see_same_place(r, &s->services.at[i], &s->services.at[k]);
    }
    for (size_t i = 0; i < s->log.datasets.n; i++)
        see_dataset(r, s, &s->log.datasets.at[i]);
    see_web(r, s, map);
}
