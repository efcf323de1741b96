// example.c: carries example.yaml inside the program.
#include "site/example.h"

EMBED(example_text, "site/example.yaml")

struct str example_site(void)
{
    return example_text();
}
