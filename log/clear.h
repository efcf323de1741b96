// clear.h: the clear text of a log file, whether it is plain, gzip (any number of members) or zstd (of frames).
// Which of them is told by its first bytes, not by its name.
//
//     struct clear *c = clear_open("/var/log/nginx/access.log.2.gz", e);
//     while (clear_read(c, to, sizeof to, &n, e) && n) ...
//     clear_close(c);
//
// A file that is damaged or ends too early gives what comes before, then an error that names the clear byte. Memory is
// some hundred KiB, with zstd at most the 128 MiB of its largest usual window.
#pragma once
#include "base/base.h"

enum clear_kind { CLEAR_PLAIN, CLEAR_GZIP, CLEAR_ZSTD };

struct clear;
// NULL: ERR_NOT_FOUND, ERR_IO, or ERR_INPUT for a directory.
struct clear *clear_open(const char *path, struct err *e);
// From a descriptor, which it closes in the end, also when it fails (standard input: dup it). The name is for messages.
struct clear *clear_of(int fd, const char *name, struct err *e);
enum clear_kind clear_kind(const struct clear *c);
struct str clear_kind_name(enum clear_kind k);              // "plain", "gzip", "zstd"
// 1 to cap bytes, as many as are at hand; *n = 0: the end. After false every further call says the same. ERR_INPUT: the
// file is damaged; ERR_IO: it cannot be read.
bool clear_read(struct clear *c, char *to, size_t cap, size_t *n, struct err *e) MUST_USE;
// Leaves out the next `bytes`; a plain file seeks. ERR_INPUT when the file ends before.
bool clear_skip(struct clear *c, uint64_t bytes, struct err *e) MUST_USE;
uint64_t clear_at(const struct clear *c);                   // clear bytes so far
uint64_t clear_eaten(const struct clear *c);                // bytes of the file so far, for progress
void clear_close(struct clear *c);                          // NULL is fine
