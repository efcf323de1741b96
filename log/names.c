// names.c: see names.h.
#include "log/names.h"

enum ours { TIME, METHOD, URI, QUERY, PROTOCOL, SIZE, REQSIZE, REFERER, UA, FORWARDEDFOR, REQTIME, APPTIME, HOST, VHOST,
            OURS };
static const struct str ours[OURS] = {
    S("time"), S("method"), S("uri"), S("query"), S("protocol"), S("size"), S("reqsize"), S("referer"), S("ua"),
    S("forwardedfor"), S("reqtime"), S("apptime"), S("host"), S("vhost")};

enum how { SAME, MOMENT, PATH_AND_QUERY, FIRST_LINE };

// Those of one label of ours in the order in which they count.
static const struct { struct str theirs; enum ours ours; enum how how; } rows[] = {
    {S("time_iso8601"), TIME, MOMENT}, {S("_timestamp"), TIME, MOMENT}, {S("timestamp"), TIME, MOMENT},
    {S("time_local"), TIME, MOMENT}, {S("msec"), TIME, MOMENT},
    {S("request_method"), METHOD, SAME}, {S("args"), QUERY, SAME}, {S("query_string"), QUERY, SAME},
    {S("server_protocol"), PROTOCOL, SAME}, {S("body_bytes_sent"), SIZE, SAME}, {S("bytes_sent"), SIZE, SAME},
    {S("request_length"), REQSIZE, SAME}, {S("http_referer"), REFERER, SAME}, {S("http_user_agent"), UA, SAME},
    {S("user_agent"), UA, SAME}, {S("http_x_forwarded_for"), FORWARDEDFOR, SAME}, {S("request_time"), REQTIME, SAME},
    {S("upstream_response_time"), APPTIME, SAME}, {S("http_host"), HOST, SAME}, {S("server_name"), VHOST, SAME},
    {S("request_uri"), URI, PATH_AND_QUERY}, {S("request"), URI, FIRST_LINE},
};
enum { ROWS = sizeof rows / sizeof *rows };
_Static_assert(ROWS <= 32 && OURS <= 32, "sets of them are 32 bits");

// What is known of one line: where each row's value is, and which labels of ours it has.
struct found { struct str value[ROWS]; uint32_t rows, taken, ours; bool common; };

static uint32_t bit(size_t i)
{
    return (uint32_t)1 << i;
}

// ---- values ----

static int two(const char *p)
{
    return p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9' ? -1 : (p[0] - '0') * 10 + p[1] - '0';
}

static int month(const char *p)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12; i++)
        if (memcmp(months + 3 * i, p, 3) == 0)
            return i + 1;
    return -1;
}

bool time_from_common(struct str s, char out[25])
{
    const char *p = s.p;
    if (s.n != 26 || p[2] != '/' || p[6] != '/' || p[11] != ':' || p[14] != ':' || p[17] != ':' || p[20] != ' ')
        return false;
    int m = month(p + 3);
    if (m < 0 || two(p) < 0 || two(p + 7) < 0 || two(p + 9) < 0 || two(p + 12) < 0 || two(p + 15) < 0 || two(p + 18) < 0
        || (p[21] != '+' && p[21] != '-') || two(p + 22) < 0 || two(p + 24) < 0)
        return false;
    char iso[25] = {p[7], p[8], p[9], p[10], '-', (char)('0' + m / 10), (char)('0' + m % 10), '-', p[0], p[1], 'T',
                    p[12], p[13], ':', p[15], p[16], ':', p[18], p[19], p[21], p[22], p[23], ':', p[24], p[25]};
    memcpy(out, iso, sizeof iso);
    return true;
}

static bool is_method(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((s.p[i] < 'A' || s.p[i] > 'Z') && s.p[i] != '-' && s.p[i] != '_')
            return false;
    return s.n > 0 && s.n <= 32;
}

static void path_cut(struct str text, struct str *uri, struct str *query)
{
    bool asks = str_has(text, '?');
    *uri = str_cut(&text, '?');
    *query = asks ? text : S("-");
}

bool request_cut(struct str text, struct request *out)
{
    struct str rest = text;
    *out = (struct request){.method = str_cut(&rest, ' '), .protocol = S("-")};
    const char *last = memrchr(rest.p, ' ', rest.n);
    if (last && str_starts(str_from(rest, (size_t)(last + 1 - rest.p)), S("HTTP/"))) {
        out->protocol = str_from(rest, (size_t)(last + 1 - rest.p));
        rest.n = (size_t)(last - rest.p);
    }
    path_cut(rest, &out->uri, &out->query);
    return rest.n > 0 && is_method(out->method);
}

// ---- names ----

// Most labels have a length that no name has, or one.
struct names names_make(void)
{
    struct names n = {0};
    for (size_t i = 0; i < OURS; i++)
        n.ours[ours[i].n] |= bit(i);
    for (size_t i = 0; i < ROWS; i++)
        n.theirs[rows[i].theirs.n] |= bit(i);
    return n;
}

static inline bool same(struct str a, struct str b)
{
    return memcmp(a.p, b.p, a.n) == 0;
}

static inline size_t row_of(const struct names *n, struct str label)
{
    for (uint32_t left = label.n < NAMES_LONGEST ? n->theirs[label.n] : 0; left; left &= left - 1)
        if (same(label, rows[__builtin_ctz(left)].theirs))
            return (size_t)__builtin_ctz(left);
    return ROWS;
}

static inline size_t ours_of(const struct names *n, struct str label)
{
    for (uint32_t left = label.n < NAMES_LONGEST ? n->ours[label.n] : 0; left; left &= left - 1)
        if (same(label, ours[__builtin_ctz(left)]))
            return (size_t)__builtin_ctz(left);
    return OURS;
}

void names_keep(struct names *n, struct str label)
{
    size_t i = row_of(n, label);
    n->kept |= i < ROWS ? bit(i) : 0;
}

struct str names_other(struct str label, size_t i)
{
    for (size_t k = 0; k < ROWS; k++)
        if (str_eq(label, ours[rows[k].ours]) && i-- == 0)
            return rows[k].theirs;
    return S("");
}

// ---- a line ----

static inline struct str next_field(struct str *line, struct str *label, struct str *value)
{
    const char *tab = memchr(line->p, '\t', line->n);
    struct str field = {line->p, tab ? (size_t)(tab - line->p) : line->n};
    const char *colon = memchr(field.p, ':', field.n);
    size_t n = colon ? (size_t)(colon - field.p) : field.n;
    *label = (struct str){field.p, n};
    *value = str_from(field, n + 1);
    *line = tab ? (struct str){tab + 1, line->n - field.n - 1} : (struct str){line->p + line->n, 0};
    return field;
}

static void look(const struct names *n, struct str line, struct found *f)
{
    struct str label, value;
    char iso[25];
    while (line.n) {
        next_field(&line, &label, &value);
        size_t mine = ours_of(n, label), theirs = mine < OURS ? ROWS : row_of(n, label);
        f->ours |= mine < OURS ? bit(mine) : 0;
        f->common = f->common || (mine == TIME && time_from_common(value, iso));
        if (theirs < ROWS && !(f->rows & bit(theirs)) && !(n->kept & bit(theirs))) {
            f->rows |= bit(theirs);
            f->value[theirs] = value;
        }
    }
}

// Is there anything in this value that the line does not say under our names?
static bool tells(const struct found *f, size_t i)
{
    struct request r;
    if (rows[i].how != FIRST_LINE)
        return !(f->ours & bit(rows[i].ours));
    return (~f->ours & (bit(METHOD) | bit(URI))) && request_cut(f->value[i], &r);
}

// Which of them give way to names of ours. The first line of a request, of which parts are taken, is the last row.
static void decide(struct found *f)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (!(f->rows & bit(i)) || !tells(f, i))
            continue;
        f->taken |= bit(i);
        f->ours |= rows[i].how == FIRST_LINE ? 0 : bit(rows[i].ours);
    }
}

static void put_field(struct line *out, struct str label, struct str value)
{
    if (out->n)
        line_char(out, '\t');
    line_str(out, label);
    line_char(out, ':');
    line_str(out, value);
}

static void put(struct line *out, enum ours label, struct str value)
{
    put_field(out, ours[label], value);
}

// Unless the line says it elsewhere.
static void put_part(struct found *f, struct line *out, enum ours label, struct str value)
{
    if (!(f->ours & bit(label)))
        put(out, label, value);
    f->ours |= bit(label);
}

static void put_moment(struct line *out, struct str value)
{
    char iso[25];
    put(out, TIME, time_from_common(value, iso) ? (struct str){iso, sizeof iso} : value);
}

// It stays, too, where its path is not the one that counts.
static void put_first_line(struct found *f, struct line *out, struct str label, struct str value)
{
    struct request r;
    if (!request_cut(value, &r) || (f->ours & bit(URI)))
        put_field(out, label, value);
    put_part(f, out, METHOD, r.method);
    put_part(f, out, URI, r.uri);
    put_part(f, out, QUERY, r.query);
    put_part(f, out, PROTOCOL, r.protocol);
}

static void put_row(struct found *f, struct line *out, size_t i)
{
    struct request r = {0};
    struct str value = f->value[i];
    if (rows[i].how == SAME)
        put(out, rows[i].ours, value);
    else if (rows[i].how == MOMENT)
        put_moment(out, value);
    else if (rows[i].how == FIRST_LINE)
        put_first_line(f, out, rows[i].theirs, value);
    else {
        path_cut(value, &r.uri, &r.query);
        put(out, URI, r.uri);
        put_part(f, out, QUERY, r.query);
    }
}

bool names_settle(const struct names *n, struct str ltsv, struct line *out)
{
    struct found f = {0};
    struct str label, value;
    look(n, ltsv, &f);
    decide(&f);
    if (!f.taken && !f.common)
        return false;
    while (ltsv.n) {
        struct str field = next_field(&ltsv, &label, &value);
        size_t i = row_of(n, label);
        if (i < ROWS && (f.taken & bit(i)) && f.value[i].p == value.p) {
            put_row(&f, out, i);
        } else if (f.common && str_eq(label, S("time"))) {
            put_moment(out, value);
        } else {
            if (out->n)
                line_char(out, '\t');
            line_str(out, field);
        }
    }
    return true;
}
