// parquet_read.h: what a Parquet file says of itself, and whether its pages are what was written. Nothing is unpacked.
//
//     struct parquet_told told;
//     if (!parquet_check(file, &told, e))         // ERR_CHECK: what is damaged, and where
#pragma once
#include "base/base.h"

struct parquet_told { int64_t rows; size_t groups, columns, pages, summed; };       // summed: pages with a checksum

// The whole file in memory; any bytes. Footer, row counts of groups, and every page: that it lies in the file, that the
// pages of a chunk hold as many values as it says, and the page's own checksum where it has one.
bool parquet_check(struct str file, struct parquet_told *out, struct err *e) MUST_USE;
