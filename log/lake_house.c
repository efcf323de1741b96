// lake_house.c: between marks: hours that are over are sealed, those that are too old leave, replaced files are
// removed.
#include "log/lake_inner.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "base/say.h"
#include "log/steady.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t index_of(const struct catalog *c, struct str path)
{
    for (size_t i = 0; i < c->files.n; i++)
        if (str_eq(c->files.at[i].path, path))
            return i;
    return SIZE_MAX;
}

// The catalog without these files and with those. Nothing has changed when it fails; what left is removed when it did
// not.
static bool exchange(struct lake *l, struct lake_table *t, const struct strs *gone, const struct lake_file *come,
                     size_t n, struct err *e)
{
    __typeof__(t->catalog.files) before = t->catalog.files;
    memset(&t->catalog.files, 0, sizeof t->catalog.files);
    for (size_t i = 0; i < before.n; i++)
        if (!strs_have(gone, before.at[i].path))
            vec_push(&t->arena, &t->catalog.files, before.at[i]);
    lake_adopt(t, come, n);
    fault_die_at("lake:before-exchange");
    if (!lake_write_durable(l, t, e)) {
        t->catalog.files = before;
        return false;
    }
    fault_die_at("lake:after-exchange");
    for (size_t i = 0; i < gone->n; i++)
        lake_drop_file(l, t, gone->at[i]);
    struct err seen;
    if (!lake_write_seen(l, t, &seen))
        lake_trouble(l, "log.publish", &seen);
    lake_renew(t);
    return true;
}

static bool note_change(const struct lake *l, struct lake_table *t, const struct strs *from, const struct lake_file *to,
                        size_t n, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 20);
    OWN_BUF struct buf b = buf_make(16 << 20);
    VEC(struct lake_file) gone = {0};
    for (size_t i = 0; i < from->n; i++)
        vec_push(&a, &gone, t->catalog.files.at[index_of(&t->catalog, from->at[i])]);
    json_open(&b, '{');
    if (n) {
        json_key(&b, "seal");
        json_open(&b, '{');
        lake_put_paths(&b, "from", gone.at, gone.n);
        lake_put_paths(&b, "to", to, n);
        json_close(&b, '}');
    } else {
        lake_put_paths(&b, "dropped", gone.at, gone.n);
    }
    json_kvs(&b, KVS(KV("generation", l->generation), KV("at_us", lake_now_us())));
    json_close(&b, '}');
    buf_addc(&b, '\n');
    return buf_ok(&b, e) && lake_note(t, buf_str(&b), e);
}

static bool take_sealed(struct lake *l, struct str output, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(64 << 20);
    struct lake_table *t = &l->at[l->sealing.table];
    struct sealed_files made;
    if (!sealing_read(&a, &l->sealing, &t->catalog, output, &made, e))
        return false;
    l->generation++;
    if (!note_change(l, t, &l->sealing.paths, made.at, made.n, e))
        return false;
    catalog_touch(&t->arena, &t->catalog, l->sealing.hour);
    return exchange(l, t, &l->sealing.paths, made.at, made.n, e);
}

static void tell_debts(struct lake *l, const struct err *e)
{
    pthread_mutex_lock(&l->lock);
    l->figures.unsealed = sealing_debts(&l->sealing);
    if (e)
        snprintf(l->figures.unsealed_why, sizeof l->figures.unsealed_why, "%.290s", e->text);
    pthread_mutex_unlock(&l->lock);
}

static void finish_seal(struct lake *l, bool ok, struct str output)
{
    struct err e;
    char dir[HOUR_DIR_MAX];
    if (!ok)
        err_set(&e, ERR_PEER, STR_F, STR_A(str_head(output, 500)));
    bool took = ok && take_sealed(l, output, &e);
    if (!took) {
        err_in(&e, "%s/%s", l->at[l->sealing.table].table->name, hour_dir(l->sealing.hour, dir));
        say_err("log.seal.failed", &e);
    }
    sealing_over(&l->sealing, took);
    tell_debts(l, took ? NULL : &e);
}

static void begin_seal(struct lake *l)
{
    for (size_t i = 0; i < l->n && l->spec.seal && !l->sealing.busy; i++) {
        struct seal_wish wish = {.table = (int)i};
        snprintf(wish.dir, sizeof wish.dir, "%s", l->at[i].table->dir);
        if (sealing_next(&l->sealing, (int)i, &l->at[i].catalog, l->seal_now, &wish.hour, &wish.input))
            l->spec.seal(l->spec.arg, &wish);
    }
    if (!l->sealing.busy && tick_ms() >= l->sealing.retry_at)
        l->seal_now = false;
}

static bool retire(struct lake *l, size_t table, bool steady)
{
    OWN_ARENA struct arena a = arena_make(16 << 20);
    struct lake_table *t = &l->at[table];
    struct strs old = {0};
    struct err e;
    int64_t keep = l->spec.tables->set[table / 2].keep_us;
    if (keep == 0 || !steady)
        return false;
    for (size_t i = 0; i < t->catalog.files.n; i++)
        if (t->catalog.files.at[i].high_us < lake_now_us() - keep && t->catalog.files.at[i].state == FILE_SEALED) {
            vec_push(&a, &old, str_dup(&a, t->catalog.files.at[i].path));
            catalog_touch(&t->arena, &t->catalog, t->catalog.files.at[i].hour);
        }
    if (!old.n || l->sealing.busy)
        return false;
    l->generation++;
    bool done = note_change(l, t, &old, NULL, 0, &e) && exchange(l, t, &old, NULL, 0, &e);
    if (done)
        say("log.retired", KV("table", t->table->name), KV("files", old.n));
    else
        lake_trouble(l, "log.retire", &e);
    return done;
}

bool lake_keep_house(struct lake *l)
{
    pthread_mutex_lock(&l->lock);
    struct str output = l->sealed;
    bool came = l->sealed_came, ok = l->sealed_ok;
    l->sealed_came = false;
    l->sealed = (struct str){0};
    pthread_mutex_unlock(&l->lock);
    if (came)
        finish_seal(l, ok, output);
    free((char *)(uintptr_t)output.p);
    begin_seal(l);
    if (tick_ms() - l->swept_at < 1000)
        return came;
    l->swept_at = tick_ms();
    stale_sweep(&l->stale, lake_shown(l));
    bool steady = clock_steady();
    for (size_t i = 0; i < l->n; i++) {
        struct err e;
        came = retire(l, i, steady) || came;
        if (l->at[i].changed && !lake_write_seen(l, &l->at[i], &e))     // was not possible when it was due
            lake_trouble(l, "log.publish", &e);
    }
    return came;
}
