// wal_inner.h: the inside of the write-ahead log, for wal.c, which writes and reads it, and wal_scan.c, which reads a
// damaged one.
#pragma once
#include "log/wal.h"
#include <string.h>

enum { OFFSET_BITS = 26 };

// Little-endian hosts only, see the assert in wal_open.
#define PUT(to, type, v) memcpy(to, &(type){(type)(v)}, sizeof(type))
#define GET(type, from) (__extension__({ type v_; memcpy(&v_, from, sizeof v_); v_; }))

struct wal_segment { uint64_t number; unsigned char *p; size_t n; };

size_t wal_padded(size_t n);
uint64_t wal_lsn(uint64_t segment, size_t offset);
bool wal_head_ok(const struct wal_segment *s);
void wal_segment_head(unsigned char head[static WAL_HEAD], uint64_t number, int64_t created_us);
// The record at `at`, when there is a whole one of this segment.
bool wal_record_at(const struct wal_segment *s, size_t at, struct wal_record *out, size_t *next, size_t *durable);
void wal_record_head(unsigned char head[static WAL_RECORD_HEAD], const struct wal_record *r, uint64_t lsn,
                     size_t durable);
