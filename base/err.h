// err.h: an error is a sentence, told from the outside in; only the top of the program prints it.
//
//     if (!file_read(a, path, max, &text, e))
//         return err_in(e, "read the site file");
//
// gives "read the site file: open /etc/rusuban/site.yaml: No such file or directory".
// What fails returns false and has filled *e. The kind decides exit code and HTTP status (err_kind_row).
#pragma once
#include "base/def.h"
#include "base/str.h"

enum err_kind {
    ERR_NONE,
    ERR_INPUT,      // somebody gave us something wrong: the text says what, where, and the way out
    ERR_IO,         // this machine: disk, file, memory limits of the system
    ERR_PEER,       // another machine or program did not do its part
    ERR_LIMIT,      // a ceiling of ours was hit
    ERR_LATE,       // a deadline passed
    ERR_NOT_FOUND,  // what somebody named is not there
    ERR_STATE,      // not possible now
    ERR_LOCKED,     // a person's lock forbids it
    ERR_DENIED,     // this person may not
    ERR_SIGNED_OUT, // nobody is known to be asking
    ERR_REFUSED,    // a host knows a higher fence: another server owns it
    ERR_CONFLICT,   // a third hand changed what we were about to change
    ERR_CHECK,      // the work was done and the answer is no
    ERR_BUG,        // ours
};

struct err {
    enum err_kind kind;
    char text[1200];    // one sentence, no newline at the end
    char hint[300];     // the next step, or ""
};

// One row per kind: the API's word for it, its HTTP status, the command line's exit code.
struct err_row {
    const char *code;
    int http, exit;
};
const struct err_row *err_row(enum err_kind kind);

// Each returns false, so that `return err_set(...)` reads well. %m is errno's text as in syslog(3).
bool err_set(struct err *e, enum err_kind kind, const char *format, ...) PRINTF(3, 4);
bool err_in(struct err *e, const char *format, ...) PRINTF(2, 3);      // puts "format: " before the text
bool err_hint(struct err *e, const char *format, ...) PRINTF(2, 3);    // sets the way out
