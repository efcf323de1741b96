// test.h: unit tests beside the code. Each X_test.c is linked into one program, build/units.
//
//     TEST(a_colon_in_the_value_stays_in_the_value)
//     {
//         struct str rest = S("time:12:30\tstatus:200");
//         CHECK(str_eq(str_cut(&rest, '\t'), S("time:12:30")));
//     }
//
// A failed CHECK is printed with its place and the test goes on. test_dir() gives each test a directory of its own.
// What say() says (base/say.h) is held back, and told after the test when it failed.
#pragma once
#include "base/base.h"
#include <stdio.h>

struct test { const char *file, *name; void (*run)(void); struct test *next; };
void test_add(struct test *t);
void test_failed(const char *file, int line, const char *what, ...) PRINTF(3, 4);
const char *test_dir(void);     // empty, exists, removed after the test

#define TEST(fn)                                                                                    \
    static void fn(void);                                                                           \
    static struct test test_##fn = {__FILE__, #fn, fn, NULL};                                       \
    __attribute__((constructor)) static void test_add_##fn(void) { test_add(&test_##fn); }          \
    static void fn(void)
#define CHECK(x)        ((x) ? (void)0 : test_failed(__FILE__, __LINE__, "%s", #x))
#define CHECK_STR(a, b) check_str(__FILE__, __LINE__, #a, a, b)
#define CHECK_INT(a, b) check_int(__FILE__, __LINE__, #a, (int64_t)(a), (int64_t)(b))
void check_str(const char *file, int line, const char *what, struct str got, struct str want);
void check_int(const char *file, int line, const char *what, int64_t got, int64_t want);
