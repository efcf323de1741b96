// walk.c: every name below a directory, by openat and never through a link, so that nothing outside can be packed.
#include "release/walk.h"
#include "base/fault.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

// One open descriptor a level; 128 fits well into the 1,024 that a process usually gets.
enum { DEPTH_MAX = 128, ENTRIES_MAX = 2000000, NAME_BYTES_MAX = 1 << 30, LENGTH_MAX = 4095 };

struct walker {
    struct arena *arena;
    const struct pack_job *job;     // NULL: plain
    struct founds *out;
    struct buf path, *warnings;
    size_t name_bytes;
    int depth;
};

// A name as it may stand in a sentence: one line.
static const char *shown(struct walker *w, struct str path)
{
    char *z = str_zdup(w->arena, path);
    for (char *c = z; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = '?';
    return z;
}

// ---- what may not travel ----

static bool name_travels(struct walker *w, struct str path, struct err *e)
{
    for (size_t i = 0; i < path.n; i++)
        if ((unsigned char)path.p[i] < 0x20 || path.p[i] == 0x7F)
            return err_set(e, ERR_INPUT, "%s has a line break or a control character in its name", shown(w, path));
    if (path.n > LENGTH_MAX)
        return err_set(e, ERR_INPUT, "a path is longer than %d bytes: %.200s...", LENGTH_MAX, path.p);
    return true;
}

// Lexically, from the link's own directory: how many levels are left after each step.
static bool stays_inside(struct str path, struct str target)
{
    int level = 0;
    for (size_t i = 0; i < path.n; i++)
        level += path.p[i] == '/';
    while (target.n) {
        struct str name = str_cut(&target, '/');
        if (str_eq(name, S("..")))
            level--;
        else if (name.n && !str_eq(name, S(".")))
            level++;
        if (level < 0)
            return false;
    }
    return true;
}

static bool link_travels(struct walker *w, const struct entry *x, struct err *e)
{
    if (str_starts(x->link, S("/")) || !stays_inside(x->path, x->link)) {
        err_set(e, ERR_INPUT, "the link " STR_F " points out of the tree, to %s", STR_A(x->path), shown(w, x->link));
        return err_hint(e, "make it relative, list it under exclude, or under shared when hosts have it");
    }
    return true;
}

static const char *kind_text(mode_t mode)
{
    return S_ISFIFO(mode) ? "a fifo" : S_ISSOCK(mode) ? "a socket" : "a device";
}

// ---- what the rules take away ----

static void warn(struct walker *w, const char *what, struct str path)
{
    buf_addz(w->warnings, what);
    buf_add(w->warnings, path);
    buf_addc(w->warnings, '\n');
}

// Frameworks keep empty directories in git by such files; they are not content.
static bool keeps_a_place(const char *name)
{
    static const char *const names[] = {".", "..", ".gitkeep", ".gitignore", ".keep"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static bool has_content(int at, const char *name)
{
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (!d) {
        own_fd_close(&fd);
        return true;        // not a directory: a file or a link is content
    }
    bool content = false;
    for (struct dirent *x; !content && (x = readdir(d));)
        content = !keeps_a_place(x->d_name);
    closedir(d);
    return content;
}

static bool left_out(struct walker *w, int at, const char *name, struct str path)
{
    if (!w->job)
        return false;
    if (str_eq(path, S("RELEASE"))) {
        warn(w, "the tree's own file is replaced: ", path);
        return true;
    }
    if (strs_have(&w->job->shared_dirs, path) || strs_have(&w->job->shared_files, path)) {
        if (has_content(at, name))
            warn(w, "what the tree has there is left out, since it is shared: ", path);
        return true;
    }
    return strs_have(&w->job->exclude, path) || strs_have(&w->job->scratch, path);
}

// ---- the walk ----

// Web servers run as other users and only read, so what the build's umask took from them stays taken, group and
// others never write, and the owner can always replace his own file. Set-user-id bits do not travel.
static uint32_t mode_of(const struct walker *w, const struct stat *st)
{
    if (!w->job)
        return st->st_mode & 07777;
    return S_ISDIR(st->st_mode) ? 0755 : (st->st_mode & 0755) | 0600;
}

static bool add(struct walker *w, struct found f, struct err *e)
{
    w->name_bytes += f.entry.path.n + f.entry.link.n + 2;
    if (w->out->n == ENTRIES_MAX || w->name_bytes > NAME_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "the tree holds more than %d files and directories", ENTRIES_MAX);
    f.entry.path = str_dup(w->arena, f.entry.path);
    if (f.entry.kind == 'l') {
        f.entry.link = str_dup(w->arena, f.entry.link);
        f.entry.mode = 0777;
        f.entry.size = f.entry.link.n;
        crypto_hash_sha256(f.entry.sha256, (const unsigned char *)f.entry.link.p, f.entry.link.n);
    }
    vec_push(w->arena, w->out, f);
    return true;
}

static bool vanished(struct str path, const char *what, struct err *e)
{
    if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
        return err_set(e, ERR_CONFLICT, STR_F " went away while the tree was packed", STR_A(path));
    return err_set(e, ERR_IO, "%s " STR_F ": %m", what, STR_A(path));
}

static bool visit_link(struct walker *w, int at, const char *name, struct found f, struct err *e)
{
    char target[LENGTH_MAX + 1];
    ssize_t n = readlinkat(at, name, target, sizeof target);
    if (n < 0)
        return vanished(f.entry.path, "read the link", e);
    if (n == 0 || n > LENGTH_MAX)
        return err_set(e, ERR_INPUT, "the link " STR_F " has a target longer than %d bytes", STR_A(f.entry.path),
                       LENGTH_MAX);
    f.entry.kind = 'l';
    f.entry.link = (struct str){target, (size_t)n};
    return (!w->job || link_travels(w, &f.entry, e)) && add(w, f, e);
}

static bool visit_dir(struct walker *w, int fd, struct err *e);

static bool visit_below(struct walker *w, int at, const char *name, struct str path, struct err *e)
{
    int fd = fault_hit(FAULT_FILE) ? -1 : openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return vanished(path, "open", e);
    if (++w->depth > DEPTH_MAX) {
        close(fd);
        return err_set(e, ERR_LIMIT, STR_F " lies more than %d directories deep", STR_A(path), DEPTH_MAX);
    }
    bool ok = visit_dir(w, fd, e);
    w->depth--;
    return ok;
}

static bool visit(struct walker *w, int at, const char *name, struct err *e)
{
    struct found f = {.entry = {.path = buf_str(&w->path), .link = S("")}};
    struct str path = f.entry.path;
    struct stat st;
    if (!name_travels(w, path, e))
        return false;
    if (left_out(w, at, name, path))
        return true;
    if (fault_hit(FAULT_FILE) || fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return vanished(path, "look at", e);
    f.entry.mode = mode_of(w, &st);
    f.id = identity_of(&st);
    f.entry.mtime_ns = f.id.mtime_ns;
    if (S_ISLNK(st.st_mode))
        return visit_link(w, at, name, f, e);
    if (S_ISREG(st.st_mode)) {
        f.entry.kind = 'f';
        f.entry.size = f.id.size;
        return add(w, f, e);
    }
    if (S_ISDIR(st.st_mode)) {
        f.entry.kind = 'd';
        return add(w, f, e) && visit_below(w, at, name, path, e);
    }
    err_set(e, ERR_INPUT, STR_F " is %s, which cannot be released", STR_A(path), kind_text(st.st_mode));
    return err_hint(e, "list it under exclude, or under scratch when the program makes it again");
}

// fd is closed. The path of the directory stands in w->path.
static bool visit_dir(struct walker *w, int fd, struct err *e)
{
    DIR *d = fdopendir(fd);
    size_t before = w->path.n;
    bool ok = true;
    if (!d) {
        own_fd_close(&fd);
        return err_set(e, ERR_IO, "open " STR_F ": %m", STR_A(buf_str(&w->path)));
    }
    errno = 0;
    for (struct dirent *x; ok && (x = readdir(d)); errno = 0) {
        if (strcmp(x->d_name, ".") == 0 || strcmp(x->d_name, "..") == 0)
            continue;
        buf_addf(&w->path, "%s%s", before ? "/" : "", x->d_name);
        ok = visit(w, dirfd(d), x->d_name, e);
        buf_cut(&w->path, before);
    }
    if (ok && errno)
        ok = err_set(e, ERR_IO, "read the directory " STR_F ": %m", STR_A(buf_str(&w->path)));
    closedir(d);
    return ok;
}

// ---- what every release gets ----

static struct found *find_unsorted(const struct founds *f, struct str path)
{
    for (size_t i = 0; i < f->n; i++)
        if (str_eq(f->at[i].entry.path, path))
            return &f->at[i];
    return NULL;
}

// The directories above a shared path, which the tree may not have.
static bool add_parents(struct walker *w, struct str path, struct err *e)
{
    for (size_t i = 0; i < path.n; i++) {
        if (path.p[i] != '/')
            continue;
        struct str parent = str_head(path, i);
        const struct found *f = find_unsorted(w->out, parent);
        if (f && f->entry.kind != 'd')
            return err_set(e, ERR_INPUT, STR_F " is shared, but " STR_F " is no directory in the tree", STR_A(path),
                           STR_A(parent));
        if (!f && !add(w, (struct found){.entry = {.path = parent, .link = S(""), .kind = 'd', .mode = 0755}}, e))
            return false;
    }
    return true;
}

// storage -> ../../shared/storage, seen from releases/N; one more ../ for each directory above it.
static bool add_shared(struct walker *w, const struct strs *paths, struct err *e)
{
    for (size_t i = 0; i < paths->n; i++) {
        struct str path = paths->at[i];
        OWN_BUF struct buf target = buf_make(LENGTH_MAX);
        buf_addz(&target, "../../");
        for (size_t k = 0; k < path.n; k++)
            if (path.p[k] == '/')
                buf_addz(&target, "../");
        buf_addz(&target, "shared/");
        buf_add(&target, path);
        if (!buf_ok(&target, e) || !add_parents(w, path, e))
            return false;
        if (!add(w, (struct found){.entry = {.path = path, .link = buf_str(&target), .kind = 'l'}}, e))
            return false;
    }
    return true;
}

static bool add_release_file(struct walker *w, struct err *e)
{
    struct str text = str_f(w->arena, "service:" STR_F "\trelease:%lld\trev:" STR_F "\n", STR_A(w->job->service),
                            (long long)w->job->number, STR_A(w->job->rev));
    struct found f = {.entry = {.path = S("RELEASE"), .link = S(""), .kind = 'f', .mode = 0644, .size = text.n},
                      .text = text};
    crypto_hash_sha256(f.entry.sha256, (const unsigned char *)text.p, text.n);
    return add(w, f, e);
}

static bool walk(struct walker *w, int tree, struct err *e)
{
    int fd = openat(tree, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_set(e, ERR_IO, "open the tree: %m");
    bool ok = visit_dir(w, fd, e);
    if (ok && w->job)
        ok =
            add_shared(w, &w->job->shared_dirs, e) && add_shared(w, &w->job->shared_files, e) && add_release_file(w, e);
    if (ok)
        founds_sort(w->out);
    buf_drop(&w->path);
    return ok;
}

bool walk_tree(struct arena *a, const struct pack_job *job, int tree, struct founds *out, struct buf *warnings,
               struct err *e)
{
    struct walker w = {.arena = a, .job = job, .out = out, .warnings = warnings, .path = buf_make(1 << 20)};
    return walk(&w, tree, e);
}

bool walk_plain(struct arena *a, int tree, struct founds *out, struct err *e)
{
    struct walker w = {.arena = a, .out = out, .path = buf_make(1 << 20)};
    return walk(&w, tree, e);
}
