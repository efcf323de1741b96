// git.h: git as a child: our environment, no hooks, no prompts, no ext:: transport, nothing of the user's settings.
#pragma once
#include "base/child.h"
#include "site/site.h"

// "git --git-dir=MIRROR -c ..." into argv; the caller adds the verb. All in the arena.
void git_words(struct arena *a, const char *data, const struct service *svc, struct strs *argv);
// The same up to the verb diff-tree. It knows no working tree and no index: .gitattributes of whatever was built last
// could make a text binary in it, and hide its lines from who approves.
void git_compare_words(struct arena *a, const char *data, const struct service *svc, struct strs *argv);
// The environment: ssh with the forge's key, protocols allowed, no prompt. NULL-ended.
const char *const *git_env(struct arena *a, const char *data, const struct service *svc);
const char *const *git_compare_env(struct arena *a);
const char **git_argv(struct arena *a, const struct strs *words);
char *git_mirror(struct arena *a, const char *data, const struct service *svc);
// After kill -9 in the middle of a git: its lock files name nobody alive (its death was promised with ours).
void git_unlock(const char *mirror);
// Why a git that talked to a repository failed, from all that it said on stderr: the line that carries the reason,
// which is seldom the last, and in *hint what helps against it ("" when nothing special does). In the arena.
struct str git_reason(struct arena *a, const struct service *svc, struct str said, struct str *hint);
// A revision as people and webhooks give it: no leading dash, no blanks or controls, at most 200 bytes.
bool git_revision_ok(struct str rev);
// What people call it: a branch or tag by its name; a hash says nothing, so it is the branch of the service.
struct str git_said_branch(struct str wanted, struct str branch);
