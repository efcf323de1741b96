// changes.h: what is in a release: its commits since the release before it, and the files they changed, from what git
// says. Foreign text all of it: it becomes JSON, which holds nothing that is not UTF-8, and every list has a limit.
//
//     changes_commits(log, &out);             // git log --format=CHANGES_LOG
//     changes_files(listed, counts, NULL, &out);      // git diff-tree CHANGES_LIST FROM TO, and with CHANGES_COUNTS
//     changes_counted(counts, &sum);          // all of them
//     changes_sum(stat, &sum);                // git diff-tree CHANGES_SUM FROM TO: when the counts were cut off
#pragma once
#include "base/base.h"
#include "base/json.h"

enum {
    COMMITS_SHOWN = 100, FILES_SHOWN = 500, FILES_BYTES = 256 << 10, PATCH_BYTES = 1 << 20,
    PATCH_LINE = 2000,          // of a longer line the rest is left out
    PATCH_JSON = 3 << 20,       // what all of it may take as JSON, paths and patches
};
#define CHANGES_LOG     "%H%x00%ct%x00%an%x00%s"        // a NUL: the one octet that no name and no subject holds
#define CHANGES_LIST    S("-r"), S("-z"), S("--no-renames"), S("--no-ext-diff"), S("--raw")
#define CHANGES_COUNTS  S("-r"), S("-z"), S("--no-renames"), S("--no-ext-diff"), S("--numstat")
#define CHANGES_SUM     S("-r"), S("--no-renames"), S("--no-ext-diff"), S("--shortstat")
#define CHANGES_PATCH   S("-r"), S("--no-renames"), S("--no-ext-diff"), S("--no-textconv"), S("--no-color"), \
                        S("--src-prefix=a/"), S("--dst-prefix=b/"), S("--patch")

struct changes_sum { int64_t files, added, removed; };

// A JSON list of {rev, at, author, subject}, newest first. A line without its end is left out.
void changes_commits(struct str log, struct buf *out);

// A JSON list of {path, how, added, removed, binary}. With a patch (NULL: none) each also has its `text`: hunks as git
// writes them, or null where it is binary or not in the patch; `all`: every text is there and whole.
struct changes_patch { struct str text; bool cut, all; };
void changes_files(struct str listed, struct str counts, struct changes_patch *patch, struct buf *out);

bool changes_counted(struct str counts, struct changes_sum *out) MUST_USE;      // false: git never wrote that
bool changes_sum(struct str stat, struct changes_sum *out) MUST_USE;    // false: git never wrote that
