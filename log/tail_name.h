// tail_name.h: names of tails that pages follow: POST /log/tail makes one, PUT /live/{stream} asks for it as the topic
// tail:NAME.
//
// A name is a secret of whoever got it, stands for one condition on one dataset, and is kept while a stream follows it
// and a minute longer: a page whose stream broke, or whose browser lets another tab read the stream, goes on with it.
// The same person asking for the same again gets the same name. They are known to the web role alone and end with it.
#pragma once
#include "base/base.h"

enum { TAILS_EACH = 8, TAILS_ALL = 64, TAIL_NAME = 32 };

struct tail_name {
    char name[TAIL_NAME + 1];
    char *person, *dataset, *where;     // person: in whatever words; where: "" = every line
    bool followed;
    int64_t until;                      // tick; while nobody follows it
};

// NULL: ERR_LIMIT. A person's ninth pushes out the oldest that nobody follows.
struct tail_name *tail_name_give(struct str person, struct str dataset, struct str where, struct err *e);
struct tail_name *tail_name_find(struct str name);      // or NULL
void tail_name_follow(struct tail_name *t);
void tail_name_leave(struct tail_name *t);
