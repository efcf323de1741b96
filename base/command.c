// command.c: from argv to the one table row that is meant, its options and arguments checked, and from its error
// to an exit code. What a row means to a reader (help, suggestions) is help.c.
#include "base/command.h"
#include "base/json.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct option command_options[] = {
    {"site", "FILE", "the site file, else RUSUBAN_SITE, else /etc/rusuban/site.yaml"},
    {"data", "DIR", "the data directory, else RUSUBAN_DATA, else /var/lib/rusuban"},
    {"json", NULL, "JSON on stdout instead of text; an error is a JSON object on stderr"},
    {"quiet", NULL, "no talk on stderr but errors"},
    {"no-input", NULL, "never ask; end with 2 and the option that answers"},
    {"help", NULL, "explain instead of doing"},
    {0}};

const struct option at_options[] = {AT_OPTIONS, {0}};
const struct option here_options[] = {HERE_OPTION, {0}};

const char *call_option(const struct call *c, const char *name)
{
    return map_get(&c->given, str_z(name));
}

struct str call_person(const struct call *c)
{
    const char *sudo = getenv("SUDO_USER");
    const struct passwd *p = getpwuid(geteuid());
    return str_dup(c->arena, str_z(sudo && *sudo && geteuid() == 0 ? sudo : p ? p->pw_name : "somebody"));
}

bool call_flag(const struct call *c, const char *name)
{
    return call_option(c, name) != NULL;
}

struct str call_arg(const struct call *c, size_t i)
{
    return i < c->args.n ? c->args.at[i] : S("");
}

// How many words of the row stand at the head of what was typed; 0 unless all of them do.
static size_t match(const struct command *row, const struct strs *typed)
{
    struct str rest = str_z(row->words), word;
    size_t n = 0;
    while ((word = str_word(&rest)).n) {
        if (n >= typed->n || !str_eq(word, typed->at[n]))
            return 0;
        n++;
    }
    return n;
}

static const struct command *find_row(const struct command *const *tables, const struct strs *typed, size_t *words)
{
    const struct command *best = NULL;
    *words = 0;
    for (; *tables; tables++)
        for (const struct command *row = *tables; row->words; row++) {
            size_t n = match(row, typed);
            if (n > *words) {
                *words = n;
                best = row;
            }
        }
    return best;
}

static const struct option *find_option(const struct option *o, struct str name)
{
    for (; o && o->name; o++)
        if (str_eq(str_z(o->name), name))
            return o;
    return NULL;
}

struct reading {
    struct call *c;
    int argc, at;
    char **argv;
    struct strs words;      // what is not an option, in order; the row's own words first
};

static struct str option_name(const void *options, size_t i)
{
    return str_z(((const struct option *)options)[i].name);
}

static bool unknown_option(const struct option *own, struct str name, struct err *e)
{
    size_t n = 0;
    while (own && own[n].name)
        n++;
    struct str near = n ? str_nearest(name, n, option_name, own) : S("");
    if (!near.n)
        near = str_nearest(name, ARRAY_LEN(command_options) - 1, option_name, command_options);
    if (near.n && str_distance(name, near) * 2 >= name.n)       // "deep" is not "help", as near as they are
        near = S("");
    err_set(e, ERR_INPUT, "unknown option --" STR_F, STR_A(name));
    if (str_eq(name, S("at")) && find_option(own, S("here")))
        return err_hint(e, "this is about the machine it runs on: ask there, for example through ssh");
    return near.n ? err_hint(e, "did you mean --" STR_F "?", STR_A(near)) : false;
}

// Beside what it says alone: all of its values, under a name that cannot be typed.
static const char *all_of(const struct call *c, const char *name)
{
    return str_zf(c->arena, "%s...", name);
}

static void keep_all(struct call *c, const char *name, char *value)
{
    struct strs *all = map_get(&c->given, str_z(all_of(c, name)));
    if (!all) {
        all = NEW(c->arena, struct strs);
        map_put(c->arena, &c->given, str_z(all_of(c, name)), all);
    }
    vec_push(c->arena, all, str_z(value));
}

void call_options(const struct call *c, const char *name, struct strs *out)
{
    const struct strs *all = map_get(&c->given, str_z(all_of(c, name)));
    *out = all ? *all : (struct strs){0};
}

// "--name=value", "--name value" or "--name"; the row's options (own) may be NULL while the row is not known yet.
static bool read_option(struct reading *r, const struct option *own, struct err *e)
{
    char *arg = r->argv[r->at] + 2, *equals = strchr(arg, '=');
    struct str name = equals ? (struct str){arg, (size_t)(equals - arg)} : str_z(arg);
    const struct option *o = find_option(command_options, name);
    if (!o)
        o = find_option(own, name);
    if (!o)
        return unknown_option(own, name, e);
    if (!o->value && equals)
        return err_set(e, ERR_INPUT, "--%s takes no value", o->name);
    char *value = equals ? equals + 1 : o->value ? r->argv[++r->at] : arg;
    if (!value)
        return err_set(e, ERR_INPUT, "--%s needs a value: --%s %s", o->name, o->name, o->value);
    if (o->value && str_ends(str_z(o->value), S("...")))
        keep_all(r->c, o->name, value);
    map_put(r->c->arena, &r->c->given, str_z(o->name), value);
    return true;
}

static bool is_option(const char *arg)
{
    return arg[0] == '-' && arg[1] != '\0';
}

// Reads on from r->at. Stops in front of the first option that is not for every command when own is NULL.
static bool read_words(struct reading *r, const struct option *own, bool stop, struct err *e)
{
    for (; r->at < r->argc; r->at++) {
        char *arg = r->argv[r->at];
        if (strcmp(arg, "--") == 0) {
            for (r->at++; r->at < r->argc; r->at++)
                vec_push(r->c->arena, &r->words, str_z(r->argv[r->at]));
            return true;
        }
        if (!is_option(arg)) {
            vec_push(r->c->arena, &r->words, str_z(arg));
            continue;
        }
        if (strcmp(arg, "-h") == 0) {
            map_put(r->c->arena, &r->c->given, S("help"), arg);
            continue;
        }
        if ((strcmp(arg, "--version") == 0 || strcmp(arg, "-v") == 0) && !r->words.n) {
            vec_push(r->c->arena, &r->words, S("version"));
            continue;
        }
        if (arg[1] != '-')
            return err_set(e, ERR_INPUT, "unknown option %s", arg);
        struct str rest = str_z(arg + 2);
        if (stop && !find_option(command_options, str_cut(&rest, '=')))
            return true;
        if (!read_option(r, own, e))
            return false;
    }
    return true;
}

// "SERVICE [REV]" takes one or two; a last "WORD..." takes the rest.
static bool check_args(const struct call *c, struct err *e)
{
    struct str rest = str_z(c->command->args), word;
    size_t n = 0;
    bool more = false;
    for (; (word = str_word(&rest)).n; n++) {
        more = str_find(word, S("...")) >= 0;
        if (n >= c->args.n && word.p[0] != '[') {
            err_set(e, ERR_INPUT, "%s: " STR_F " is missing", c->command->words, STR_A(word));
            return err_hint(e, "rusuban %s %s", c->command->words, c->command->args);
        }
    }
    if (c->args.n <= n || more)
        return true;
    err_set(e, ERR_INPUT, "%s: \"" STR_F "\" is one word too many", c->command->words, STR_A(c->args.at[n]));
    return err_hint(e, "rusuban %s%s%s", c->command->words, c->command->args[0] ? " " : "", c->command->args);
}

static const char *absolute(struct arena *a, const char *given, const char *variable, const char *usual)
{
    const char *path = given ? given : getenv(variable);
    if (!path || !*path)
        path = usual;
    char cwd[4096];
    return path[0] == '/' || !getcwd(cwd, sizeof cwd) ? path : str_zf(a, "%s/%s", cwd, path);
}

static bool is_here(struct str host)
{
    return str_eq(host, S("localhost")) || str_eq(host, S("[::1]")) || str_starts(host, S("127."));
}

// A token in the clear is everybody's.
static bool at_ok(const struct call *c, const char *at, struct err *e)
{
    struct str rest = str_z(at), scheme = str_cut(&rest, ':');
    struct str host = str_starts(rest, S("//")) ? str_from(rest, 2) : S("");
    host = str_cut(&host, '/');
    host = str_starts(host, S("[")) ? str_head(host, (size_t)(str_find(host, S("]")) + 1)) : str_cut(&host, ':');
    bool tls = str_eq(scheme, S("https")), plain = str_eq(scheme, S("http"));
    if (!host.n || !(tls || plain)) {
        err_set(e, ERR_INPUT, "--at: \"%s\" is not the URL of a server", at);
        return err_hint(e, "--at https://rusuban.example");
    }
    if (tls || is_here(host) || call_flag(c, "insecure-http"))
        return true;
    err_set(e, ERR_INPUT, "--at: http would send the token to " STR_F " in the clear", STR_A(host));
    return err_hint(e, "--at https://" STR_F ", or --insecure-http", STR_A(host));
}

// An answer about this machine would be taken for one about that server.
static bool not_there(const struct call *c, const char *at, struct err *e)
{
    err_set(e, ERR_INPUT, "RUSUBAN_AT names %s, and %s is about the machine it runs on", at, c->command->words);
    return err_hint(e, "ask on that machine; for this one add --here, or leave RUSUBAN_AT unset");
}

static bool ask_there(struct call *c, struct err *e)
{
    const char *typed = call_option(c, "at"), *set = getenv("RUSUBAN_AT");
    const char *at = typed ? typed : set;
    if (!at || !*at)
        return true;
    if (find_option(c->command->options, S("here")))
        return call_flag(c, "here") || not_there(c, at, e);
    if (!find_option(c->command->options, S("at")))
        return true;                    // of no house at all, such as help
    c->data = at;
    return at_ok(c, at, e);
}

static void fill(struct call *c)
{
    const char *term = getenv("TERM"), *plain = getenv("NO_COLOR");
    c->site = absolute(c->arena, call_option(c, "site"), "RUSUBAN_SITE", "/etc/rusuban/site.yaml");
    c->data = absolute(c->arena, call_option(c, "data"), "RUSUBAN_DATA", "/var/lib/rusuban");
    c->json = call_flag(c, "json");
    c->quiet = call_flag(c, "quiet");
    c->no_input = call_flag(c, "no-input");
    c->terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
    c->colour = c->terminal && isatty(STDOUT_FILENO) && !(plain && *plain);
}

static bool print_help(struct call *c, const struct strs *words, struct err *e)
{
    OWN_BUF struct buf b = buf_make(1 << 20);
    if (!command_help(c->arena, c->tables, words, call_flag(c, "json"), &b, e) || !buf_ok(&b, e))
        return false;
    fputs(buf_z(&b), stdout);
    return true;
}

// No row: help was asked for, or there are no words, or they are a group's ("secret"), or they are unknown.
static bool without_row(struct call *c, const struct strs *words, struct err *e)
{
    if (call_flag(c, "help"))
        return print_help(c, words, e);
    if (!words->n) {
        err_set(e, ERR_INPUT, "a command is missing: rusuban COMMAND [WORDS], for example rusuban release web");
        return err_hint(e, "rusuban help lists them all");
    }
    OWN_BUF struct buf b = buf_make(1 << 20);
    if (!command_help(c->arena, c->tables, words, false, &b, e) || !buf_ok(&b, e))
        return false;
    fputs(buf_z(&b), stderr);
    return err_set(e, ERR_INPUT, "which of these?");
}

static bool run(struct call *c, int argc, char **argv, struct err *e)
{
    struct reading r = {.c = c, .argc = argc, .at = 1, .argv = argv};
    size_t words;
    if (!read_words(&r, NULL, true, e))
        return false;
    c->command = find_row(c->tables, &r.words, &words);
    if (!c->command)
        return without_row(c, &r.words, e);
    if (!read_words(&r, c->command->options, false, e)) {
        if (!e->hint[0])
            err_hint(e, "rusuban help %s", c->command->words);
        return err_in(e, "%s", c->command->words);
    }
    if (call_flag(c, "help")) {
        struct strs own = {r.words.at, words, words};
        return print_help(c, &own, e);
    }
    c->args = (struct strs){r.words.at + words, r.words.n - words, r.words.n - words};
    if (!check_args(c, e))
        return false;
    fill(c);
    return ask_there(c, e) && c->command->run(c, e);
}

// What a terminal obeys, or reads backwards: below 0x20, 0x7F, U+0080 to U+009F, marks of direction, and bytes that are
// no UTF-8, since some terminals take them for control characters of eight bits. Returns how many bytes the dot stands
// for.
static size_t obeyed(struct str s)
{
    static const char *const marks[] = {"\xE2\x80\x8E", "\xE2\x80\x8F", "\xE2\x80\xAA", "\xE2\x80\xAB", "\xE2\x80\xAC",
                                        "\xE2\x80\xAD", "\xE2\x80\xAE", "\xE2\x81\xA6", "\xE2\x81\xA7", "\xE2\x81\xA8",
                                        "\xE2\x81\xA9"};
    unsigned char c = (unsigned char)s.p[0];
    if (c < 0x80)
        return c < 0x20 || c == 0x7F;
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (str_starts(s, str_z(marks[i])))
            return 3;
    return c == 0xC2 && s.n > 1 && (unsigned char)s.p[1] < 0xA0 ? 1 + ((unsigned char)s.p[1] >= 0x80) : 0;
}

static size_t rune(struct str s)
{
    for (size_t n = 1; n <= 4 && n <= s.n; n++)
        if (str_utf8(str_head(s, n)))
            return n;
    return 0;
}

void put_foreign(FILE *to, struct str s)
{
    while (s.n) {
        size_t hidden = obeyed(s), n = hidden ? hidden : rune(s);
        if (hidden || !n)
            fputc('.', to);
        else
            fwrite(s.p, 1, n, to);
        s = str_from(s, n ? n : 1);
    }
}

// Who asked whether all is well and hears no was answered: that is no error.
static void tell_json(const struct err *e)
{
    OWN_BUF struct buf b = buf_make(64 << 10);
    json_open(&b, '{');
    json_key(&b, e->kind == ERR_CHECK ? "finding" : "error");
    json_object(&b, KV("code", err_row(e->kind)->code), KV("message", e->text),
                KV("hint", e->hint[0] ? V(e->hint) : V_NULL));
    json_close(&b, '}');
    fprintf(stderr, "%s\n", buf_z(&b));
}

static void tell(const struct err *e, bool json)
{
    if (json) {
        tell_json(e);
        return;
    }
    put_told(stderr, str_z(e->text));
    fputs(e->hint[0] ? "\nHint: " : "", stderr);
    put_told(stderr, str_z(e->hint));
    fputc('\n', stderr);
}

// Files are the owner's alone, and a descriptor that we open never becomes 0, 1 or 2 by accident.
static void prepare_process(void)
{
    umask(0077);
    // Secrets are plain in memory while they are used, and an assert ends us with abort(): no core file, ever.
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    for (int fd; (fd = open("/dev/null", O_RDWR)) >= 0;)
        if (fd > STDERR_FILENO) {
            close(fd);
            break;
        }
}

// Is what stands behind the program's name a command? "rusuban release", never "rusuban minds" or "rusuban 0.9".
static bool is_command(const struct command *const *tables, struct str rest)
{
    struct str word = str_word(&rest);
    for (; tables && *tables; tables++)
        for (const struct command *row = *tables; row->words; row++) {
            struct str words = str_z(row->words), first = str_word(&words);
            bool whole = word.n == first.n || !str_plain((struct str){word.p + first.n, 1}, "_-");
            if (str_starts(word, first) && whole)
                return true;
        }
    return false;
}

static const struct command *const *the_tables;

void put_told(FILE *to, struct str s)
{
    static const char program[] = "rusuban ";
    const char *name = getenv("RUSUBAN_NAME");
    for (ptrdiff_t at; name && *name && (at = str_find(s, str_z(program))) >= 0;) {
        struct str rest = str_from(s, (size_t)at + sizeof program - 1);
        bool ours = (at == 0 || !str_plain((struct str){s.p + at - 1, 1}, "_-./")) && is_command(the_tables, rest);
        put_foreign(to, str_head(s, (size_t)at));
        put_foreign(to, ours ? str_z(name) : S("rusuban"));
        put_foreign(to, S(" "));
        s = rest;
    }
    put_foreign(to, s);
}

static bool wants_json(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0)
            return true;
    return false;
}

// Whoever read our output has seen enough ("| head"): that is no failure of ours, and we end as programs do that never
// heard of pipes.
static void end_with_reader(void)
{
    struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};
    if (poll(&p, 1, 0) < 1 || !(p.revents & POLLERR))
        return;
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
}

bool call_flush(struct err *e)
{
    // What was more than the buffer failed earlier and left nothing to flush.
    if (fflush(stdout) == 0 && !ferror(stdout))
        return true;
    int why = errno;
    end_with_reader();
    errno = why;
    return err_set(e, ERR_IO, "write to stdout: %m");
}

int command_main(int argc, char **argv, const struct command *const *tables)
{
    OWN_ARENA struct arena a = arena_make(256 << 20);
    struct call c = {.arena = &a, .tables = tables, .program = argc ? argv[0] : "rusuban"};
    struct err e = {0};
    prepare_process();
    the_tables = tables;
    bool ok = run(&c, argc, argv, &e);
    if (ok && call_flush(&e))
        return 0;
    (void)fflush(stdout);                       // what was said before comes first, if anybody reads it
    tell(&e, wants_json(argc, argv));
    return err_row(e.kind)->exit;
}
