// pack.h: lines become a FRAME_BLOCK, in memory that is made once.
//
//     struct packer *p = packer_new(PACK_FAR);
//     struct str frame = packer_block(p, &cut, cut.text, id, policy, read_us);     // borrowed until the next call
#pragma once
#include "log/cut.h"

// zstd's level. Over a network bytes cost most; on the server's own machine the processor that both share does: a third
// less work for 1.4 times the bytes.
enum { PACK_FAR = 1, PACK_NEAR = -3 };

struct packer;
struct packer *packer_new(int level);
void packer_free(struct packer *p);
// text: what becomes of the cut's lines under the policy, at most BLOCK_MAX bytes.
struct str packer_block(struct packer *p, const struct cut *c, struct str text, uint64_t stream, uint32_t policy,
                        int64_t read_us);
