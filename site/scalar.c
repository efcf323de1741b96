// scalar.c: reads and prints numbers, durations, sizes, words and texts. Reading and printing of a type stand
// together, because each must undo the other.
#include "site/scalar.h"
#include "base/clock.h"
#include <string.h>

static bool expected(struct err *e, const char *what, struct str got)
{
    return err_set(e, ERR_INPUT, "expected %s, got %s", what, shown(got).z);
}

static bool beyond(struct err *e, struct str got, const char *low, const char *high)
{
    err_set(e, ERR_INPUT, STR_F " is out of bounds", STR_A(got));
    return err_hint(e, "%s to %s", low, high);
}

static bool within(const struct key *k, int64_t v)
{
    return v >= k->low && v <= k->high;
}

static const char a_text[] = "text";
static const char a_number[] = "a whole number";
static const char a_bool[] = "true or false";
static const char a_time[] = "a duration such as 5s, 15m or 4h";
static const char a_size[] = "a size such as 512M or 3.75G";
static const char a_word[] = "one of a few words";
static const char a_limit[] = "a percentage such as 50%, or a number of hosts";
static const char a_percent[] = "a percentage such as 1% or 0.2%";
static const char a_factor[] = "a number such as 2 or 1.3";

enum { TEXT_MAX = 1024 };

static bool has_control(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F)
            return true;
    return false;
}

static bool is_one_of(const char *const *words, struct str s, int *place)
{
    for (int i = 0; words[i]; i++)
        if (str_eq(s, str_z(words[i]))) {
            *place = i;
            return true;
        }
    return false;
}

static struct str word_at(const void *list, size_t i)
{
    return str_z(((const char *const *)list)[i]);
}

static bool not_one_of(const char *const *words, struct str s, struct err *e)
{
    OWN_ARENA struct arena a = arena_make(4096);
    size_t n = 0;
    while (words[n])
        n++;
    struct str near = str_nearest(s, n, word_at, words);
    expected(e, words_joined(&a, words).p, s);
    if (near.n)
        err_hint(e, "did you mean \"" STR_F "\"?", STR_A(near));
    return false;
}

struct str words_joined(struct arena *a, const char *const *words)
{
    struct str all = S("");
    for (size_t i = 0; words[i]; i++)
        all = str_f(a, STR_F "%s%s", STR_A(all), i == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
    return all;
}

static bool read_text(const struct key *k, struct str text, void *at, struct err *e)
{
    size_t most = k->high ? (size_t)k->high : TEXT_MAX;
    int ignored;
    if (has_control(text))
        return expected(e, "text on one line", text);
    if (text.n > most)
        return err_set(e, ERR_INPUT, "longer than %zu bytes", most);
    if (k->words && !is_one_of(k->words, text, &ignored))
        return not_one_of(k->words, text, e);
    // A default may be empty where nothing else that is empty would pass; saying it openly is the same.
    bool usual = k->usual && str_eq(text, str_z(k->usual));
    if (k->rule && !usual && !k->rule(text, e))
        return false;
    *(struct str *)at = text;
    return true;
}

static void print_text(const struct key *k, const void *at, struct buf *b)
{
    (void)k;
    buf_add(b, *(const struct str *)at);
}

static bool read_int(const struct key *k, struct str text, void *at, struct err *e)
{
    char low[24], high[24];
    int64_t v;
    if (!str_i64(text, &v))
        return expected(e, a_number, text);
    snprintf(low, sizeof low, "%lld", (long long)k->low);
    snprintf(high, sizeof high, "%lld", (long long)k->high);
    if (!within(k, v))
        return beyond(e, text, low, high);
    *(int *)at = (int)v;
    return true;
}

static void print_int(const struct key *k, const void *at, struct buf *b)
{
    (void)k;
    buf_addf(b, "%d", *(const int *)at);
}

static bool read_bool(const struct key *k, struct str text, void *at, struct err *e)
{
    static const char *const yes[] = {"yes", "on", "Yes", "True", "TRUE", NULL};
    static const char *const no[] = {"no", "off", "No", "False", "FALSE", NULL};
    int place;
    (void)k;
    if (str_eq(text, S("true")) || str_eq(text, S("false"))) {
        *(bool *)at = str_eq(text, S("true"));
        return true;
    }
    expected(e, a_bool, text);
    if (is_one_of(yes, text, &place) || is_one_of(no, text, &place))
        err_hint(e, "did you mean \"%s\"?", is_one_of(yes, text, &place) ? "true" : "false");
    return false;
}

static void print_bool(const struct key *k, const void *at, struct buf *b)
{
    (void)k;
    buf_addz(b, *(const bool *)at ? "true" : "false");
}

struct unit { const char *name; int64_t is; };

static const struct unit time_units[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

// In the largest unit that leaves no rest.
static void print_time(const struct key *k, const void *at, struct buf *b)
{
    int64_t ms = *(const int64_t *)at;
    (void)k;
    if (ms == 0) {
        buf_addz(b, "0s");
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(time_units); i++)
        if (ms % time_units[i].is == 0) {
            buf_addf(b, "%lld%s", (long long)(ms / time_units[i].is), time_units[i].name);
            return;
        }
}

typedef void print_fn(const struct key *k, const void *at, struct buf *b);

static bool beyond_with(const struct key *k, struct str text, print_fn *print, struct err *e)
{
    OWN_BUF struct buf low = buf_make(32);
    OWN_BUF struct buf high = buf_make(32);
    print(k, &k->low, &low);
    print(k, &k->high, &high);
    return beyond(e, text, buf_z(&low), buf_z(&high));
}

static bool read_time(const struct key *k, struct str text, void *at, struct err *e)
{
    int64_t ms;
    if (!duration_parse(text, &ms))
        return expected(e, a_time, text);
    if (!within(k, ms))
        return beyond_with(k, text, print_time, e);
    *(int64_t *)at = ms;
    return true;
}

static const struct unit size_units[] = {
    {"T", (int64_t)1 << 40}, {"G", (int64_t)1 << 30}, {"M", (int64_t)1 << 20}, {"K", (int64_t)1 << 10}};

// Up to two decimals, so 3.75G stays 3.75G; what such a number cannot say falls to a smaller unit. K always can.
static void print_size(const struct key *k, const void *at, struct buf *b)
{
    int64_t bytes = *(const int64_t *)at;
    size_t i = 0;
    (void)k;
    int64_t is = size_units[0].is;
    while (i + 1 < ARRAY_LEN(size_units) && (bytes < is || bytes % is * 100 % is))
        is = size_units[++i].is;
    int64_t whole = bytes / is, hundredths = bytes % is * 100 / is;
    buf_addf(b, "%lld", (long long)whole);
    if (hundredths)
        buf_addf(b, hundredths % 10 ? ".%02d" : ".%d", (int)(hundredths % 10 ? hundredths : hundredths / 10));
    buf_addz(b, size_units[i].name);
}

enum { WHOLE_MAX = 1000000000 };

// Digits, or digits . one or two digits: hundredths of the unit.
static bool hundredths_of(struct str s, uint64_t *out)
{
    struct str decimals = s, whole = str_cut(&decimals, '.');
    uint64_t high, low = 0;
    if (!str_u64(whole, &high) || high > WHOLE_MAX || (whole.n < s.n && !str_u64(decimals, &low)) || decimals.n > 2)
        return false;
    *out = high * 100 + (decimals.n == 1 ? low * 10 : low);
    return true;
}

static bool size_of(struct str s, int64_t *bytes)
{
    uint64_t hundredths;
    for (size_t i = 0; s.n && i < ARRAY_LEN(size_units); i++)
        if (s.p[s.n - 1] == size_units[i].name[0] && hundredths_of(str_head(s, s.n - 1), &hundredths)) {
            // Up to 10^11 hundredths of 2^40. Whole KiB are enough for anybody.
            __int128 all = (__int128)hundredths * size_units[i].is / 100;
            *bytes = (int64_t)(all / 1024 * 1024);
            return all < INT64_MAX;
        }
    return false;
}

static bool read_size(const struct key *k, struct str text, void *at, struct err *e)
{
    int64_t bytes;
    if (!size_of(text, &bytes))
        return expected(e, a_size, text);
    if (!within(k, bytes))
        return beyond_with(k, text, print_size, e);
    *(int64_t *)at = bytes;
    return true;
}

static bool read_word(const struct key *k, struct str text, void *at, struct err *e)
{
    int place;
    if (!is_one_of(k->words, text, &place))
        return not_one_of(k->words, text, e);
    *(int *)at = place;
    return true;
}

static void print_word(const struct key *k, const void *at, struct buf *b)
{
    buf_addz(b, k->words[*(const int *)at]);
}

struct limit { int percent, count; };

static bool read_limit(const struct key *k, struct str text, void *at, struct err *e)
{
    bool percent = str_ends(text, S("%"));
    int64_t v, most = percent ? 100 : k->high;
    if (!str_i64(percent ? str_head(text, text.n - 1) : text, &v))
        return expected(e, a_limit, text);
    if (v == 0) {
        err_set(e, ERR_INPUT, "0 would let no host through");
        return err_hint(e, "leave the key out for all at once");
    }
    if (v < 0 || v > most)
        return beyond(e, text, percent ? "1%" : "1", percent ? "100%" : "the number of hosts");
    *(struct limit *)at = percent ? (struct limit){.percent = (int)v} : (struct limit){.count = (int)v};
    return true;
}

static void print_limit(const struct key *k, const void *at, struct buf *b)
{
    const struct limit *l = at;
    (void)k;
    if (l->count)
        buf_addf(b, "%d", l->count);
    else
        buf_addf(b, "%d%%", l->percent ? l->percent : 100);
}

static void print_hundredths(int64_t hundredths, const char *unit, struct buf *b)
{
    buf_addf(b, "%lld", (long long)(hundredths / 100));
    int rest = (int)(hundredths % 100);
    if (rest)
        buf_addf(b, rest % 10 ? ".%02d" : ".%d", rest % 10 ? rest : rest / 10);
    buf_addz(b, unit);
}

// Bounds are int64_t, the member is an int.
static bool read_hundredths(const struct key *k, struct str text, const char *unit, const char *what, int *at,
                            struct err *e)
{
    uint64_t v;
    OWN_BUF struct buf low = buf_make(32);
    OWN_BUF struct buf high = buf_make(32);
    if (!str_ends(text, str_z(unit)) || !hundredths_of(str_head(text, text.n - strlen(unit)), &v))
        return expected(e, what, text);
    print_hundredths(k->low, unit, &low);
    print_hundredths(k->high, unit, &high);
    if (!within(k, (int64_t)v))
        return beyond(e, text, buf_z(&low), buf_z(&high));
    *at = (int)v;
    return true;
}

static bool read_percent(const struct key *k, struct str text, void *at, struct err *e)
{
    return read_hundredths(k, text, "%", a_percent, at, e);
}

static void print_percent(const struct key *k, const void *at, struct buf *b)
{
    (void)k;
    print_hundredths(*(const int *)at, "%", b);
}

static bool read_factor(const struct key *k, struct str text, void *at, struct err *e)
{
    return read_hundredths(k, text, "", a_factor, at, e);
}

static void print_factor(const struct key *k, const void *at, struct buf *b)
{
    (void)k;
    print_hundredths(*(const int *)at, "", b);
}

static const struct scalar scalars[] = {
    [KEY_TEXT] = {"text", a_text, read_text, print_text, false},
    [KEY_INT] = {"number", a_number, read_int, print_int, true},
    [KEY_BOOL] = {"true or false", a_bool, read_bool, print_bool, true},
    [KEY_TIME] = {"duration", a_time, read_time, print_time, false},
    [KEY_SIZE] = {"size", a_size, read_size, print_size, false},
    [KEY_WORD] = {"word", a_word, read_word, print_word, false},
    [KEY_LIMIT] = {"share or number", a_limit, read_limit, print_limit, true},
    [KEY_PERCENT] = {"percentage", a_percent, read_percent, print_percent, false},
    [KEY_TIMES] = {"factor", a_factor, read_factor, print_factor, true},
};

const struct scalar *scalar_of(enum key_type type)
{
    return (size_t)type < ARRAY_LEN(scalars) ? &scalars[type] : NULL;
}
