// thrift.h: writing Apache Thrift's compact protocol, as much of it as Parquet's footer needs.
//
//     struct thrift t = thrift_make(&buf);
//     thrift_i32(&t, 1, version);             // field 1
//     thrift_list(&t, 2, THRIFT_STRUCT, n);
//     for (...) { thrift_begin(&t); ...; thrift_end(&t); }
//     thrift_end(&t);                         // of the struct that thrift_make opened
//
// Source: thrift-compact-protocol.md of Apache Thrift.
#pragma once
#include "base/base.h"

enum thrift_type { THRIFT_TRUE = 1, THRIFT_FALSE = 2, THRIFT_I32 = 5, THRIFT_I64 = 6, THRIFT_BINARY = 8,
                   THRIFT_LIST = 9, THRIFT_STRUCT = 12 };
enum { THRIFT_DEEP = 8 };

struct thrift {
    struct buf *out;
    int last[THRIFT_DEEP];      // field id written last, per open struct
    int deep;
};

struct thrift thrift_make(struct buf *out);
void thrift_i32(struct thrift *t, int field, int32_t v);
void thrift_i64(struct thrift *t, int field, int64_t v);
void thrift_bool(struct thrift *t, int field, bool v);
void thrift_text(struct thrift *t, int field, struct str s);
void thrift_struct(struct thrift *t, int field);                            // opens it
void thrift_list(struct thrift *t, int field, enum thrift_type of, size_t n);
// Elements of a list.
void thrift_begin(struct thrift *t);                                        // a struct
void thrift_item_i32(struct thrift *t, int32_t v);
void thrift_item_text(struct thrift *t, struct str s);
void thrift_end(struct thrift *t);
