// container.h: the one container in which a service is built: its name and podman's environment.
//
// One name a service and data directory, since a service has one turn: whoever builds next removes what an earlier life
// may have left, before it touches the tree.
#pragma once
#include "base/base.h"

char *container_name(struct arena *a, const char *data, struct str service);
// podman reads its own settings: which runtime, where its images are. They come from the worker's environment.
const char *const *container_env(struct arena *a);
// podman rm --force NAME, NULL-ended; no such container is fine.
const char **container_remove(struct arena *a, const char *name);
