// render.c: see render.h.
#include "log/render.h"
#include "base/command.h"
#include "base/json.h"
#include "log/values.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE_ROWS = 200, SAMPLE_BYTES = 4 << 20, NARROW = 8, GAP = 2, WIDEST = 2000, CELL_BYTES = 64 << 10,
       LINE_BYTES = 8 * ASK_MAX };

struct render {
    FILE *to;
    enum render_style style;
    size_t width;
    bool colour, laid_out;
    struct arena arena;
    struct ask_column *columns;
    size_t n;
    size_t *wide;               // of each column of a table
    struct buf kept;            // values of rows that wait for the widths
    size_t kept_rows;
    const char *part;           // what each object of JSON is, or NULL
};

struct render *render_new(FILE *to, enum render_style style, size_t width, bool colour)
{
    struct render *r = calloc(1, sizeof *r);
    assert(r);
    *r = (struct render){.to = to, .style = style, .width = width, .colour = colour, .arena = arena_make(64 << 20),
                         .kept = buf_make(ASK_MAX + SAMPLE_BYTES)};
    return r;
}

void render_free(struct render *r)
{
    if (!r)
        return;
    buf_drop(&r->kept);
    arena_drop(&r->arena);
    free(r);
}

void render_part(struct render *r, const char *name)
{
    r->part = name;
}

// ---- characters ----

// One character of UTF-8 from the front of *s; U+FFFD for a byte that is none.
static uint32_t next_char(struct str *s)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)s->p[0];
    size_t n = first < 0x80 ? 1
             : first >= 0xC2 && first < 0xE0 ? 2
             : (first & 0xF0) == 0xE0 ? 3 : first >= 0xF0 && first < 0xF5 ? 4 : 0;
    uint32_t c = n == 1 ? first : n ? first & (0x7Fu >> n) : 0;
    for (size_t i = 1; i < n; i++) {
        if (i >= s->n || ((unsigned char)s->p[i] & 0xC0) != 0x80) {
            n = 0;
            break;
        }
        c = c << 6 | ((unsigned char)s->p[i] & 0x3F);
    }
    if (!n || (n > 1 && c < least[n]) || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) {
        *s = str_from(*s, 1);
        return 0xFFFD;
    }
    *s = str_from(*s, n);
    return c;
}

struct span { uint32_t from, to; };

static bool among(uint32_t c, const struct span *spans, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (c >= spans[i].from && c <= spans[i].to)
            return true;
    return false;
}

// What moves the cursor, hides text or turns its direction.
static bool is_control(uint32_t c)
{
    static const struct span spans[] = {{0, 0x1F}, {0x7F, 0x9F}, {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F},
                                        {0xFEFF, 0xFEFF}, {0xE0000, 0xE0FFF}};
    return among(c, spans, ARRAY_LEN(spans));
}

static size_t char_width(uint32_t c)
{
    static const struct span none[] = {{0x300, 0x36F}, {0x20D0, 0x20F0}, {0xFE00, 0xFE0F}, {0x3099, 0x309A}};
    static const struct span two[] = {{0x1100, 0x115F}, {0x2E80, 0xA4CF}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF},
                                      {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1FAFF},
                                      {0x20000, 0x3FFFD}};
    return c < 0x300 ? 1 : among(c, none, ARRAY_LEN(none)) ? 0 : among(c, two, ARRAY_LEN(two)) ? 2 : 1;
}

// Writes the character as it is shown, returns its width.
static size_t show_char(uint32_t c, struct str raw, char out[12], size_t *n)
{
    const char *named = c == '\n' ? "\\n" : c == '\t' ? "\\t" : c == '\r' ? "\\r" : NULL;
    if (named || is_control(c)) {
        *n = (size_t)(named ? snprintf(out, 12, "%s", named) : snprintf(out, 12, c < 0x100 ? "\\x%02X" : "\\u%04X", c));
        return *n;
    }
    if (c == 0xFFFD)
        raw = S("\xEF\xBF\xBD");
    memcpy(out, raw.p, raw.n);
    *n = raw.n;
    return char_width(c);
}

size_t render_width(struct str s)
{
    char out[12];
    size_t width = 0, n;
    while (s.n) {
        struct str raw = s;
        uint32_t c = next_char(&s);
        width += show_char(c, str_head(raw, raw.n - s.n), out, &n);
    }
    return width;
}

// The cell in at most `most` columns, filled up to `fill` on the side that is left.
static void put_cell(FILE *to, struct str s, size_t most, size_t fill, bool right)
{
    OWN_BUF struct buf b = buf_make(CELL_BYTES);
    size_t whole = render_width(str_head(s, CELL_BYTES / 8)), width = 0, room = whole > most ? most - 1 : most;
    while (s.n) {
        char out[12];
        size_t n;
        struct str raw = s;
        uint32_t c = next_char(&s);
        size_t w = show_char(c, str_head(raw, raw.n - s.n), out, &n);
        if (width + w > room)
            break;
        buf_add(&b, (struct str){out, n});
        width += w;
    }
    if (whole > most) {
        buf_addz(&b, "…");
        width++;
    }
    size_t blank = fill > width ? fill - width : 0;
    fprintf(to, "%*s", right ? (int)blank : 0, "");
    fwrite(b.p ? b.p : "", 1, b.n, to);
    fprintf(to, "%*s", right ? 0 : (int)blank, "");
}

// ---- a table ----

static bool is_right(const struct ask_column *c)
{
    return c->kind == ASK_WHOLE || c->kind == ASK_NUMBER;
}

static void put_blank(struct render *r, size_t column)
{
    if (column)
        fprintf(r->to, "%*s", GAP, "");
}

// The last column is not filled up: no blanks at the end of a line.
static void put_values(struct render *r, struct bytes *b)
{
    for (size_t i = 0; i < r->n; i++) {
        struct value v = {0};
        bool last = i + 1 == r->n;
        if (!value_next(b, &v))
            return;
        put_blank(r, i);
        if (v.null && r->colour)
            fputs("\033[2m", r->to);
        put_cell(r->to, v.null ? S("NULL") : v.text, r->wide[i], last && !is_right(&r->columns[i]) ? 0 : r->wide[i],
                 is_right(&r->columns[i]));
        if (v.null && r->colour)
            fputs("\033[0m", r->to);
    }
    fputc('\n', r->to);
}

static void measure(struct render *r)
{
    struct bytes b = bytes_of(buf_str(&r->kept));
    struct value v;
    for (size_t i = 0; i < r->n; i++)
        r->wide[i] = render_width(r->columns[i].name);
    for (size_t row = 0; row < r->kept_rows; row++)
        for (size_t i = 0; i < r->n && value_next(&b, &v); i++) {
            size_t w = v.null ? 4 : render_width(str_head(v.text, WIDEST));
            r->wide[i] = w > r->wide[i] ? w : r->wide[i];
        }
}

// The widest text column gives way until the table fits, as long as any is wider than a few characters.
static void fit(struct render *r)
{
    while (r->width) {
        size_t total = GAP * (r->n - 1), widest = r->n;
        for (size_t i = 0; i < r->n; i++) {
            total += r->wide[i];
            if (!is_right(&r->columns[i]) && r->wide[i] > NARROW && (widest == r->n || r->wide[i] > r->wide[widest]))
                widest = i;
        }
        if (total <= r->width || widest == r->n)
            return;
        r->wide[widest]--;
    }
}

static void put_header(struct render *r)
{
    for (size_t i = 0; i < r->n; i++) {
        bool last = i + 1 == r->n;
        put_blank(r, i);
        fputs(r->colour ? "\033[1m" : "", r->to);
        put_cell(r->to, r->columns[i].name, r->wide[i], last && !is_right(&r->columns[i]) ? 0 : r->wide[i],
                 is_right(&r->columns[i]));
        fputs(r->colour ? "\033[0m" : "", r->to);
    }
    fputc('\n', r->to);
}

static void lay_out(struct render *r)
{
    if (r->laid_out)
        return;
    r->laid_out = true;
    measure(r);
    fit(r);
    put_header(r);
    struct bytes b = bytes_of(buf_str(&r->kept));
    for (size_t row = 0; row < r->kept_rows; row++)
        put_values(r, &b);
    buf_clear(&r->kept);
}

static void table_rows(struct render *r, struct str values, size_t rows)
{
    if (!r->laid_out) {
        buf_add(&r->kept, values);
        r->kept_rows += rows;
        if (r->kept_rows >= SAMPLE_ROWS || r->kept.n >= SAMPLE_BYTES)
            lay_out(r);
        return;
    }
    struct bytes b = bytes_of(values);
    while (rows--)
        put_values(r, &b);
}

// ---- for programs ----

// A program gets every byte as it is; a terminal would obey some of them.
static void put_line(const struct render *r, struct str line)
{
    if (r->width)
        put_foreign(r->to, line);
    else
        fwrite(line.p ? line.p : "", 1, line.n, r->to);
    fputc('\n', r->to);
}

static void csv_rows(struct render *r, struct str values, size_t rows)
{
    struct bytes b = bytes_of(values);
    OWN_BUF struct buf line = buf_make(LINE_BYTES);
    for (; rows; rows--) {
        buf_clear(&line);
        for (size_t i = 0; i < r->n; i++) {
            struct value v = {0};
            if (!value_next(&b, &v))
                return;
            if (i)
                buf_addc(&line, ',');
            value_csv(&line, r->columns[i].kind, &v, r->style == RENDER_EXACT);
        }
        put_line(r, buf_str(&line));
    }
}

static void json_rows(struct render *r, struct str values, size_t rows)
{
    struct bytes b = bytes_of(values);
    OWN_BUF struct buf line = buf_make(LINE_BYTES);
    for (; rows; rows--) {
        buf_clear(&line);
        buf_addc(&line, '{');
        if (r->part)
            buf_addf(&line, "\"part\":\"%s\",", r->part);
        for (size_t i = 0; i < r->n; i++) {
            struct value v = {0};
            if (!value_next(&b, &v))
                return;
            buf_addz(&line, i ? "," : "");
            json_text(&line, r->columns[i].name);
            buf_addc(&line, ':');
            value_json(&line, &r->columns[i], &v);
        }
        buf_addz(&line, "}\n");
        fwrite(line.p, 1, line.n, r->to);
    }
}

static void csv_names(struct render *r)
{
    OWN_BUF struct buf line = buf_make(LINE_BYTES);
    for (size_t i = 0; i < r->n; i++) {
        if (i)
            buf_addc(&line, ',');
        value_csv(&line, ASK_TEXT, &(struct value){.text = r->columns[i].name}, r->style == RENDER_EXACT);
    }
    put_line(r, buf_str(&line));
}

// ---- all of them ----

bool render_columns(struct render *r, struct str payload)
{
    struct str kept = str_dup(&r->arena, payload);
    size_t n;
    if (r->n || !ask_columns_read(&r->arena, kept, &r->columns, &n))
        return false;
    r->n = n;
    r->wide = NEW_N(&r->arena, size_t, r->n);
    if (r->style == RENDER_CSV || r->style == RENDER_EXACT)
        csv_names(r);
    return true;
}

bool render_rows(struct render *r, struct str payload)
{
    static void (*const styles[])(struct render *, struct str, size_t) = {
        [RENDER_TABLE] = table_rows, [RENDER_CSV] = csv_rows, [RENDER_JSON] = json_rows, [RENDER_EXACT] = csv_rows};
    struct bytes b;
    size_t rows;
    if (!r->n || !values_open(payload, r->n, &b, &rows))
        return false;
    styles[r->style](r, (struct str){b.p, b.n}, rows);
    return true;
}

void render_end(struct render *r)
{
    if (r->style == RENDER_TABLE && r->n)
        lay_out(r);
}

void render_break(struct render *r)
{
    if (r->kept_rows)
        render_end(r);
}
