#include "base/test.h"
#include "log/crc32c.h"
#include <stdlib.h>
#include <string.h>

TEST(the_check_values_of_the_rfc)
{
    unsigned char b[32] = {0};
    CHECK_INT(crc32c(0, "123456789", 9), 0xe3069283);
    CHECK_INT(crc32c(0, b, 32), 0x8a9136aa);
    memset(b, 0xff, 32);
    CHECK_INT(crc32c(0, b, 32), 0x62a8ab43);
    for (int i = 0; i < 32; i++)
        b[i] = (unsigned char)i;
    CHECK_INT(crc32c(0, b, 32), 0x46dd794e);
}

TEST(the_instruction_and_the_table_agree_at_every_length_and_in_pieces)
{
    static unsigned char b[40000];
    unsigned seed = 3;
    for (size_t i = 0; i < sizeof b; i++)
        b[i] = (unsigned char)rand_r(&seed);
    for (size_t n = 0; n < sizeof b; n = n < 100 ? n + 1 : n * 5 / 4) {
        CHECK_INT(crc32c(0, b + n % 7, n - n % 7 * (n > 7)), crc32c_plain(0, b + n % 7, n - n % 7 * (n > 7)));
        size_t cut = n / 3;
        CHECK_INT(crc32c(crc32c(0, b, cut), b + cut, n - cut), crc32c_plain(0, b, n));
    }
}
