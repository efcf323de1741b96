// stale.c: see stale.h.
#include "log/stale.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/say.h"
#include "log/pace.h"
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct stale_file {
    STAILQ_ENTRY(stale_file) next;
    uint64_t generation;
    int64_t at;                 // tick
    char path[];
};

void stale_make(struct stale *s, const char *lake)
{
    snprintf(s->lake, sizeof s->lake, "%s", lake);
    STAILQ_INIT(&s->files);
}

void stale_drop(struct stale *s)
{
    for (struct stale_file *f; (f = STAILQ_FIRST(&s->files));) {
        STAILQ_REMOVE_HEAD(&s->files, next);
        free(f);
    }
}

void stale_add(struct stale *s, const char *path, uint64_t generation)
{
    size_t n = strlen(path) + 1;
    struct stale_file *f = malloc(sizeof *f + n);
    assert(f);
    f->generation = generation;
    f->at = tick_ms();
    memcpy(f->path, path, n);
    STAILQ_INSERT_TAIL(&s->files, f, next);
}

// The generation that this lease holds; UINT64_MAX when nobody holds it. One that we may not read is held by somebody.
static uint64_t lease_of(const char *path)
{
    OWN_ARENA struct arena a = arena_make(64 << 10);
    struct str text;
    struct err e;
    uint64_t generation = 0;
    OWN_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? UINT64_MAX : 0;
    if (flock(fd, LOCK_SH | LOCK_NB) == 0)
        return UINT64_MAX;
    if (!file_read(&a, path, 64, &text, &e) || !str_u64(str_trim(text), &generation))
        return 0;
    return generation;
}

// The oldest generation that somebody reads.
static uint64_t oldest_lease(const char *lake)
{
    OWN_ARENA struct arena a = arena_make(8 << 20);
    uint64_t oldest = UINT64_MAX;
    const char *spill = str_zf(&a, "%s/spill", lake);
    DIR *d = opendir(spill);
    if (!d)
        return UINT64_MAX;
    for (struct dirent *x; (x = readdir(d));) {
        uint64_t g = x->d_name[0] == '.' ? UINT64_MAX : lease_of(str_zf(&a, "%s/%s/lease", spill, x->d_name));
        if (g < oldest)
            oldest = g;
    }
    closedir(d);
    return oldest;
}

size_t stale_sweep(struct stale *s, uint64_t shown)
{
    size_t removed = 0;
    struct stale_file *f = STAILQ_FIRST(&s->files);
    if (!f || tick_ms() - f->at < pace_ms(PACE_STALE))
        return 0;
    uint64_t leased = oldest_lease(s->lake), oldest = leased < shown ? leased : shown;
    while ((f = STAILQ_FIRST(&s->files)) && tick_ms() - f->at >= pace_ms(PACE_STALE) && f->generation <= oldest) {
        if (unlink(f->path) < 0 && errno != ENOENT)
            say("log.stale", KV("file", f->path), KV("error", strerror(errno)));
        STAILQ_REMOVE_HEAD(&s->files, next);
        free(f);
        removed++;
    }
    return removed;
}
