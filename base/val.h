// val.h: values that know their type, so that SQL and JSON are fed alike and never mixed up with text.
//
//     sql_do(db, e, "update release set state = ? where id = ?", VALS(V("live"), V(r.id)));
//     json_object(&b, KV("app", r.app), KV("took_ms", ms));
//     say("release.done", KV("app", app), KV("took_ms", ms));
//
// V() takes any integer type, bool, double, const char * (NULL is null) and struct str. Text is borrowed.
#pragma once
#include "base/def.h"
#include "base/str.h"

enum val_type { VAL_NULL, VAL_BOOL, VAL_INT, VAL_REAL, VAL_TEXT, VAL_BLOB, VAL_JSON };

struct val {
    enum val_type type;
    union {
        int64_t i;
        double real;
        struct str text;    // VAL_TEXT, VAL_BLOB (raw bytes), VAL_JSON (put in as it is)
    };
};
struct vals { const struct val *at; size_t n; };
struct kv { const char *key; struct val v; };
struct kvs { const struct kv *at; size_t n; };

static inline struct val val_bool(bool b)           { return (struct val){.type = VAL_BOOL, .i = b}; }
static inline struct val val_int(int64_t i)         { return (struct val){.type = VAL_INT, .i = i}; }
static inline struct val val_uint(uint64_t u)       { return (struct val){.type = VAL_INT, .i = (int64_t)u}; }
static inline struct val val_real(double d)         { return (struct val){.type = VAL_REAL, .real = d}; }
static inline struct val val_str(struct str s)      { return (struct val){.type = VAL_TEXT, .text = s}; }
static inline struct val val_z(const char *z)
{
    return z ? val_str(str_z(z)) : (struct val){.type = VAL_NULL};
}
static inline struct val val_val(struct val v)      { return v; }

#define V(x) _Generic((x), bool: val_bool, char: val_int, signed char: val_int, short: val_int, int: val_int,     \
    long: val_int, long long: val_int, unsigned char: val_uint, unsigned short: val_uint, unsigned: val_uint,     \
    unsigned long: val_uint, unsigned long long: val_uint, float: val_real, double: val_real,                     \
    char *: val_z, const char *: val_z, struct str: val_str, struct val: val_val)(x)
#define V_NULL          ((struct val){.type = VAL_NULL})
#define V_BLOB(s)       ((struct val){.type = VAL_BLOB, .text = (s)})
#define V_JSON(s)       ((struct val){.type = VAL_JSON, .text = (s)})
#define V_OPT(s)        ((s).n ? V(s) : V_NULL)     // an empty str is null

#define VALS(...)       ((struct vals){(const struct val[]){__VA_ARGS__},                                         \
                            sizeof((const struct val[]){__VA_ARGS__}) / sizeof(struct val)})
#define NO_VALS         ((struct vals){0, 0})
#define KV(k, x)        ((struct kv){k, V(x)})
#define KVS(...)        ((struct kvs){(const struct kv[]){__VA_ARGS__},                                           \
                            sizeof((const struct kv[]){__VA_ARGS__}) / sizeof(struct kv)})
// A comparison is an int in C; this says that it is meant as true or false.
#define V_BOOL(x)       val_bool(x)
