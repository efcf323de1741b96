// Whatever git may print: the lists are JSON, and no longer than they may be.
#include "release/changes.h"
#include "base/jansson.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void is_list(struct buf *b, size_t most)
{
    assert(!b->failed);
    json_t *j = json_loadb(b->p, b->n, 0, NULL);
    assert(j && json_array_size(j) <= most);
    json_decref(j);
    buf_clear(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    OWN_BUF struct buf b = buf_make(16 << 20);
    struct changes_sum sum;
    struct str all = {(const char *)data, size}, text = all, list;
    changes_commits(all, &b);
    is_list(&b, COMMITS_SHOWN);
    list = str_head(all, size / 2);
    text = str_from(all, size / 2);
    struct changes_patch patch = {.text = text, .cut = size % 2};
    changes_files(list, list, &patch, &b);
    is_list(&b, FILES_SHOWN);
    changes_files(all, text, NULL, &b);
    is_list(&b, FILES_SHOWN);
    (void)!changes_sum(all, &sum);
    (void)!changes_counted(all, &sum);
    return 0;
}
