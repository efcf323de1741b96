// stage_for_tests.h: a store with a service in it, for the units of this folder.
#pragma once
#include "base/test.h"
#include "release/record.h"
#include "site/site.h"

static const char stage_site[] =
    "site: t\n"
    "zones: {a: {}, c: {}}\n"
    "hosts:\n"
    "  c1: {zone: a, address: 127.0.1.1}\n"
    "  a1: {zone: a, address: 127.0.1.2}\n"
    "  a2: {zone: a, address: 127.0.1.3}\n"
    "  a3: {zone: a, address: 127.0.1.4}\n"
    "  b1: {zone: c, address: 127.0.1.5}\n"
    "  b2: {zone: c, address: 127.0.1.6}\n"
    "services:\n"
    "  web:\n"
    "    repository: /srv/web.git\n"
    "    deploy_to: /srv/web\n"
    "    servers:\n"
    "      canary: {hosts: [c1]}\n"
    "      web: {hosts: [a1, a2, a3, b1, b2], limit: 40%}\n";

static inline struct db *stage_open(struct arena *a, struct site **site)
{
    struct err e = {0};
    struct db *db = NULL;
    struct mistakes m = {0};
    CHECK(site_parse(a, str_z(stage_site), site, &m, &e) && m.n == 0 && *site);
    CHECK(store_open(test_dir(), &db, &e));
    return db;
}

// A release of web in this state; returns its number.
static inline int64_t stage_release(struct arena *a, struct db *db, const char *state, bool rollback, int64_t target)
{
    struct err e = {0};
    struct record r = {.service = S("web"), .asked_by = S("kato"), .via = S("cli"), .rollback = rollback,
                       .target = target};
    CHECK(record_site(a, db, S("site"), &r.site, &e) && record_add(db, &r, &e));
    CHECK(sql_do(db, &e,
                 "update release set state = ?, ended_at = case when ? in ('done', 'failed', 'rolled_back') then 1 "
                 "end where id = ?", VALS(V(state), V(state), V(r.id))));
    return r.number;
}
