// person.h: people's rows, and the links that invite them. Used by the routes and by the command line on the server.
#pragma once
#include "web/web.h"

enum { PERSON_NAME_MAX = 32, PASSWORD_MIN = 10, INVITE_TEXT = 43, INVITE_HERE_MINUTES = 15, INVITE_HOURS = 72 };

struct person {
    int64_t id;
    struct str name, hash, language, theme;
    enum standing role;
    struct strs services;
    bool single_keys;
    int64_t created, seen, rev;
};

// A small letter, then small letters, digits, - _ and . ; not root.
bool person_name_ok(struct str name, struct err *e);
bool password_ok(struct str name, struct str password, struct err *e);
// ERR_NOT_FOUND with the nearest name.
bool person_find(struct arena *a, struct db *db, struct str name, struct person *out, struct err *e) MUST_USE;
// Names of those who have this right, and for this service; in the order of the alphabet, 1,000 at most.
bool person_with(struct arena *a, struct db *db, enum right right, struct str service, struct strs *out,
                 struct err *e) MUST_USE;
// Is there any yet? Until then the way in is `rusuban admin invite`.
bool person_any(struct db *db, bool *any, struct err *e) MUST_USE;

struct invite {
    struct str name;            // "" = the guest chooses
    enum standing role;
    struct strs services;
    bool here;                  // works from this machine only
    struct str author;
    int64_t expires;
};
// Makes one (an older one for the same name is void) and its text, which has room for INVITE_TEXT bytes and a NUL.
// In a transaction.
bool invite_make(struct db *db, const struct invite *i, char *text, struct err *e) MUST_USE;
// ERR_NOT_FOUND when it is unknown, used or over.
bool invite_find(struct arena *a, struct db *db, struct str text, struct invite *out, struct err *e) MUST_USE;
bool invite_drop(struct db *db, struct str text, struct err *e) MUST_USE;
