// command.h: the command line: one table row a verb; parser, help, suggestions and exit codes read the rows.
//
//     static const struct option watch_options[] = {{"yes", NULL, "say yes when the release asks"}, {0}};
//     const struct command release_commands[] = {
//         {"release watch", "SERVICE [NUMBER]", watch_options, "follow a release until it ends",
//          "rusuban release watch web", cmd_watch},
//         {0}};
//
// Every command also takes --site FILE, --data DIR (or RUSUBAN_SITE, RUSUBAN_DATA), --json, --quiet, --no-input,
// --help (or -h). The longest row whose words match wins, so "release web" is the row "release" with SERVICE = web.
// Data goes to stdout, talk to stderr. A command that returns false has filled *e: the top prints it (an error
// object with --json; of ERR_CHECK, where the work was done and the answer is no, it is a "finding") and exits with the kind's code. An unknown word gets the nearest row as a suggestion. A row whose
// help starts with "(inside)" is called by the program itself and stands in no list.
#pragma once
#include "base/base.h"
#include <stdio.h>

struct option {
    const char *name;           // without the dashes
    const char *value;          // what the help calls its value; NULL: a flag; "NAME=VALUE...": it may come several times
    const char *help;
};

// For commands that only ask the API: they can ask another machine's. With --at (or RUSUBAN_AT) c->data is that URL.
#define AT_OPTIONS                                                                                          \
    {"at", "URL", "ask that server, with the token of RUSUBAN_TOKEN or ~/.config/rusuban/token"},            \
    {"insecure-http", NULL, "let --at send the token in the clear"}
extern const struct option at_options[];        // these two alone
// For commands about the data directory of the machine that they run on, which no --at leads away from: while RUSUBAN_AT
// is set they refuse, since whoever set it means another house.
#define HERE_OPTION {"here", NULL, "this machine, though RUSUBAN_AT names another"}
extern const struct option here_options[];      // this one alone

struct call;
struct command {
    const char *words;
    const char *args;           // "SERVICE [REV]"; "WORD..." takes the rest; "" none
    const struct option *options;   // ended by {0}; or NULL
    const char *help, *example;
    bool (*run)(struct call *c, struct err *e);
};

struct call {
    struct arena *arena;
    const struct command *command;
    const struct command *const *tables;    // as given to command_main
    struct strs args;
    const char *program;        // argv[0]
    const char *site, *data;    // absolute paths; data may be an URL for commands with AT_OPTIONS
    bool json, quiet, no_input;
    bool terminal;              // stderr is one (and TERM is not dumb): live progress, colour unless NO_COLOR
    bool colour;
    struct map given;           // options by name
};

const char *call_option(const struct call *c, const char *name);    // NULL when not given
void call_options(const struct call *c, const char *name, struct strs *out);   // of one that came several times
bool call_flag(const struct call *c, const char *name);
struct str call_arg(const struct call *c, size_t i);                // empty when not given

// Who types: behind sudo the person, not root.
struct str call_person(const struct call *c);

// What goes on writing for long looks now and then whether anybody reads. false: stdout takes no more; where that is
// because its reader has gone ("| head"), the program ends here, quietly.
bool call_flush(struct err *e) MUST_USE;

// Text that others wrote (a host, a commit, a notifier), for a person's terminal: what could move its cursor or change
// its colours becomes a dot.
void put_foreign(FILE *to, struct str s);
// The same for a sentence that may name commands: where RUSUBAN_NAME says how the program is called here (a wrapper
// sets it, such as the demo's), "rusuban release ..." becomes what can really be typed.
void put_told(FILE *to, struct str s);

// Help for the rows whose words begin with these words (all rows when there are none): one row in full, or a list.
// ERR_INPUT with a suggestion when no row does.
bool command_help(struct arena *a, const struct command *const *tables, const struct strs *words, bool json,
                  struct buf *out, struct err *e) MUST_USE;
// The row that these words were probably meant to be ("rolback web": "release rollback"); empty when none is near.
struct str command_near(struct arena *a, const struct command *const *tables, const struct strs *words);
extern const struct option command_options[];       // what every command takes

// tables: NULL-ended list of {0}-ended arrays. Returns the exit code.
int command_main(int argc, char **argv, const struct command *const *tables);
