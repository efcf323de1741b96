// crc32c.h: CRC-32C (Castagnoli, RFC 3720 section 12.1) of blocks and log records.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Goes on from an earlier result; begin with 0. The processor's instruction where there is one.
uint32_t crc32c(uint32_t crc, const void *p, size_t n);
uint32_t crc32c_plain(uint32_t crc, const void *p, size_t n);      // the same by table: the test's oracle
