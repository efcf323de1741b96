// keys.h: everything the site file may say, as rows: one row a key, one table a map.
//
// The decoder, the defaults, `site show`, docs/site.md and the suggestions for typos read the same rows, so a key
// is added by adding its row and its member.
//
//     {"keep", KEY_INT, AT(keep), .low = 2, .high = 50, .usual = "5", .help = "finished releases kept on each host"},
//
// Rows of nested maps have offsets into the struct of the map that has a name (service, host, ...), so
// `build: {memory: 2G}` is offsetof(struct service, build.memory).
#pragma once
#include "base/base.h"
#include "site/node.h"
#include "site/reading.h"

enum key_type {
    KEY_TEXT,           // struct str
    KEY_INT,            // int
    KEY_BOOL,           // bool
    KEY_TIME,           // int64_t, milliseconds
    KEY_SIZE,           // int64_t, bytes
    KEY_WORD,           // an enum: the place of the word in `words`
    KEY_LIMIT,          // two ints: percent, count
    KEY_PERCENT,        // int, hundredths of a percent
    KEY_TIMES,          // int, hundredths: how many times as much
    KEY_LIST,           // struct strs
    KEY_COMMAND,        // struct words
    KEY_COMMANDS,       // struct commands
    KEY_MAP,            // keys of `table`, at offsets of the same struct
    KEY_NAMED,          // names of the user's choice, each with the keys of `table`: a vec of structs
    KEY_LATER,          // designed, not built yet: a mistake that says so
};

// Looks at one text. When it is wrong, *e holds what stands behind "key: " and the way out as hint.
typedef bool text_rule(struct str s, struct err *e);

struct key {
    const char *name;
    enum key_type type;
    size_t at;
    int64_t low, high;          // value (int, time, size), bytes (text), entries (lists, names); high 0: no bound
    const char *usual;          // the default as the file would say it; for lists words; NULL: may stay unsaid
    bool must;                  // has no default and is needed
    const char *const *words;   // KEY_WORD: in the order of the enum; KEY_TEXT: nothing else is allowed; NULL-ended
    text_rule *rule;            // of a text, or of each text of a list
    const struct table *table;
    int choice;                 // this key is one of several that exclude each other: what the enum becomes
    unsigned with;              // bits (1 << choice) of the choices beside which it makes sense; 0: any
    const char *help, *example; // of docs/site.md; the example is the value only
};

struct table {
    const char *noun;           // what one of it is called: "host", "restart"
    const struct key *keys;     // ended by {0}, 64 at most
    bool choices;               // exactly one row with a choice is needed; the enum stands at choice_at
    size_t choice_at;
    // KEY_NAMED: one element starts with its name (struct str).
    size_t size;
    size_t place_at;            // of `int line, col`; 0: the struct has none
    text_rule *name_rule;
    const char *brief;          // an element that is one text means this key alone; NULL: it has to be a map
    // What follows from several keys together; called when all keys are read. May be NULL.
    void (*settle)(struct reading *r, const struct node *map, void *at);
};

extern const struct table site_table;

// The row of a name, or NULL.
const struct key *key_find(const struct table *t, struct str name);
// Is this block of keys there at all? One that needs a key, or a choice, is absent while that is empty.
bool table_absent(const struct table *t, const void *at);
