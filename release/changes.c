// changes.c: see changes.h.
#include "release/changes.h"
#include "base/clock.h"
#include <string.h>

enum { SUBJECT_BYTES = 300, AUTHOR_BYTES = 100 };
static const uint64_t YEAR_9999 = 253370764800;        // in seconds; what lies behind it is no time

// ---- commits ----

static void put_commit(struct str line, struct buf *out)
{
    char text[TIME_TEXT_MAX];
    uint64_t at = 0;
    struct str rev = str_cut(&line, 0);
    bool known = str_u64(str_cut(&line, 0), &at) && at < YEAR_9999;
    struct str author = str_cut(&line, 0);
    json_object(out, KV("rev", rev), KV("at", known ? V(time_text((int64_t)at * 1000, text)) : V_NULL),
                KV("author", str_head(author, AUTHOR_BYTES)), KV("subject", str_head(line, SUBJECT_BYTES)));
}

void changes_commits(struct str log, struct buf *out)
{
    json_open(out, '[');
    for (int n = 0; n < COMMITS_SHOWN && str_has(log, '\n'); n++) {
        struct str line = str_cut(&log, '\n');
        put_commit(line, out);
    }
    json_close(out, ']');
}

// ---- files ----

// ":100644 100755 6b584e8 0cfbf08 M" and then its path, for each; in another list "12<tab>3<tab>path" for each, or "-"
// twice where it is binary. Every piece ends in a NUL, and both lists have one order.
struct file { struct str path, how, text; int64_t added, removed; bool counted, binary, patched; };
struct files { struct file at[FILES_SHOWN]; size_t n; };

static struct str how_of(struct str raw)
{
    char letter = raw.n ? raw.p[raw.n - 1] : 0;
    return letter == 'A' ? S("added") : letter == 'D' ? S("removed") : S("changed");
}

static bool ended(struct str rest)
{
    return str_has(rest, 0);
}

static void read_paths(struct str listed, struct files *out)
{
    while (out->n < FILES_SHOWN && str_starts(listed, S(":")) && ended(listed)) {
        struct str raw = str_cut(&listed, 0);
        if (!ended(listed))
            break;
        struct str path = str_cut(&listed, 0);
        out->at[out->n++] = (struct file){.path = path, .how = how_of(raw)};
    }
}

struct count { int64_t added, removed; bool counted, binary; struct str path; };

static struct count count_of(struct str line)
{
    struct str added = str_cut(&line, '\t'), removed = str_cut(&line, '\t');
    uint64_t a = 0, r = 0;
    bool counted = str_u64(added, &a) && str_u64(removed, &r) && a < INT32_MAX && r < INT32_MAX;
    return (struct count){.added = counted ? (int64_t)a : 0, .removed = counted ? (int64_t)r : 0, .counted = counted,
                          .binary = str_eq(added, S("-")), .path = line};
}

static void read_counts(struct str listed, struct files *out)
{
    for (size_t i = 0; i < out->n && ended(listed);) {
        struct count c = count_of(str_cut(&listed, 0));
        while (i < out->n && !str_eq(out->at[i].path, c.path))
            i++;
        if (i == out->n)
            return;
        struct file *f = &out->at[i++];
        f->binary = c.binary;
        f->counted = c.counted;
        f->added = c.added;
        f->removed = c.removed;
    }
}

bool changes_counted(struct str counts, struct changes_sum *out)
{
    *out = (struct changes_sum){0};
    while (ended(counts)) {
        struct count c = count_of(str_cut(&counts, 0));
        if (!c.path.n || (!c.counted && !c.binary))
            return false;
        out->files++;
        out->added += c.added;
        out->removed += c.removed;
    }
    return counts.n == 0;
}

// ---- the patch ----

// Within a hunk every line begins with a blank, +, -, @ or a backslash: this line is always the next file.
static const struct str FILE_LINE = S("diff --git ");

static size_t file_end(struct str patch)
{
    for (size_t at = 0; at < patch.n;) {
        const char *end = memchr(patch.p + at, '\n', patch.n - at);
        if (!end)
            return patch.n;
        at = (size_t)(end - patch.p) + 1;
        if (str_starts(str_from(patch, at), FILE_LINE))
            return at;
    }
    return patch.n;
}

// `a/PATH b/PATH`; git puts what holds quotes or control characters into quotes, and then their order must do.
static bool is_of(struct str line, struct str path)
{
    struct str names = str_from(line, FILE_LINE.n);
    if (names.n && names.p[0] == '"')
        return true;
    return names.n == 2 * path.n + 5 && str_eq(str_head(str_from(names, 2), path.n), path);
}

// A file that became a link stands there twice, once removed and once added, with the same first line.
static struct str cut_file(struct str *patch)
{
    struct str first = *patch, line = str_cut(&first, '\n');
    struct str start = *patch;
    size_t n = file_end(*patch);
    for (;;) {
        struct str next = str_from(start, n), next_line = next;
        next_line = str_cut(&next_line, '\n');
        if (!next.n || !str_eq(next_line, line))
            break;
        n += file_end(next);
    }
    *patch = str_from(start, n);
    return str_head(start, n);
}

static void read_patch(struct changes_patch *p, struct files *out)
{
    struct str rest = p->text;
    if (p->cut) {                       // the last line may have no end
        const char *end = memrchr(rest.p, '\n', rest.n);
        rest.n = end ? (size_t)(end - rest.p) + 1 : 0;
    }
    for (size_t i = 0; i < out->n && str_starts(rest, FILE_LINE); i++) {
        struct str text = cut_file(&rest), line = text;
        line = str_cut(&line, '\n');
        while (i < out->n && !is_of(line, out->at[i].path))
            i++;
        if (i == out->n)
            return;
        out->at[i].text = text;
        out->at[i].patched = true;
    }
}

static size_t line_shown(struct str line)
{
    size_t n = line.n < PATCH_LINE ? line.n : PATCH_LINE;
    while (n < line.n && n && ((unsigned char)line.p[n] & 0xC0) == 0x80)
        n--;
    return n;
}

// A file with a NUL far behind its beginning is text to git; many who read JSON take none.
static void add_line(struct buf *out, struct str line)
{
    for (bool more = true; more;) {
        more = str_has(line, 0);
        buf_add(out, str_cut(&line, 0));
        if (more)
            buf_addz(out, "\xEF\xBF\xBD");
    }
}

// Of what git writes above the hunks only a change of the mode says something that the list does not.
static bool says_something(struct str line)
{
    return str_starts(line, S("old mode ")) || str_starts(line, S("new mode "));
}

static void put_hunks(struct str text, struct buf *out, bool *whole)
{
    bool inside = false;
    while (text.n) {
        struct str line = str_cut(&text, '\n');
        bool first = str_starts(line, FILE_LINE);
        inside = !first && (inside || str_starts(line, S("@@ ")));
        if (!inside && !says_something(line))
            continue;
        size_t n = line_shown(line);
        add_line(out, str_head(line, n));
        if (n < line.n) {
            buf_addz(out, "\xE2\x80\xA6");      // an ellipsis
            *whole = false;
        }
        buf_addc(out, '\n');
    }
}

// Octets that are no text take up to six times their room as JSON, so each text is written aside first.
static void put_text(const struct file *f, struct changes_patch *p, struct buf *out, size_t *room)
{
    OWN_BUF struct buf text = buf_make(3 * PATCH_BYTES), json = buf_make(*room);
    if (f->patched && !f->binary) {
        put_hunks(f->text, &text, &p->all);
        json_text(&json, buf_str(&text));
    }
    bool shown = f->patched && !f->binary && !text.failed && !json.failed;
    p->all = p->all && (shown || f->binary);
    *room -= shown ? json.n : 0;
    json_kv(out, "text", shown ? V_JSON(buf_str(&json)) : V_NULL);
}

static void put_file(const struct file *f, struct changes_patch *patch, struct buf *out, size_t *room)
{
    size_t start = out->n;
    json_open(out, '{');
    json_kvs(out, KVS(KV("path", f->path), KV("how", f->how), KV("added", f->counted ? V(f->added) : V_NULL),
                      KV("removed", f->counted ? V(f->removed) : V_NULL), KV("binary", V_BOOL(f->binary))));
    *room -= out->n - start;
    if (patch)
        put_text(f, patch, out, room);
    json_close(out, '}');
}

// A path of control characters takes six times its room.
static bool has_room(const struct file *f, size_t room)
{
    return room >= 6 * f->path.n + 200;
}

void changes_files(struct str listed, struct str counts, struct changes_patch *patch, struct buf *out)
{
    struct files all;
    size_t i = 0, room = patch ? PATCH_JSON : FILES_BYTES;
    all.n = 0;
    read_paths(listed, &all);
    read_counts(counts, &all);
    if (patch)
        read_patch(patch, &all);
    if (patch)
        patch->all = !patch->cut;
    json_open(out, '[');
    for (; i < all.n && has_room(&all.at[i], room); i++)
        put_file(&all.at[i], patch, out, &room);
    json_close(out, ']');
    if (patch)
        patch->all = patch->all && i == all.n;
}

// " 3 files changed, 10 insertions(+), 2 deletions(-)"; nothing at all where nothing differs.
bool changes_sum(struct str stat, struct changes_sum *out)
{
    struct str rest = str_trim(stat);
    *out = (struct changes_sum){0};
    while (rest.n) {
        struct str part = str_trim(str_cut(&rest, ','));
        uint64_t n;
        if (!str_u64(str_word(&part), &n) || n > INT32_MAX)
            return false;
        int64_t *to = str_find(part, S("file")) >= 0 ? &out->files : str_find(part, S("(+)")) >= 0 ? &out->added
                      : str_find(part, S("(-)")) >= 0 ? &out->removed : NULL;
        if (!to)
            return false;
        *to = (int64_t)n;
    }
    return true;
}
