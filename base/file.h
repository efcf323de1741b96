// file.h: whole files and directories. Every call that changes something is one fault point (fault.h).
#pragma once
#include "base/base.h"
#include <sys/types.h>

// The whole file, NUL-ended behind its last byte. ERR_LIMIT when it is larger than max, ERR_NOT_FOUND when absent.
bool file_read(struct arena *a, const char *path, size_t max, struct str *out, struct err *e) MUST_USE;
// All or nothing, durable when it returns: written beside it, fsynced, renamed over it, directory fsynced.
bool file_write(const char *path, struct str text, mode_t mode, struct err *e) MUST_USE;
bool fd_write_all(int fd, struct str text, struct err *e) MUST_USE;
bool dir_sync(const char *path, struct err *e) MUST_USE;        // fsync of a directory
bool dir_make(const char *path, mode_t mode, struct err *e) MUST_USE;   // with parents; existing is fine
bool path_exists(const char *path);                             // lstat says something is there
bool file_lock(const char *path, int *fd, struct err *e) MUST_USE;      // flock, not waiting; ERR_STATE when held
// Removes a tree without following links. Absent is fine.
bool tree_remove(const char *path, struct err *e) MUST_USE;
